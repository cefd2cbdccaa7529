/** What became of keys, and who wants to know of each change: of one set of states, or of several one after the other. */

export interface KeyedStats {
  /** Whose state is in hand, or on its way to the store. */
  readonly keys: number;
  /** That began with nothing (or from the others). */
  readonly created: number;
  /** Times a state came back. */
  readonly restored: number;
  /** Times a state went: to the store, or, where there is none, for good. */
  readonly evicted: number;
  /** Those for good. */
  readonly forgotten: number;
  /** States on their way to the store. */
  readonly writing: number;
  /** Times the store could not be read or written. */
  readonly failed: number;
}

/** What states are there. */
type Present = Pick<KeyedStats, 'keys' | 'writing'>;

export class KeyTally {
  readonly #counts = { created: 0, restored: 0, evicted: 0, forgotten: 0, failed: 0 };
  readonly #watchers = new Set<() => void>();

  count(what: keyof Omit<KeyedStats, keyof Present>): void {
    this.#counts[what]++;
  }

  /** Of all so far, of whom these are there; a fresh object. */
  stats(present: Iterable<Present>): KeyedStats {
    let [keys, writing] = [0, 0];
    for (const states of present) {
      keys += states.keys;
      writing += states.writing;
    }
    return { keys, ...this.#counts, writing };
  }

  /** @returns how to be told no more */
  watch(tell: () => void): () => void {
    const own = (): void => tell(); // who watches twice is told twice
    this.#watchers.add(own);
    return () => this.#watchers.delete(own);
  }

  /** Something did. Next to nothing where nobody watches. */
  changed(): void {
    if (this.#watchers.size > 0) for (const tell of [...this.#watchers]) tell();
  }
}
