/** Each feature by its median and the distance of two quantiles, which outliers do not move. */
import { OptionError } from '../errors.js';
import { type Checks, channelCount, numberBetween, settle } from '../options.js';
import { Quantiles, type QuantileWords } from '../stats/quantiles.js';
import { divisorOf } from './divisor.js';
import { savedScaler } from './saved-scaler.js';
import { CENTER, FILLING, SCALE, Scaler, SHIFT } from './scaler.js';
import { commonChecks, flag, type ScalerOptions, type Settled } from './scaler-options.js';

export interface RobustScalerOptions extends ScalerOptions {
  /** The two whose distance is the scale, as fractions; `[0.25, 0.75]`, the interquartile range. */
  readonly quantiles?: readonly [low: number, high: number];
  /** Whether the median is taken off; true. */
  readonly withCentering?: boolean;
  /** Whether values are divided by the distance of the quantiles; true. */
  readonly withScaling?: boolean;
  /** Transformed values end at -clip and clip; by default they do not end. */
  readonly clip?: number;
}

function checkQuantiles(value: unknown = [0.25, 0.75]): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2)
    throw new OptionError('quantiles', 'two fractions from 0 to 1', value);
  const [low, high] = value.map((q, i) => numberBetween(`quantiles[${i}]`, q, 0, 1));
  if (!(low! < high!)) throw new OptionError('quantiles[1]', `more than ${low}`, high);
  return [low!, high!];
}

const checks: Checks<RobustScalerOptions> = {
  ...commonChecks,
  quantiles: checkQuantiles,
  withCentering: flag('withCentering', true),
  withScaling: flag('withScaling', true),
  clip: (value) => (value === undefined ? value : numberBetween('clip', value, 0, Number.MAX_VALUE)),
};

/**
 * Scales each feature by quantiles: `y = (x - median) / (q_high - q_low)`. Neither moves for some outliers, however far out.
 * The same as scikit-learn's to 4096 values a feature; beyond that each quantile is as near as `Quantiles` says. Nothing is
 * ever forgotten. Weights are whole numbers.
 *
 * Where the quantiles are as good as equal (less than 2.2e-15 apart, as scikit-learn has it) values are not divided. Where
 * their distance leaves float64 all values map to what the median does. The centre of a feature is its median; one of which
 * nothing is known stays as it is.
 *
 * Once more has been learned, what is next scaled takes the quantiles anew: learn tensors
 * rather than single rows.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: scikit-learn's `RobustScaler`.
 *
 * @example
 * import { RobustScaler } from 'evenkeel';
 * const scaler = new RobustScaler(1);
 * for (const x of [1, 2, 3, 4, 1e9]) scaler.update([x]);
 * console.log([...scaler.transform([5])]); // [ 1 ]
 * console.log([...scaler.inverse([-0.5])]); // [ 2 ]
 */
export class RobustScaler extends Scaler<Quantiles> {
  readonly #options: Settled<RobustScalerOptions>;

  /** @throws OptionError naming the option that cannot be used */
  constructor(features: number, options: RobustScalerOptions = {}) {
    const statistic = new Quantiles(channelCount('features', features));
    const settled: Settled<RobustScalerOptions> = settle(checks, options);
    const { clip } = settled;
    super({
      kind: 'RobustScaler',
      statistic,
      options: settled,
      bounds: clip === undefined ? undefined : [-clip, clip],
    });
    this.#options = settled;
  }

  /** What has been learned, live: merge another's into it, and it is what `transform` goes by. */
  get sketch(): Quantiles {
    return this.statistic;
  }

  protected override started(): Quantiles {
    return new Quantiles(this.features);
  }

  protected override fit(into: Float64Array): void {
    const { quantiles, withCentering, withScaling } = this.#options;
    const { count } = this.statistic;
    const [low, median, high] = this.statistic.quantiles([quantiles[0], 0.5, quantiles[1]]) as [
      QuantileWords,
      QuantileWords,
      QuantileWords,
    ];
    const { fills, features: c } = this;
    for (let i = 0; i < c; i++) {
      const isKnown = count[i]! > 0;
      const distance = high.values[i]! - low.values[i]! + (high.low[i]! - low.low[i]!);
      const scale = isKnown && withScaling ? 1 / divisorOf(distance) : 1;
      into[i + SCALE * c] = scale;
      // The center is the median's high word; what the low word adds goes into the shift.
      into[i + CENTER * c] = isKnown && withCentering ? median.values[i]! : 0;
      into[i + SHIFT * c] = withCentering ? 0 - median.low[i]! * scale : 0;
      if (fills) into[i + FILLING * c] = isKnown && !withCentering ? median.values[i]! * scale : 0;
    }
  }

  /** @throws StateError if `json` is not the state of a `RobustScaler`, naming what was expected and what came */
  static fromJSON(json: unknown): RobustScaler {
    const saved = savedScaler('RobustScaler', json, checks, Quantiles.fromJSON);
    return new RobustScaler(saved.features, saved.options).restore(saved);
  }
}
