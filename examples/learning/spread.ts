/** What several seeds came to. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  const median = (sorted[Math.floor((length - 1) / 2)]! + sorted[Math.floor(length / 2)]!) / 2;
  return { least: sorted[0]!, median, most: sorted.at(-1)! };
}
