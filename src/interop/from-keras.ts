/** From Keras: a layer's config and weights. */
import { FormatError } from '../errors.js';
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
  sizesOf,
  valuesOf,
  wholeOf,
} from './foreign.js';
import { type KerasLayer, type KerasName, type KerasNorms, wordsOf } from './keras-layer.js';

export interface FromKerasOptions extends Unsaid {
  /** Of a layer without weights (`center` and `scale` false), which does not say: the sizes of the axes it is for. */
  readonly shape?: number | readonly number[];
}

type Weights = readonly ForeignArray[];
type Given = FromKerasOptions & { readonly unsaid: Unsaid };

/** The weights by name: those that `config` says there are, in Keras's order. */
function named<K extends string>(
  weights: Weights,
  names: readonly (K | false)[],
): Partial<Record<K, ForeignArray>> {
  const there = names.filter((name) => name !== false);
  if (weights.length !== there.length)
    throw new FormatError('weights', `${there.length}: ${there.join(', ')}`, weights);
  return Object.fromEntries(there.map((name, i) => [name, weights[i]])) as Partial<Record<K, ForeignArray>>;
}

/** The axis of the channels, which may be any: here it is axis 1. */
function checkAxis(axis: unknown): void {
  const single = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (single !== undefined && !Number.isSafeInteger(single))
    throw new FormatError('config.axis', 'a whole number', axis);
}

/** Axes side by side, in order: here they are the last ones. */
function axesOf(axis: unknown): number {
  const axes: unknown = axis === undefined ? [-1] : typeof axis === 'number' ? [axis] : axis;
  if (!Array.isArray(axes) || axes.length === 0 || !axes.every(Number.isSafeInteger))
    throw new FormatError('config.axis', 'a whole number, or an array of them', axis);
  const [first, last] = [axes[0], axes.at(-1)];
  if (axes.some((value, i) => value !== first + i) || first === 0 || (first < 0 && last !== -1))
    throw new FormatError('config.axis', 'the last axes, in order', axis);
  return axes.length;
}

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
  checkAxis(words.axis);
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

function layerNorm(config: unknown, weights: Weights, { unsaid, shape: given }: Given): LayerNorm {
  const words = wordsOf(config, ['axis', 'epsilon', 'center', 'scale']);
  const { center, scale, affine } = flags(words.center, words.scale);
  const arrays = named(weights, [scale && 'gamma', center && 'beta']);
  const rank = axesOf(words.axis);
  const shape = affine ? shapeOf('weights[0]', weights[0], rank) : sizesOf('options.shape', given);
  const norm = new LayerNorm(shape, {
    ...unsaid,
    eps: numberOf('config.epsilon', words.epsilon, 1e-3),
    affine,
  });
  setParameters(norm, arrays, shape);
  return norm;
}

function rmsNorm(config: unknown, weights: Weights, { unsaid }: Given): RMSNorm {
  const words = wordsOf(config, ['axis', 'epsilon']);
  const { scale } = named(weights, ['scale']);
  const shape = shapeOf('scale', scale, axesOf(words.axis));
  const norm = new RMSNorm(shape, { ...unsaid, eps: numberOf('config.epsilon', words.epsilon, 1e-6) });
  norm.gamma.set(valuesOf('scale', scale, shape));
  return norm;
}

function groupNorm(config: unknown, weights: Weights, { unsaid, shape: given }: Given): GroupNorm {
  const words = wordsOf(config, ['axis', 'epsilon', 'center', 'scale', 'groups']);
  checkAxis(words.axis);
  const { center, scale, affine } = flags(words.center, words.scale);
  const arrays = named(weights, [scale && 'gamma', center && 'beta']);
  const [channels] = affine ? shapeOf('weights[0]', weights[0], 1) : sizesOf('options.shape', given);
  const groups = words.groups === -1 ? channels! : wholeOf('config.groups', words.groups ?? 32, 1);
  if (channels! % groups !== 0)
    throw new FormatError('config.groups', `a divisor of ${channels} channels`, groups);
  const eps = numberOf('config.epsilon', words.epsilon, 1e-3);
  const norm = new GroupNorm(groups, channels!, { ...unsaid, eps, affine });
  setParameters(norm, arrays, [channels!]);
  return norm;
}

const readers: {
  readonly [L in KerasName]: (config: unknown, weights: Weights, given: Given) => KerasNorms[L];
} = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  GroupNormalization: groupNorm,
  RMSNormalization: rmsNorm,
};

/**
 * A norm from a Keras layer, of Keras 3 or of tfjs. Its weights are in Keras's order: those of gamma, beta, moving_mean and
 * moving_variance that there are.
 *
 * The momentum weighs the old, so it is turned round: 0.99 there is `{ momentum: 0.01 }`. The moving variance is biased
 * (`runningDdof: 0`), and a single value is a batch as any other (`minValues: 1`). Whichever axis the channels are on there, here
 * it is axis 1; the axes that layer and RMS normalization normalize over are the last ones. Of `center` and `scale`, one that is
 * false leaves a beta of zeros, a gamma of ones.
 *
 * @throws FormatError at what is no such layer, or normalizes otherwise (`renorm`, `rms_scaling`); OptionError
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
  layer: KerasLayer<L>,
  options: FromKerasOptions = {},
): KerasNorms[L] {
  const { shape, ...unsaid } = knownOptions('options', options, ['shape', 'dtype', 'missing']);
  const { class_name, config, weights } = recordOf('layer', layer, ['class_name', 'config', 'weights']);
  const read = readers[nameOf('class_name', class_name, Object.keys(readers) as L[])];
  if (!Array.isArray(weights)) throw new FormatError('weights', 'an array', weights);
  return read(config, weights, { unsaid, ...(shape === undefined ? {} : { shape }) });
}
