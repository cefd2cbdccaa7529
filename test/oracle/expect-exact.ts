/** The bounds Evenkeel promises, as one assertion. */
import { expect } from 'vitest';
import { absoluteError, type ExactMoments, relativeError, ulpError } from './rational.js';

export const MEAN_ULPS = 2;
export const VARIANCE_ERROR = 1e-14;

/**
 * Where values of both signs cancel, the mean may be as small as one likes beside them, and no bounded number of words
 * holds it to its own ulp. Two words hold it to about 2^-100 of the largest value, so: to 2 ulp of the mean, or of 2^-40
 * (a millionth of a millionth) of the largest value if that is more. Below 2^-1010 the low words of products leave float64.
 */
const meanFloor = (largest: number): number => Math.max(largest * 2 ** -40, 2 ** -1010);

/**
 * Values of float32 are summed by fours, and a four is exact where its values are within 2^29 of each other. Else it loses up
 * to 2^-52 of what its values come to, and the mean as much of their root mean square: 2 ulp of that, where it is more.
 */
function narrowFloor({ mean, variance }: ExactMoments): number {
  return variance().plus(mean.times(mean)).sqrt().toNumber();
}

/** Squares below this leave float64; the terms of a sum of 1e5 of them lose no more than this. */
const SQUARES_UNDERFLOW = 2 ** -1050;

/** What is held to the bounds: `Moments`, or the running statistics of a normalizer. */
interface Statistics {
  readonly count: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  variance(ddof?: number): ArrayLike<number>;
}

/**
 * A statistic of one channel holds to the promised bounds; where M2 exceeds float64, its variance is Infinity.
 * @param isNarrow whether it is of batches of float32
 */
export function expectExact(
  moments: Statistics,
  exact: ExactMoments,
  largest: number,
  channel = 0,
  isNarrow = false,
): void {
  const mean = moments.mean[channel]!;
  const least = Math.max(meanFloor(largest), isNarrow ? narrowFloor(exact) : 0);
  expect(ulpError(mean, exact.mean, least), `mean ${mean}, ulp`).toBeLessThanOrEqual(MEAN_ULPS);
  expect(relativeError(moments.count[channel]!, exact.count), 'count').toBeLessThan(2 ** -52);
  const variance = moments.variance()[channel]!;
  const m2 = exact.m2.toNumber();
  if (variance === Infinity) {
    expect(m2, 'M2 of an infinite variance').toBeGreaterThan(Number.MAX_VALUE * (1 - VARIANCE_ERROR));
    return;
  }
  expectVariance(variance, exact, 0);
  if (exact.count.compare(1) > 0) expectVariance(moments.variance(1)[channel]!, exact, 1);
}

function expectVariance(variance: number, exact: ExactMoments, ddof: number): void {
  const expected = exact.variance(ddof);
  if (absoluteError(variance, expected) <= SQUARES_UNDERFLOW) return;
  expect(relativeError(variance, expected), `variance ${variance}`).toBeLessThanOrEqual(VARIANCE_ERROR);
}

export const largestOf = (values: ArrayLike<number>): number =>
  Array.prototype.reduce.call(
    values,
    (most, x) => Math.max(most as number, Math.abs(x as number)),
    0,
  ) as number;
