/** A map that knows which of its entries was put there longest ago, in constant time. */

/** Entries are in the order in which they were put; put again, one is the latest. */
export class Recent<K, V> implements Iterable<readonly [K, V]> {
  readonly #map = new Map<K, V>();
  /** Behind all that was asked for as the oldest: a new one would walk over what is no more, each time. */
  #walk: Iterator<[K, V]> = this.#map.entries();
  /** Where the walk stands. */
  #oldest: readonly [K, V] | undefined;
  #latest: K | undefined;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  put(key: K, value: V): void {
    if (this.#latest !== key) {
      this.delete(key);
      this.#latest = key;
    }
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    if (this.#oldest?.[0] === key) this.#oldest = undefined;
    if (this.#latest === key) this.#latest = undefined;
    return this.#map.delete(key);
  }

  oldest(): readonly [K, V] | undefined {
    if (this.#oldest === undefined && this.#map.size > 0) {
      let step = this.#walk.next();
      if (step.done) {
        // A walk that has come to the end stays there.
        this.#walk = this.#map.entries();
        step = this.#walk.next();
      }
      this.#oldest = step.value as [K, V];
    }
    return this.#oldest;
  }

  /** From the oldest to the latest. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#map.entries();
  }
}
