/** Keras's Normalization, which is a StandardScaler: `y = (x - mean) / max(sqrt(variance), epsilon)`. */
import { FormatError, OptionError } from '../errors.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import type { DType } from '../tensor.js';
import { type ForeignArray, shapeOf, valuesOf, wholeOf, written } from './foreign.js';
import { channelAxis, channelsAt } from './keras-axes.js';
import { type Given, type KerasLayer, named, wordsOf } from './keras-layer.js';
import { knownOf, scalerOf } from './known-scaler.js';

/** `keras.config.epsilon()`, unless it was set to something else. */
const EPSILON = 1e-7;
/** Its count is an int32. */
const MOST = 2 ** 31 - 1;

interface Learned {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** 0 where the layer does not say. */
  readonly count: number;
}

/** What it was adapted to. */
function adapted(axis: number | null, weights: readonly ForeignArray[]): Learned {
  const arrays = named(weights, ['mean', 'variance', 'count']);
  const shape = axis === null ? [] : shapeOf('mean', arrays.mean, 1);
  return {
    mean: valuesOf('mean', arrays.mean, shape),
    variance: valuesOf('variance', arrays.variance, shape, 0),
    count: wholeOf('count', valuesOf('count', arrays.count, [])[0], 0),
  };
}

/** What it was made with: a number of each feature, or one of all. */
function made(axis: number | null, mean: unknown, variance: unknown, { shape, built }: Given): Learned {
  const [means, variances] = [[mean].flat(), [variance].flat()];
  const [own] = shapeOf('config.mean', { data: means, shape: [means.length] }, 1) as [number];
  const isTold = shape !== undefined || built !== undefined || !Array.isArray(mean);
  const told = axis === null ? 1 : isTold ? channelsAt(axis, shape, built) : own;
  if (own !== told && own !== 1)
    throw new FormatError('config.mean', `one number, or ${told}, one a feature`, mean);
  const spread = (where: string, data: unknown[], least?: number): Float64Array => {
    const values = valuesOf(where, { data: data as number[], shape: [data.length] }, [own], least);
    return own === told ? values : new Float64Array(told).fill(values[0]!);
  };
  return { mean: spread('config.mean', means), variance: spread('config.variance', variances, 0), count: 0 };
}

/** How many values of each feature there were: the caller knows better than the layer. */
function countsOf(given: Given['count'], { count, mean }: Learned): ArrayLike<number> {
  if (given === undefined && count === 0)
    throw new FormatError(
      'options.count',
      'how many values a feature was learned from: this layer, as Keras 3’s adapt leaves it, does not say',
      given,
    );
  const each: ArrayLike<number> =
    typeof given === 'object' && given !== null ? given : Array.from(mean, () => given ?? count);
  if (each.length !== mean.length)
    throw new OptionError('count', `a number, or ${mean.length}, one a feature`, given);
  for (let i = 0; i < each.length; i++) {
    if (!(typeof each[i] === 'number' && each[i]! > 0 && each[i]! <= Number.MAX_SAFE_INTEGER))
      throw new OptionError(`count[${i}]`, 'a number above 0', each[i]);
  }
  return each;
}

/** A constant feature is divided by 1 here, there by epsilon. @throws FormatError naming the feature */
function refuseOtherDivisor(scale: Float64Array, variance: ArrayLike<number>): void {
  const divisor = Array.from(variance, (value) => Math.max(Math.sqrt(value), EPSILON));
  const at = scale.findIndex((value, i) => value !== 1 / divisor[i]!);
  if (at >= 0)
    throw new FormatError(`the divisor of feature ${at}`, `${divisor[at]}, as Keras’s`, 1 / scale[at]!);
}

export function fromNormalization(
  config: unknown,
  weights: readonly ForeignArray[],
  given: Given,
): StandardScaler {
  const words = wordsOf(config, ['axis', 'mean', 'variance']);
  const isNone = words.axis === null || (Array.isArray(words.axis) && words.axis.length === 0);
  const axis = isNone ? null : channelAxis(words.axis);
  const isMade = (words.mean ?? words.variance ?? null) !== null;
  if (isMade) named(weights, []);
  const learned = isMade ? made(axis, words.mean, words.variance, given) : adapted(axis, weights);
  const { mean, variance } = learned;
  const known = { count: countsOf(given.count, learned), mean, variance };
  const scaler = scalerOf('count, mean and variance', known, given.unsaid);
  refuseOtherDivisor(scaler.toAffine().scale, variance);
  return scaler;
}

export function toNormalization(
  scaler: StandardScaler,
  axis: number | null,
  dtype: DType,
): KerasLayer<'Normalization'> {
  const { count, mean, variance, scale } = knownOf('Keras', scaler, { withMean: true });
  refuseOtherDivisor(scale, variance);
  if (axis === null && mean.length > 1)
    throw new FormatError('options.axis', `a whole number, of ${mean.length} features`, axis);
  const shape = axis === null ? [] : [mean.length];
  const values = count[0]!;
  const isSaid = count.every((other) => other === values) && Number.isInteger(values) && values <= MOST;
  return {
    class_name: 'Normalization',
    config: { axis, invert: false },
    weights: [
      written('mean', mean, shape, dtype),
      written('variance', variance, shape, dtype),
      { data: Int32Array.of(isSaid ? values : 0), shape: [] },
    ],
  };
}
