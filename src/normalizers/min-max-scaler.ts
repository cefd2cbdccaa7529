/** Each feature's range mapped to a given one. */
import { OptionError } from '../errors.js';
import { type Checks, channelCount, numberBetween, settle } from '../options.js';
import { Extrema } from '../stats/extrema.js';
import { divisorOf } from './divisor.js';
import { savedScaler } from './saved-scaler.js';
import { CENTER, FILLING, SCALE, Scaler, SHIFT } from './scaler.js';
import { commonChecks, flag, type ScalerOptions, type Settled } from './scaler-options.js';

export interface MinMaxScalerOptions extends ScalerOptions {
  /** What the least and the greatest value learned map to, from -1e100 to 1e100; `[0, 1]`. */
  readonly range?: readonly [least: number, most: number];
  /** Whether values beyond those learned end at the range; false. */
  readonly clip?: boolean;
}

/** Far beyond any use, and small enough that no scale overflows. */
const LARGEST = 1e100;

function checkRange(value: unknown = [0, 1]): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) throw new OptionError('range', 'two numbers', value);
  const [least, most] = value.map((end, i) => numberBetween(`range[${i}]`, end, -LARGEST, LARGEST));
  if (!(least! < most!)) throw new OptionError('range[1]', `more than ${least}`, most);
  return [least!, most!];
}

const checks: Checks<MinMaxScalerOptions> = {
  ...commonChecks,
  range: checkRange,
  clip: flag('clip', false),
};

/**
 * Maps each feature's range to a given one: `y = (x - min) / (max - min) * (b - a) + a`, for the option `range` [a, b].
 * Learned extremes are exact, and are never forgotten.
 *
 * A constant feature (max - min below 2.2e-15, as scikit-learn has it) maps to a; its values are not divided. So does one
 * whose range leaves float64. The centre of a feature is the middle of its range.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: scikit-learn's `MinMaxScaler`.
 *
 * @example
 * import { MinMaxScaler } from 'evenkeel';
 * const scaler = new MinMaxScaler(2);
 * scaler.update([10, -1]);
 * scaler.update([30, 1]);
 * console.log([...scaler.transform([15, 0])]); // [ 0.25, 0.5 ]
 * console.log([...scaler.inverse([0.25, 0.5])]); // [ 15, 0 ]
 */
export class MinMaxScaler extends Scaler<Extrema> {
  readonly #range: readonly [number, number];

  /** @throws OptionError naming the option that cannot be used */
  constructor(features: number, options: MinMaxScalerOptions = {}) {
    const statistic = new Extrema(channelCount('features', features));
    const settled: Settled<MinMaxScalerOptions> = settle(checks, options);
    super({
      kind: 'MinMaxScaler',
      statistic,
      options: settled,
      bounds: settled.clip ? settled.range : undefined,
    });
    this.#range = settled.range;
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
    const [least, most] = this.#range;
    const { fills, features: c } = this;
    for (let i = 0; i < c; i++) {
      const width = count[i] === 0 ? 0 : max[i]! - min[i]!;
      const scale = (most - least) / divisorOf(width);
      into[i + CENTER * c] = count[i] === 0 ? 0 : min[i]!;
      into[i + SCALE * c] = scale;
      into[i + SHIFT * c] = least;
      if (fills) into[i + FILLING * c] = scale === 0 ? least : (width / 2) * scale + least;
    }
  }

  /** @throws StateError if `json` is not the state of a `MinMaxScaler`, naming what was expected and what came */
  static fromJSON(json: unknown): MinMaxScaler {
    const saved = savedScaler('MinMaxScaler', json, checks, Extrema.fromJSON);
    return new MinMaxScaler(saved.features, saved.options).restore(saved);
  }
}
