/** From Keras: a layer's config and weights. */
import { FormatError, OptionError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import type { Norm } from '../normalizers/norm.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { knownOptions } from '../options.js';
import { complement } from './complement.js';
import type { Unsaid } from './expressible.js';
import {
  choiceOf,
  type ForeignArray,
  nameOf,
  numberOf,
  recordOf,
  shapeOf,
  valuesOf,
  wholeOf,
} from './foreign.js';
import { channelAxis, channelsAt, inputShapeOf, trailingShape } from './keras-axes.js';
import {
  type ForeignLayer,
  foreignKeys,
  type Given,
  type KerasName,
  type KerasNorms,
  named,
  wordsOf,
} from './keras-layer.js';
import { fromNormalization } from './keras-normalization.js';

export interface FromKerasOptions extends Unsaid {
  /** Of a layer without weights (`center` and `scale` false), which does not say: the sizes of the axes it is for. */
  readonly shape?: number | readonly number[];
  /**
   * How many values a feature a Normalization was adapted to: one number, or one a feature. By default the layer's own count,
   * which Keras 3 leaves at 0; then it has to be given.
   */
  readonly count?: number | ArrayLike<number>;
}

type Weights = readonly ForeignArray[];

/** Center and scale: whether there is a beta, and a gamma. */
function flags(center: unknown, scale: unknown): { center: boolean; scale: boolean; affine: boolean } {
  const flags = {
    center: choiceOf('config.center', center, [true, false]),
    scale: choiceOf('config.scale', scale, [true, false]),
  };
  return { ...flags, affine: flags.center || flags.scale };
}

/** Takes over the weights there are. */
function setParameters(
  norm: Norm,
  { gamma, beta }: { gamma?: ForeignArray; beta?: ForeignArray },
  shape: readonly number[],
): void {
  if (gamma) norm.gamma.set(valuesOf('gamma', gamma, shape));
  if (beta) norm.beta.set(valuesOf('beta', beta, shape));
}

function batchNorm(config: unknown, weights: Weights, { unsaid }: Given): BatchNorm {
  const words = wordsOf(config, ['axis', 'momentum', 'epsilon', 'center', 'scale']);
  channelAxis(words.axis);
  const { center, scale, affine } = flags(words.center, words.scale);
  const arrays = named(weights, [scale && 'gamma', center && 'beta', 'moving_mean', 'moving_variance']);
  const shape = shapeOf('moving_mean', arrays.moving_mean, 1);
  const momentum = numberOf('config.momentum', words.momentum, 0.99, 0, 1);
  const norm = new BatchNorm(shape[0]!, {
    ...unsaid,
    eps: numberOf('config.epsilon', words.epsilon, 1e-3),
    affine,
    running: { momentum: complement(momentum) },
    runningDdof: 0,
    minValues: 1,
  });
  setParameters(norm, arrays, shape);
  norm.setRunning({
    mean: valuesOf('moving_mean', arrays.moving_mean, shape),
    variance: valuesOf('moving_variance', arrays.moving_variance, shape, 0),
  });
  return norm;
}

function layerNorm(config: unknown, weights: Weights, given: Given): LayerNorm {
  const words = wordsOf(config, ['axis', 'epsilon', 'center', 'scale']);
  const { center, scale, affine } = flags(words.center, words.scale);
  const arrays = named(weights, [scale && 'gamma', center && 'beta']);
  const shape = trailingShape('weights[0]', weights[0], words.axis, given);
  const norm = new LayerNorm(shape, {
    ...given.unsaid,
    eps: numberOf('config.epsilon', words.epsilon, 1e-3),
    affine,
  });
  setParameters(norm, arrays, shape);
  return norm;
}

function rmsNorm(config: unknown, weights: Weights, given: Given): RMSNorm {
  const words = wordsOf(config, ['axis', 'epsilon']);
  const { scale } = named(weights, ['scale']);
  const shape = trailingShape('scale', scale, words.axis, given);
  const norm = new RMSNorm(shape, { ...given.unsaid, eps: numberOf('config.epsilon', words.epsilon, 1e-6) });
  norm.gamma.set(valuesOf('scale', scale, shape));
  return norm;
}

function groupNorm(config: unknown, weights: Weights, { unsaid, shape, built }: Given): GroupNorm {
  const words = wordsOf(config, ['axis', 'epsilon', 'center', 'scale', 'groups']);
  const axis = channelAxis(words.axis);
  const { center, scale, affine } = flags(words.center, words.scale);
  const arrays = named(weights, [scale && 'gamma', center && 'beta']);
  const channels = affine ? shapeOf('weights[0]', weights[0], 1)[0]! : channelsAt(axis, shape, built);
  const groups = words.groups === -1 ? channels : wholeOf('config.groups', words.groups ?? 32, 1);
  if (channels % groups !== 0)
    throw new FormatError('config.groups', `a divisor of ${channels} channels`, groups);
  const eps = numberOf('config.epsilon', words.epsilon, 1e-3);
  const norm = new GroupNorm(groups, channels, { ...unsaid, eps, affine });
  setParameters(norm, arrays, [channels]);
  return norm;
}

const readers: {
  readonly [L in KerasName]: (config: unknown, weights: Weights, given: Given) => KerasNorms[L];
} = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  GroupNormalization: groupNorm,
  RMSNormalization: rmsNorm,
  Normalization: fromNormalization,
};

