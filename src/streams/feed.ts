/** One iterator: asked for an item at a time, pushed where it belongs, and let go once, unless it ended by itself. */

/** Where what comes goes; what comes after it was let go is nobody's there. */
export interface Sink {
  push(what: 'next' | 'error' | 'complete', value?: unknown): void;
  /** An item that had to be waited for was pushed. */
  arrived(): void;
}

export class Feed<T> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  /** Whether its items are waited for. */
  readonly #awaits: boolean;
  readonly #sink: Sink;
  #isAsked = false;
  #isOver = false;

  constructor(iterator: Iterator<T> | AsyncIterator<T>, awaits: boolean, sink: Sink) {
    this.#iterator = iterator;
    this.#awaits = awaits;
    this.#sink = sink;
  }

  /** Asks for an item, unless one is on its way. @returns whether something came of it at once */
  ask(): boolean {
    if (this.#isAsked || this.#isOver) return false;
    this.#isAsked = true;
    try {
      const result = this.#iterator.next();
      if (!this.#awaits) this.#came(result as IteratorResult<T>);
      else Promise.resolve(result).then(this.#arrived, this.#refused);
    } catch (error) {
      this.#failed(error);
    }
    return !this.#isAsked;
  }

  /**
   * Lets the iterator go, whatever is on its way from it.
   * @returns when that is done; undefined if it was over, or where it may first wait for what is on its way: nobody waits for
   *   that, and an error of it is one that nobody handles
   */
  release(): Promise<unknown> | undefined {
    if (this.#isOver) return undefined;
    this.#isOver = true;
    const released = (async () => this.#iterator.return?.())();
    return this.#isAsked ? undefined : released;
  }

  readonly #arrived = (result: IteratorResult<T>): void => {
    try {
      this.#came(result);
    } catch (error) {
      this.#failed(error); // it was no result
    }
    this.#sink.arrived();
  };

  readonly #refused = (error: unknown): void => {
    this.#failed(error);
    this.#sink.arrived();
  };

  #came(result: IteratorResult<T>): void {
    if (Object(result) !== result) throw new TypeError('what an iterator gave is no result: it is no object');
    const { done, value } = result;
    this.#isAsked = false;
    if (done) this.#isOver = true;
    this.#sink.push(done ? 'complete' : 'next', value);
  }

  #failed(error: unknown): void {
    this.#isAsked = false;
    this.#isOver = true;
    this.#sink.push('error', error);
  }
}
