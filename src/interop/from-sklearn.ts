/** From scikit-learn: what a fitted scaler has learned. */
import { Affine } from '../affine.js';
import { FormatError } from '../errors.js';
import { MaxAbsScaler } from '../normalizers/max-abs-scaler.js';
import { MinMaxScaler } from '../normalizers/min-max-scaler.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import { knownOptions } from '../options.js';
import { Extrema } from '../stats/extrema.js';
import type { Unsaid } from './expressible.js';
import { choiceOf, nameOf, numberOf, recordOf, valuesOf, wholeOf } from './foreign.js';
import { scalerOf } from './known-scaler.js';
import {
  divisorsOf,
  minMaxOf,
  type SklearnJSON,
  type SklearnName,
  type SklearnScalers,
} from './sklearn-scaler.js';

const common = ['class', 'copy', 'n_features_in_', 'feature_names_in_', 'n_samples_seen_', 'scale_'] as const;
type Common = Partial<Record<(typeof common)[number], unknown>>;

/** One number a feature: as many as there are features, or as the list has. */
function listOf(where: string, list: unknown, { n_features_in_: claimed }: Common, least?: number): number[] {
  if (!Array.isArray(list) || list.length === 0)
    throw new FormatError(where, 'a list of a number a feature', list);
  const features = claimed === undefined ? list.length : wholeOf('n_features_in_', claimed, 1);
  return Array.from(valuesOf(where, { data: list, shape: [list.length] }, [features], least));
}

/** scale_ follows from the rest; at odds with it, one of them is not what was fitted. (Of float32 data it is a float32.) */
function checkScale(given: Common, derived: ArrayLike<number>): void {
  if (given.scale_ === undefined) return;
  const scale = listOf('scale_', given.scale_, { n_features_in_: derived.length });
  const at = scale.findIndex((value, i) => !(Math.abs(value - derived[i]!) <= 1e-5 * derived[i]!));
  if (at >= 0) throw new FormatError(`scale_[${at}]`, `${derived[at]}, as the rest has it`, scale[at]);
}

function standardScaler(json: object, unsaid: Unsaid): StandardScaler {
  const given = recordOf('json', json, [...common, 'with_mean', 'with_std', 'mean_', 'var_']);
  const withMean = choiceOf('with_mean', given.with_mean, [true, false]);
  const withStd = choiceOf('with_std', given.with_std, [true, false]);
  const mean = listOf('mean_', given.mean_, given);
  const features = { n_features_in_: mean.length };
  if (!withStd) for (const name of ['var_', 'scale_'] as const) choiceOf(name, given[name] ?? null, [null]);
  const variance = withStd ? listOf('var_', given.var_, features, 0) : mean.map(() => Infinity); // unknown
  const seen = given.n_samples_seen_;
  const count = Array.isArray(seen)
    ? listOf('n_samples_seen_', seen, features, Number.MIN_VALUE)
    : mean.map(() => numberOf('n_samples_seen_', seen, undefined, Number.MIN_VALUE));
  const known = { count, mean, variance };
  const scaler = scalerOf('n_samples_seen_, mean_ and var_', known, { ...unsaid, withMean, withStd });
  const divisors = scaler.toAffine().scale.map((scale) => 1 / scale);
  if (withStd) checkScale(given, divisors);
  return scaler;
}

/** The extremes of so many rows. */
function extremaOf(
  min: readonly number[],
  max: readonly number[],
  { n_samples_seen_: seen }: Common,
): Extrema {
  const at = min.findIndex((least, i) => least > max[i]!);
  if (at >= 0) throw new FormatError(`data_max_[${at}]`, `${min[at]} or more`, max[at]);
  const n = wholeOf('n_samples_seen_', seen, 1);
  const json = { kind: 'Extrema', version: 1, channels: min.length, count: min.map(() => n), min, max };
  return Extrema.fromJSON(json);
}

