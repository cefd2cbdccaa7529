/** What became of items, each as a whole: over all subscriptions of an operator. */

/** `items = emitted + withheld + invalid + dropped + waiting`, always. A batch is one item. */
export interface ItemStats {
  /** That came. */
  readonly items: number;
  readonly emitted: number;
  /** Not emitted, as they are within the warm-up. */
  readonly withheld: number;
  /** Could not be used, or not be read. */
  readonly invalid: number;
  /** Were left out: no more could wait, their key's state could not be had, or their subscription had been given up. */
  readonly dropped: number;
  /** Wait for their key's state. */
  readonly waiting: number;
}

type Fate = keyof Omit<ItemStats, 'items'>;

/** An item has a fate as soon as it is there, which may change: so they add up whenever they are looked at. */
export class ItemCounts {
  readonly #counts = { items: 0, emitted: 0, withheld: 0, invalid: 0, dropped: 0, waiting: 0 };

  /** A fresh object. */
  get stats(): ItemStats {
    return { ...this.#counts };
  }

  came(fate: Fate): void {
    this.#counts.items++;
    this.#counts[fate]++;
  }

  move(from: Fate, to: Fate, items = 1): void {
    this.#counts[from] -= items;
    this.#counts[to] += items;
  }
}
