/** How often something happened to a feature, over all subscriptions of an operator. */

/** By the name of the feature, or by its index where it has none. */
export type ByFeature<C> = { readonly [feature: string]: C };

export class Tally<K extends string> {
  readonly #names: readonly string[] | undefined;
  readonly #kinds: readonly K[];
  readonly #counts: Record<K, number>[] = [];

  constructor(kinds: readonly K[], names: readonly string[] | undefined) {
    this.#names = names;
    this.#kinds = kinds;
    this.widen(names?.length ?? 0);
  }

  /** There are so many features, or more. */
  widen(columns: number): void {
    while (this.#counts.length < columns)
      this.#counts.push(Object.fromEntries(this.#kinds.map((kind) => [kind, 0])) as Record<K, number>);
  }

  count(column: number, kind: K): void {
    this.#counts[column]![kind]++;
  }

  /** As it is called in what is told. */
  feature(column: number): string | number {
    return this.#names?.[column] ?? column;
  }

  snapshot(): ByFeature<Readonly<Record<K, number>>> {
    return Object.fromEntries(
      this.#counts.map((counts, column) => [String(this.feature(column)), { ...counts }]),
    );
  }
}
