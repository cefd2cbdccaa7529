/** How often something happened to a feature, over all subscriptions of an operator. */

/** By the name of the feature, or by its index where it has none. */
export type ByFeature<C> = { readonly [feature: string]: C };

export class Tally<K extends string> {
  readonly #names: readonly string[] | undefined;
  readonly #kinds: readonly K[];
  readonly #counts: Record<K, number>[] = [];
  /** What was told last, for as long as nothing is counted. */
  #told: ByFeature<Readonly<Record<K, number>>> | undefined;

  constructor(kinds: readonly K[], names: readonly string[] | undefined) {
    this.#names = names;
    this.#kinds = kinds;
    this.widen(names?.length ?? 0);
  }

  /** There are so many features, or more. */
  widen(columns: number): void {
    while (this.#counts.length < columns)
      this.#counts.push(Object.fromEntries(this.#kinds.map((kind) => [kind, 0])) as Record<K, number>);
    this.#told = undefined;
  }

  count(column: number, kind: K): void {
    this.#counts[column]![kind]++;
    this.#told = undefined;
  }

  /** As it is called in what is told. */
  feature(column: number): string | number {
    return this.#names?.[column] ?? column;
  }

  snapshot(): ByFeature<Readonly<Record<K, number>>> {
    this.#told ??= Object.fromEntries(
      this.#counts.map((counts, column) => [String(this.feature(column)), Object.freeze({ ...counts })]),
    );
    return this.#told;
  }
}
