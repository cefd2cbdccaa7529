/** A map that knows which of its entries was put there longest ago, in constant time. */

interface Link<K, V> {
  readonly key: K;
  value: V;
  older: Link<K, V> | undefined;
  newer: Link<K, V> | undefined;
}

/**
 * Entries are in the order in which they were put; put again, one is the latest. (A `Map` keeps such an order too, but to
 * delete and set again what is used fills it with what is no more: several times the bytes.)
 */
export class Recent<K, V> {
  readonly #links = new Map<K, Link<K, V>>();
  #oldest: Link<K, V> | undefined;
  #latest: Link<K, V> | undefined;

  get size(): number {
    return this.#links.size;
  }

  get(key: K): V | undefined {
    return this.#links.get(key)?.value;
  }

  put(key: K, value: V): void {
    let link = this.#links.get(key);
    if (link === undefined) {
      link = { key, value, older: undefined, newer: undefined };
      this.#links.set(key, link);
    } else {
      link.value = value;
      if (link === this.#latest) return;
      this.#unlink(link);
    }
    link.older = this.#latest;
    link.newer = undefined;
    if (this.#latest) this.#latest.newer = link;
    else this.#oldest = link;
    this.#latest = link;
  }

  delete(key: K): void {
    const link = this.#links.get(key);
    if (link === undefined) return;
    this.#links.delete(key);
    this.#unlink(link);
  }

  oldest(): readonly [K, V] | undefined {
    return this.#oldest && [this.#oldest.key, this.#oldest.value];
  }

  /** From the oldest to the latest. */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (let link = this.#oldest; link; link = link.newer) yield [link.key, link.value];
  }

  #unlink({ older, newer }: Link<K, V>): void {
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#latest = older;
  }
}
