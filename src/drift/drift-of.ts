/** How far one statistic has moved from another, feature by feature. */
import { handedOut } from '../block.js';
import { OptionError, ShapeError } from '../errors.js';
import { add } from '../kernels/double-double.js';
import { COUNT, MEAN, MEAN_LOW } from '../kernels/planes.js';
import { variances } from '../kernels/variances.js';
import { Moments, planesOf } from '../stats/moments.js';

/** Three scores a feature, each of shape `[C]`. They go by unbiased variances (ddof 1). */
export interface DriftScores {
  /** How far the mean has moved, in the reference's standard deviations: `(mean - mean₀) / sd₀`. */
  readonly shift: Float64Array;
  /** `ln(variance / variance₀)`: 0 where the spread is the same, ln 4 where it has doubled. */
  readonly logVarianceRatio: Float64Array;
  /**
   * Jeffreys' divergence (in nats) of two Gaussians of these means and variances, from either to the other and back:
   * `½ [v/v₀ + v₀/v - 2 + (mean - mean₀)² (1/v + 1/v₀)]`.
   */
  readonly divergence: Float64Array;
}

/** Where variances are before they are looked at: one for all, as wide as the widest. */
let spare = new Float64Array(0);

/**
 * How far a recent statistic has moved from the one it is compared with.
 *
 * Means are compared in two words each: a shift holds at any offset. Nothing else is subtracted: the divergence is computed
 * as `2 sinh²(r/2) + ½ shift² (1 + e⁻ʳ)`, of the shift and of the log variance ratio r.
 *
 * NaN where too little is known: of fewer values than two (for the shift, `recent` may have one), or of a variance that has
 * left float64. Constant features: all three are 0 where both are constant at the same value. Where the reference is constant
 * and the mean is another, the shift is infinite; where one is constant and the other is not, so is the log ratio (`-Infinity`
 * where it is the recent one); the divergence is infinite in all these.
 *
 * Sources: Kullback & Leibler 1951, doi:10.1214/aoms/1177729694; Jeffreys 1946, doi:10.1098/rspa.1946.0056.
 *
 * @param recent moments of what came last
 * @param reference moments of what they are compared with; neither is changed
 * @throws OptionError if either is no `Moments`, ShapeError if they are of different channels
 * @example
 * import { driftOf, Moments } from 'evenkeel';
 * const before = Moments.from({ count: 100, mean: [20], variance: [4] });
 * const now = Moments.from({ count: 100, mean: [23], variance: [4] });
 * const { shift, logVarianceRatio, divergence } = driftOf(now, before);
 * console.log(shift[0]!.toFixed(2), logVarianceRatio[0], divergence[0]!.toFixed(2)); // 1.49 0 2.23
 */
export function driftOf(recent: Moments, reference: Moments): DriftScores {
  for (const [name, moments] of Object.entries({ recent, reference }))
    if (!(moments instanceof Moments)) throw new OptionError(name, 'Moments', moments);
  const c = reference.channels;
  if (recent.channels !== c)
    throw new ShapeError(`moments of ${c} channels, as the reference`, recent.channels);
  if (spare.length < 2 * c) spare = new Float64Array(2 * c);
  const [now, before] = [planesOf(recent), planesOf(reference)];
  variances(now, c, 1, spare);
  variances(before, c, 1, spare, c);
  const scores = handedOut(3 * c);
  for (let i = 0; i < c; i++) {
    const variance = spare[i]!;
    const variance0 = spare[c + i]!;
    const ratio = logRatio(variance, variance0);
    const isKnown = now[COUNT * c + i]! > 0 && variance0 < Infinity;
    const shift = isKnown ? standardized(difference(now, before, c, i), variance0) : Number.NaN;
    scores[i] = shift;
    scores[c + i] = ratio;
    scores[2 * c + i] = jeffreys(shift, ratio);
  }
  return {
    shift: scores.subarray(0, c),
    logVarianceRatio: scores.subarray(c, 2 * c),
    divergence: scores.subarray(2 * c),
  };
}

/** Of the means of channel i. */
function difference(a: Float64Array, b: Float64Array, c: number, i: number): number {
  const [mean, other] = [a[MEAN * c + i]!, b[MEAN * c + i]!];
  const exact = add(mean, a[MEAN_LOW * c + i]!, -other, -b[MEAN_LOW * c + i]!);
  return Number.isFinite(exact) ? exact : mean - other; // which has left float64
}

/** Without a spread any difference is infinitely many, and none is none. */
const standardized = (difference: number, variance: number): number =>
  difference === 0 ? 0 : difference / Math.sqrt(variance);

/** ln(a / b) of variances; NaN where either is NaN or infinite. */
function logRatio(a: number, b: number): number {
  if (!(a < Infinity && b < Infinity)) return Number.NaN;
  if (a === b) return 0; // both 0, too
  const ratio = a / b;
  if (ratio > 0.5 && ratio < 2) return Math.log1p((a - b) / b); // this difference is exact
  return ratio > 2 ** -1000 && ratio < 2 ** 1000 ? Math.log(ratio) : Math.log(a) - Math.log(b);
}

function jeffreys(shift: number, ratio: number): number {
  const ofSpread = 2 * Math.sinh(ratio / 2) ** 2;
  return shift === 0 ? ofSpread : ofSpread + 0.5 * shift * shift * (1 + Math.exp(-ratio));
}
