/** To scikit-learn: what a scaler has learned, as a fitted one has it. */
import { FormatError } from '../errors.js';
import { MaxAbsScaler } from '../normalizers/max-abs-scaler.js';
import { MinMaxScaler } from '../normalizers/min-max-scaler.js';
import { RobustScaler, type RobustScalerOptions } from '../normalizers/robust-scaler.js';
import type { Settled } from '../normalizers/scaler-options.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import type { StandardScalerOptions } from '../normalizers/standard-scaler-options.js';
import type { Extrema } from '../stats/extrema.js';
import { optionsOf, refuseFilling, refuseUnfitted } from './expressible.js';
import { knownOf } from './known-scaler.js';
import {
  divisorsOf,
  minMaxOf,
  type SklearnJSON,
  type SklearnName,
  type SklearnNameOf,
  type WritableScalers,
} from './sklearn-scaler.js';

type AnyScaler = WritableScalers[SklearnName];

function standardScaler(scaler: StandardScaler): SklearnJSON<'StandardScaler'> {
  const { withMean, withStd } = optionsOf<Settled<StandardScalerOptions>>(scaler);
  const { count, mean, variance, scale } = knownOf('scikit-learn', scaler, { withMean, withStd });
  const roots = Array.from(variance, Math.sqrt);
  const counts = Array.from(count);
  return {
    class: 'StandardScaler',
    with_mean: withMean,
    with_std: withStd,
    n_features_in_: scaler.features,
    mean_: Array.from(mean),
    var_: withStd ? Array.from(variance) : null,
    scale_: withStd ? roots.map((root, i) => (scale[i] === 1 / root ? root : 1)) : null, // 1: a constant feature
    n_samples_seen_: counts.every((values) => values === counts[0]) ? counts[0]! : counts,
  };
}

/** Rows, also those in which a value is missing. */
const seenBy = ({ rows }: AnyScaler, { count }: Extrema): number => Math.max(rows, ...count);

function minMaxScaler(scaler: MinMaxScaler): SklearnJSON<'MinMaxScaler'> {
  const { range, clip } = optionsOf<{ range: readonly [number, number]; clip: boolean }>(scaler);
  const [min, max] = [[...scaler.extrema.min], [...scaler.extrema.max]];
  return {
    class: 'MinMaxScaler',
    feature_range: [...range],
    clip,
    n_features_in_: scaler.features,
    data_min_: min,
    data_max_: max,
    ...minMaxOf(range, min, max),
    n_samples_seen_: seenBy(scaler, scaler.extrema),
  };
}

function maxAbsScaler(scaler: MaxAbsScaler): SklearnJSON<'MaxAbsScaler'> {
  const { min, max } = scaler.extrema;
  const largest = Array.from(max, (value, i) => Math.max(value, -min[i]!));
  return {
    class: 'MaxAbsScaler',
    n_features_in_: scaler.features,
    max_abs_: largest,
    scale_: divisorsOf(largest),
    n_samples_seen_: seenBy(scaler, scaler.extrema),
  };
}

/** A fraction in percent, without the digits that the product alone would add (0.07). */
const percent = (fraction: number): number => Number((100 * fraction).toPrecision(15));

function robustScaler(scaler: RobustScaler): SklearnJSON<'RobustScaler'> {
  const { quantiles, withCentering, withScaling, clip } = optionsOf<Settled<RobustScalerOptions>>(scaler);
  if (clip !== undefined) throw new FormatError('options.clip', 'undefined for scikit-learn', clip);
  const [low, median, high] = scaler.sketch.quantiles([quantiles[0], 0.5, quantiles[1]]);
  const distance = Array.from(
    high!.values,
    (value, i) => value - low!.values[i]! + (high!.low[i]! - low!.low[i]!),
  );
  return {
    class: 'RobustScaler',
    with_centering: withCentering,
    with_scaling: withScaling,
    quantile_range: quantiles.map(percent),
    unit_variance: false,
    n_features_in_: scaler.features,
    center_: withCentering ? [...median!.values] : null,
    scale_: withScaling ? divisorsOf(distance) : null,
  };
}

function jsonOf(scaler: AnyScaler): SklearnJSON<SklearnName> {
  if (scaler instanceof StandardScaler) return standardScaler(scaler);
  if (scaler instanceof RobustScaler) {
    refuseUnfitted(scaler.sketch.count);
    return robustScaler(scaler);
  }
  refuseUnfitted(scaler.extrema.count);
  return scaler instanceof MinMaxScaler ? minMaxScaler(scaler) : maxAbsScaler(scaler);
}

/**
 * A scaler as a fitted one of scikit-learn's: JSON of its parameters and attributes, with the name of its class. In Python:
 * make one with the parameters, then `setattr` each attribute (a list as `np.array`).
 *
 * | the scaler | scikit-learn |
 * |---|---|
 * | `ddof: 1`, `{ halfLifeRows }`, the `clip` of a StandardScaler or RobustScaler, `missing: 'mean'` | refused |
 * | a feature of which nothing is known | refused: it is not fitted |
 * | what a RobustScaler's quantiles are of | not said: it is read as an `Affine` |
 * | `missing: 'error'` or `'keep'`, `dtype`, and what the mean has beyond a float64 | not said |
 *
 * @throws FormatError naming what scikit-learn cannot say
 * @example
 * import { MaxAbsScaler } from 'evenkeel';
 * import { toSklearn } from 'evenkeel/interop';
 * const scaler = new MaxAbsScaler(1);
 * scaler.update([-4]);
 * console.log(JSON.stringify(toSklearn(scaler))); // {"class":"MaxAbsScaler","n_features_in_":1,"max_abs_":[4],"scale_":[4],"n_samples_seen_":1}
 */
export function toSklearn<S extends AnyScaler>(scaler: S): SklearnJSON<SklearnNameOf<S>> {
  if (![StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler].some((kind) => scaler instanceof kind))
    throw new FormatError('scaler', 'one that scikit-learn has', scaler);
  refuseFilling({ options: scaler }, 'scikit-learn');
  return jsonOf(scaler) as unknown as SklearnJSON<SklearnNameOf<S>>;
}
