/** Each feature to mean 0 and variance 1, by all that has been learned of it. */

import { COUNT, MEAN, MEAN_LOW } from '../kernels/planes.js';
import { channelCount } from '../options.js';
import type { Pool } from '../running/running.js';
import { startPool } from '../running/running-mode.js';
import { type Moments, planesOf } from '../stats/moments.js';
import { savedScaler } from './saved-scaler.js';
import { CENTER, FILLING, SCALE, Scaler, SHIFT } from './scaler.js';
import type { Settled } from './scaler-options.js';
import {
  type StandardScalerOptions,
  standardScalerChecks,
  standardScalerOptions,
} from './standard-scaler-options.js';

/** Not scikit-learn's `_is_constant_feature`: n values whose spread is no more than what rounding their sum may leave. */
const hasSpread = (n: number, mean: number, variance: number): boolean =>
  variance > n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2;

/** Where variances are before they are looked at, and the biased ones: one of each for all, as wide as the last ones. */
let spare = { variance: new Float64Array(0), biased: new Float64Array(0) };

/**
 * Standardizes each feature: `y = (x - mean) / sqrt(variance)`, by the statistics of every row learned, or with a half-life
 * or a window of the recent ones. Nothing is added to the variance.
 *
 * A constant feature is only centred (scale 1). The test is scikit-learn's, literally:
 * `variance <= n * eps * variance + (n * mean * eps)²`, with eps = 2⁻⁵², the biased variance, and n the count (the sum of
 * the weights). It depends on n: at an offset of 1e9 times its standard deviation a feature is scaled up to about four
 * million rows, and is only centred from then on. (scikit-learn needs the margin, having that little left of the variance
 * by then; here the variance itself would hold.) So is a feature whose variance leaves float64, and one with no more values
 * than `ddof`; one of which nothing is known stays as it is.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: scikit-learn's `StandardScaler`.
 *
 * @example
 * import { StandardScaler } from 'evenkeel';
 * const scaler = new StandardScaler(2);
 * scaler.update([1, 100]);
 * scaler.update([3, 300]);
 * console.log([...scaler.transform([4, 200])]); // [ 2, 0 ]
 * console.log([...scaler.inverse([2, 0])]); // [ 4, 200 ]
 * console.log([...scaler.moments.mean]); // [ 2, 200 ]
 */
export class StandardScaler extends Scaler<Pool> {
  readonly #options: Settled<StandardScalerOptions>;

  /** @throws OptionError naming the option that cannot be used */
  constructor(features: number, options: StandardScalerOptions = {}) {
    const settled = standardScalerOptions(options);
    const { running, ddof, clip } = settled;
    super({
      kind: 'StandardScaler',
      statistic: startPool(running, channelCount('features', features), ddof),
      options: settled,
      bounds: clip === undefined ? undefined : [-clip, clip],
    });
    this.#options = settled;
  }

  /**
   * The statistics learned, live: merge another's into them, and they are what `transform` goes by. With a half-life, what
   * is merged is as recent as the last row. Those of a window are brought up to date when they are asked for, and to be read:
   * `merge` another scaler instead.
   */
  get moments(): Moments {
    return this.statistic.moments;
  }

  protected override started(): Pool {
    const { running, ddof } = this.#options;
    return startPool(running, this.features, ddof);
  }

  protected override fit(into: Float64Array): void {
    const { withMean, withStd, ddof } = this.#options;
    const { moments } = this.statistic;
    const { fills, features: c } = this;
    if (spare.variance.length !== c) spare = { variance: new Float64Array(c), biased: new Float64Array(c) };
    const variance = this.statistic.variance(spare.variance);
    const biased = ddof === 0 ? variance : moments.variance(0, spare.biased);
    const learned = planesOf(moments);
    // Where planes start: sums for the loop, which runs for every row, and not products.
    const [counts, means, meanLows] = [COUNT * c, MEAN * c, MEAN_LOW * c] as const;
    const [center, scale, shift, filling] = [CENTER * c, SCALE * c, SHIFT * c, FILLING * c] as const;
    for (let i = 0; i < c; i++) {
      const m = learned[means + i]!;
      const isKnown = variance[i]! > 0 && variance[i]! < Infinity; // of weights near 0 only the biased one may be
      const isScaled = withStd && isKnown && hasSpread(learned[counts + i]!, m, biased[i]!);
      const s = isScaled ? 1 / Math.sqrt(variance[i]!) : 1;
      // The center is the mean's high word; what the low word adds goes into the shift.
      into[center + i] = withMean ? m : 0;
      into[scale + i] = s;
      into[shift + i] = withMean ? -learned[meanLows + i]! * s : 0;
      if (fills) into[filling + i] = withMean ? 0 : m * s;
    }
  }

  /** @throws StateError if `json` is not the state of a `StandardScaler`, naming what was expected and what came */
  static fromJSON(json: unknown): StandardScaler {
    const saved = savedScaler('StandardScaler', json, standardScalerChecks, (statistic, features, options) =>
      startPool(options.running, features, options.ddof, statistic),
    );
    return new StandardScaler(saved.features, saved.options).restore(saved);
  }
}
