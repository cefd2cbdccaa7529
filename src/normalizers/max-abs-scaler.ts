/** Each feature divided by its largest magnitude. */
import { channelCount, settle } from '../options.js';
import { Extrema } from '../stats/extrema.js';
import { divisorOf } from './divisor.js';
import { savedScaler } from './saved-scaler.js';
import { SCALE, Scaler } from './scaler.js';
import { commonChecks, type ScalerOptions } from './scaler-options.js';

export type MaxAbsScalerOptions = ScalerOptions;

/**
 * Divides each feature by the largest magnitude learned of it, `y = x / max |x|`: from -1 to 1, and a zero stays zero, so
 * that sparse data stays sparse. Learned extremes are exact, and are never forgotten.
 *
 * A feature that is nothing but zeros (below 2.2e-15, as scikit-learn has it) is not divided. The centre of a feature is 0.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: scikit-learn's `MaxAbsScaler`.
 *
 * @example
 * import { MaxAbsScaler } from 'evenkeel';
 * const scaler = new MaxAbsScaler(2);
 * scaler.update([-8, 0]);
 * scaler.update([4, 0.5]);
 * console.log([...scaler.transform([6, 0.25])]); // [ 0.75, 0.5 ]
 * console.log([...scaler.inverse([0.75, 0.5])]); // [ 6, 0.25 ]
 */
export class MaxAbsScaler extends Scaler<Extrema> {
  /** @throws OptionError naming the option that cannot be used */
  constructor(features: number, options: MaxAbsScalerOptions = {}) {
    const statistic = new Extrema(channelCount('features', features));
    super({ kind: 'MaxAbsScaler', statistic, options: settle(commonChecks, options) });
  }

  /** The extremes learned, live: merge another's into them. */
  get extrema(): Extrema {
    return this.statistic;
  }

  protected override started(): Extrema {
    return new Extrema(this.features);
  }

  protected override fit(into: Float64Array): void {
    const { count, min, max } = this.statistic;
    for (let i = 0; i < this.features; i++)
      into[SCALE * this.features + i] = 1 / divisorOf(count[i] === 0 ? 0 : Math.max(-min[i]!, max[i]!));
  }

  /** @throws StateError if `json` is not the state of a `MaxAbsScaler`, naming what was expected and what came */
  static fromJSON(json: unknown): MaxAbsScaler {
    const saved = savedScaler('MaxAbsScaler', json, commonChecks, Extrema.fromJSON);
    return new MaxAbsScaler(saved.features, saved.options).restore(saved);
  }
}
