/** The middle of some values, and where their middle half lies. */

export interface Quartiles {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** By linear interpolation between neighbours, as numpy's quantiles. */
export function quartiles(values: readonly number[]): Quartiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => {
    const place = q * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
