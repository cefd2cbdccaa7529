/** Which of some values lie where most of them do. */

/** How many standard deviations from the mean nine tenths of a normal distribution stay within. */
const NINE_TENTHS = 1.6448536269514722;

/**
 * The values no more than `sd` standard deviations from their median, by the deviation that nine tenths of them stay within;
 * those stay in any case. So a tenth (rounded down) may be of any size: they move the cut only within what the rest span.
 *
 * The median absolute deviation (MAD) would bear almost half, but takes what a feature is in a third of the time (a machine
 * that is on) for spikes, and a third of small samples too.
 *
 * Sources: deviations from the median as Hampel 1974, doi:10.1080/01621459.1974.10482962, at another quantile.
 */
export function nearMedian(values: readonly number[], sd: number): number[] {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[half]! : sorted[half - 1]! / 2 + sorted[half]! / 2;
  const deviations = Float64Array.from(values, (value) => Math.abs(value - median)).sort();
  const most = deviations.at(-1 - Math.floor(values.length / 10))!;
  const far = Math.max(1, sd / NINE_TENTHS) * most;
  return values.filter((value) => Math.abs(value - median) <= far);
}
