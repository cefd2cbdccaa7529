/** From ONNX: a node's attributes and constant inputs. */
import { FormatError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { InstanceNorm } from '../normalizers/instance-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { knownOptions } from '../options.js';
import { complement } from './complement.js';
import type { Unsaid } from './expressible.js';
import { choiceOf, nameOf, numberOf, recordOf, shapeOf, valuesOf, wholeOf } from './foreign.js';
import type { OnnxName, OnnxNode, OnnxNorms } from './onnx-node.js';

interface Read {
  readonly attributes: unknown;
  readonly inputs: unknown;
  readonly opset: number;
  readonly unsaid: Unsaid;
}

const EPSILON = 1e-5;
/** FLOAT, FLOAT16, DOUBLE, BFLOAT16: in what the statistics are computed there. */
const STASH_TYPES = [1, 10, 11, 16] as const;

function batchNorm({ attributes, inputs, opset, unsaid }: Read): BatchNorm {
  const { epsilon, momentum, training_mode } = recordOf('attributes', attributes, [
    'epsilon',
    'momentum',
    'training_mode',
  ]);
  const { scale, B, input_mean, input_var } = recordOf('inputs', inputs, [
    'scale',
    'B',
    'input_mean',
    'input_var',
  ]);
  // Until then its running variance was not said to be biased, and a mode was told by the outputs.
  if (opset < 14) throw new FormatError('opset', '14 or later for BatchNormalization', opset);
  choiceOf('attributes.training_mode', training_mode, [0, 1]);
  const shape = shapeOf('scale', scale, 1);
  const old = numberOf('attributes.momentum', momentum, 0.9, 0, 1);
  const norm = new BatchNorm(shape[0]!, {
    ...unsaid,
    eps: numberOf('attributes.epsilon', epsilon, EPSILON),
    running: { momentum: complement(old) },
    runningDdof: 0,
    minValues: 1,
  });
  norm.gamma.set(valuesOf('scale', scale, shape));
  norm.beta.set(valuesOf('B', B, shape));
  norm.setRunning({
    mean: valuesOf('input_mean', input_mean, shape),
    variance: valuesOf('input_var', input_var, shape, 0),
  });
  return norm;
}

/** The sizes of the last axes, of layer and RMS normalization; a scale that is spread over more axes has others. */
function trailing(
  { attributes, unsaid }: Read,
  scale: unknown,
): { shape: readonly number[]; options: object } {
  const words = recordOf('attributes', attributes, ['axis', 'epsilon', 'stash_type']);
  choiceOf('attributes.stash_type', words.stash_type, STASH_TYPES);
  const axis = words.axis === undefined ? -1 : words.axis;
  if (!Number.isSafeInteger(axis) || axis === 0)
    throw new FormatError('attributes.axis', 'a whole number other than 0', axis);
  const shape = shapeOf('Scale', scale, (axis as number) < 0 ? -(axis as number) : undefined);
  return { shape, options: { ...unsaid, eps: numberOf('attributes.epsilon', words.epsilon, EPSILON) } };
}

function layerNorm(read: Read): LayerNorm {
  const { Scale, B } = recordOf('inputs', read.inputs, ['Scale', 'B']);
  const { shape, options } = trailing(read, Scale);
  const norm = new LayerNorm(shape, options);
  norm.gamma.set(valuesOf('Scale', Scale, shape));
  if (B !== undefined) norm.beta.set(valuesOf('B', B, shape));
  return norm;
}

function rmsNorm(read: Read): RMSNorm {
  const { scale } = recordOf('inputs', read.inputs, ['scale']);
  const { shape, options } = trailing(read, scale);
  const norm = new RMSNorm(shape, options);
  norm.gamma.set(valuesOf('scale', scale, shape));
  return norm;
}

function groupNorm({ attributes, inputs, opset, unsaid }: Read): GroupNorm {
  const words = recordOf('attributes', attributes, ['num_groups', 'epsilon', 'stash_type']);
  choiceOf('attributes.stash_type', words.stash_type, STASH_TYPES);
  const { scale, bias } = recordOf('inputs', inputs, ['scale', 'bias']);
  if (opset < 21)
    throw new FormatError('opset', '21 or later for GroupNormalization, a scale a channel', opset);
  const shape = shapeOf('scale', scale, 1);
  const groups = wholeOf('attributes.num_groups', words.num_groups, 1);
  if (shape[0]! % groups !== 0)
    throw new FormatError('attributes.num_groups', `a divisor of ${shape[0]} channels`, groups);
  const eps = numberOf('attributes.epsilon', words.epsilon, EPSILON);
  const norm = new GroupNorm(groups, shape[0]!, { ...unsaid, eps });
  norm.gamma.set(valuesOf('scale', scale, shape));
  norm.beta.set(valuesOf('bias', bias, shape));
  return norm;
}

function instanceNorm({ attributes, inputs, unsaid }: Read): InstanceNorm {
  const { epsilon } = recordOf('attributes', attributes, ['epsilon']);
  const { scale, B } = recordOf('inputs', inputs, ['scale', 'B']);
  const shape = shapeOf('scale', scale, 1);
  const eps = numberOf('attributes.epsilon', epsilon, EPSILON);
  const norm = new InstanceNorm(shape[0]!, { ...unsaid, eps, affine: true });
  norm.gamma.set(valuesOf('scale', scale, shape));
  norm.beta.set(valuesOf('B', B, shape));
  return norm;
}

const readers: { readonly [O in OnnxName]: (read: Read) => OnnxNorms[O] } = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  RMSNormalization: rmsNorm,
  GroupNormalization: groupNorm,
  InstanceNormalization: instanceNorm,
};

/**
 * A norm from a node of an ONNX model: its attributes, and its constant inputs (initializers) by the names that ONNX's operator
 * reference has for them: `scale`, `B`, `input_mean` and `input_var` of a BatchNormalization.
 *
 * The momentum weighs the old, so it is turned round: 0.9 there is `{ momentum: 0.1 }`. The running variance is biased
 * (`runningDdof: 0`), and a batch may be a single value (`minValues: 1`). `infer` is the operator, and with
 * `training_mode` 1 `forward` is. Layer and RMS normalization are over as many last axes as their scale has.
 *
 * @throws FormatError at what is no such node; OptionError
 * @example
 * import { tensor } from 'evenkeel';
 * import { fromOnnx } from 'evenkeel/interop';
 * const vector = (...data: number[]) => ({ data, shape: [data.length] });
 * const inputs = { scale: vector(2), B: vector(1), input_mean: vector(20), input_var: vector(25) };
 * const bn = fromOnnx({ opType: 'BatchNormalization', attributes: { epsilon: 0 }, inputs });
 * console.log(bn.infer(tensor([30], [1, 1])).data); // Float32Array(1) [ 5 ]
 */
export function fromOnnx<O extends OnnxName>(node: OnnxNode<O>, options: Unsaid = {}): OnnxNorms[O] {
  const unsaid = knownOptions('options', options, ['dtype', 'missing']);
  const given = recordOf('node', node, ['opType', 'opset', 'attributes', 'inputs']);
  const read = readers[nameOf('opType', given.opType, Object.keys(readers) as O[])];
  const opset = given.opset === undefined ? Infinity : wholeOf('opset', given.opset, 1);
  return read({ attributes: given.attributes ?? {}, inputs: given.inputs, opset, unsaid });
}