function minMaxScaler(json: object, unsaid: Unsaid): MinMaxScaler {
  const given = recordOf('json', json, [
    ...common,
    'feature_range',
    'clip',
    'data_min_',
    'data_max_',
    'data_range_',
    'min_',
  ]);
  const [least, most] = listOf('feature_range', given.feature_range ?? [0, 1], { n_features_in_: 2 });
  if (!(least! < most! && Math.max(-least!, most!) <= 1e100))
    throw new FormatError('feature_range', 'two numbers, the lesser first', given.feature_range);
  const min = listOf('data_min_', given.data_min_, given);
  const max = listOf('data_max_', given.data_max_, { n_features_in_: min.length });
  const range = [least!, most!] as const;
  const clip = choiceOf('clip', given.clip, [false, true]);
  const scaler = new MinMaxScaler(min.length, { ...unsaid, range, clip });
  scaler.extrema.merge(extremaOf(min, max, given));
  checkScale(given, minMaxOf(range, min, max).scale_);
  return scaler;
}

function maxAbsScaler(json: object, unsaid: Unsaid): MaxAbsScaler {
  const given = recordOf('json', json, [...common, 'max_abs_']);
  const max = listOf('max_abs_', given.max_abs_, given, 0);
  const scaler = new MaxAbsScaler(max.length, unsaid);
  // Of which sign the largest was is not known, and makes no difference.
  scaler.extrema.merge(
    extremaOf(
      max.map((value) => -value),
      max,
      given,
    ),
  );
  checkScale(given, divisorsOf(max));
  return scaler;
}

function robustScaler(json: object): Affine {
  const given = recordOf('json', json, [
    ...common,
    'with_centering',
    'with_scaling',
    'quantile_range',
    'unit_variance',
    'center_',
  ]);
  const known = given.center_ ?? given.scale_;
  const ones = listOf('center_ or scale_', known, given).map(() => 1);
  const features = { n_features_in_: ones.length };
  const centered = choiceOf('with_centering', given.with_centering, [true, false]);
  const scaled = choiceOf('with_scaling', given.with_scaling, [true, false]);
  const center = centered ? listOf('center_', given.center_, features) : ones.map(() => 0);
  const divisor = scaled ? listOf('scale_', given.scale_, features, Number.MIN_VALUE) : ones;
  const at = divisor.findIndex((value) => 1 / value === Infinity);
  if (at >= 0) throw new FormatError(`scale_[${at}]`, 'such that one over it is finite', divisor[at]);
  const scale = Float64Array.from(divisor, (value) => 1 / value);
  return new Affine(scale, new Float64Array(scale.length), Float64Array.from(center));
}

const readers: { readonly [K in SklearnName]: (json: object, unsaid: Unsaid) => SklearnScalers[K] } = {
  StandardScaler: standardScaler,
  MinMaxScaler: minMaxScaler,
  MaxAbsScaler: maxAbsScaler,
  RobustScaler: robustScaler,
};

/**
 * A scaler from a fitted one of scikit-learn's: its parameters and attributes, by scikit-learn's names, with the name of its
 * class. In Python: `json.dumps({"class": type(s).__name__, **vars(s)}, default=lambda a: a.tolist())`. It goes on learning
 * as `partial_fit` does.
 *
 * A RobustScaler's quantiles do not tell what they are of, so it comes as an `Affine`, which learns nothing. (`n_samples_seen_`,
 * of a MinMaxScaler, counts rows with missing values too.)
 *
 * Missing values are kept, as there, unless `missing` says otherwise. Without `with_std` scikit-learn knows no variance: it is
 * infinite here, for good.
 *
 * @throws FormatError at what is no such scaler, or at odds with itself; OptionError
 * @example
 * import { fromSklearn } from 'evenkeel/interop';
 * const scaler = fromSklearn({ class: 'StandardScaler', mean_: [20], var_: [25], n_samples_seen_: 100 });
 * console.log(scaler.transform([30])); // Float64Array(1) [ 2 ]
 */
export function fromSklearn<K extends SklearnName>(
  json: SklearnJSON<K>,
  options: Unsaid = {},
): SklearnScalers[K] {
  const { dtype, missing = 'keep' } = knownOptions('options', options, ['dtype', 'missing']);
  const { class: name } = Object(json) as { class: unknown };
  const read = readers[nameOf('class', name, Object.keys(readers) as K[])];
  return read(json, { missing, ...(dtype === undefined ? {} : { dtype }) });
}
