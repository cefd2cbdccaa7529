/** Items from hand to hand: who gives one waits until it is taken. What was opened again goes on where it was. */
interface Offer<T> {
  readonly result: IteratorResult<T, undefined>;
  taken(): void;
  refused(reason: unknown): void;
}

export class Handoff<T> implements AsyncIterableIterator<T, undefined> {
  #ask: ((result: IteratorResult<T, undefined>) => void) | undefined;
  #offer: Offer<T> | undefined;
  #isOver = false;

  /** Whether the end was taken. */
  get isOver(): boolean {
    return this.#isOver;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      this.#ask = resolve;
      this.#pass();
    });
  }

  /** One at a time. @returns when it was taken; rejected where it is refused */
  give(result: IteratorResult<T, undefined>): Promise<void> {
    return new Promise((taken, refused) => {
      this.#offer = { result, taken, refused };
      this.#pass();
    });
  }

  /** What is on offer is not taken any more. */
  refuse(reason: unknown): void {
    this.#offer?.refused(reason);
    this.#offer = undefined;
  }

  #pass(): void {
    const [ask, offer] = [this.#ask, this.#offer];
    if (!ask || !offer) return;
    this.#ask = undefined;
    this.#offer = undefined;
    this.#isOver = offer.result.done === true;
    ask(offer.result);
    offer.taken();
  }
}
