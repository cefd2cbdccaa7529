/** A source that counts what is asked of it, and gives when it is told to. */
export class Counted<T> implements AsyncIterable<T> {
  opened = 0;
  pulls = 0;
  returns = 0;
  readonly #next: (pull: number) => IteratorResult<T> | Promise<IteratorResult<T>>;

  /** @param next what comes of the pull-th pull, from 0 */
  constructor(next: (pull: number) => IteratorResult<T> | Promise<IteratorResult<T>>) {
    this.#next = next;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    this.opened++;
    return {
      next: async () => this.#next(this.pulls++),
      return: async () => {
        this.returns++;
        return { done: true, value: undefined };
      },
    };
  }
}

export const item = <T>(value: T): IteratorResult<T> => ({ done: false, value });
export const end = { done: true, value: undefined } as const;

/** 0, 1, 2, … without end, or so many. */
export const numbers = (count = Infinity): Counted<number> =>
  new Counted((pull) => (pull < count ? item(pull) : end));

/** Never gives anything. */
export const silent = (): Counted<number> => new Counted(() => new Promise(() => {}));

/** Long enough for all that is not waiting for anything but promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** All that an iterable gives, and the error it ends with. */
export async function gathered<T>(items: AsyncIterable<T>): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    for await (const x of items) all.push(x);
  } catch (error) {
    all.push(error);
  }
  return all;
}