/**
 * A norm from a Keras layer, of Keras 3 or of tfjs. Its weights are in Keras's order: those of gamma, beta, moving_mean and
 * moving_variance that there are; mean, variance and count of a Normalization.
 *
 * The momentum weighs the old, so it is turned round: 0.99 there is `{ momentum: 0.01 }`. The moving variance is biased
 * (`runningDdof: 0`), and a batch may be a single value (`minValues: 1`). Whichever axis the channels are on there, here
 * it is axis 1. The axes that layer and RMS normalization normalize over are the last ones; that a positive axis is one of them is
 * checked only where `build_config` says how many there are. Of `center` and `scale`, one that is false leaves a beta of zeros, a
 * gamma of ones.
 *
 * A Normalization is a `StandardScaler`, and with `axis` None one of a single feature, for values in a column. It goes on learning
 * from `count` values on. A feature that Keras divides by another number is refused: a constant one (here by 1, there by epsilon,
 * taken for 1e-7), and one whose standard deviation is less than that.
 *
 * @throws FormatError at what is no such layer, or normalizes otherwise (`renorm`, `rms_scaling`, `invert`); OptionError
 * @example
 * import { tensor } from 'evenkeel';
 * import { fromKeras } from 'evenkeel/interop';
 * const vector = (...data: number[]) => ({ data, shape: [data.length] });
 * const bn = fromKeras({
 *   class_name: 'BatchNormalization',
 *   config: { epsilon: 0 },
 *   weights: [vector(2), vector(1), vector(20), vector(25)], // layer.get_weights()
 * });
 * console.log(bn.infer(tensor([30], [1, 1])).data); // Float32Array(1) [ 5 ]
 * console.log(bn.options.running); // { momentum: 0.01 }
 */
export function fromKeras<L extends KerasName>(
  layer: ForeignLayer<L>,
  options: FromKerasOptions = {},
): KerasNorms[L] {
  const { shape, count, ...unsaid } = knownOptions('options', options, [
    'shape',
    'count',
    'dtype',
    'missing',
  ]);
  const given = recordOf('layer', layer, foreignKeys);
  const name = nameOf('class_name', given.class_name ?? given.className, Object.keys(readers) as L[]);
  choiceOf('registered_name', given.registered_name, [null]);
  if (!Array.isArray(given.weights)) throw new FormatError('weights', 'an array', given.weights);
  if (count !== undefined && name !== 'Normalization')
    throw new OptionError('count', 'absent but for a Normalization', count);
  const built = inputShapeOf(given.build_config);
  return readers[name](given.config, given.weights, { unsaid, shape, built, count });
}
