/** To ONNX: a node's attributes and constant inputs. */
import { FormatError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { InstanceNorm } from '../normalizers/instance-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { knownOptions, numberBetween, oneOf } from '../options.js';
import type { DType } from '../tensor.js';
import { exportedOldWeight, refuseFilling, refuseShift } from './expressible.js';
import { type WrittenArray, written } from './foreign.js';
import type { OnnxAttributes, OnnxName, OnnxNameOf, OnnxNorms } from './onnx-node.js';

export interface ToOnnxOptions {
  /** How batch normalization shall go on learning, as ONNX says it: the weight of the old. By default it is the norm's own. */
  readonly momentum?: number;
  /** Whether batch normalization shall be `forward`, and so learn; false: it is `infer`. */
  readonly trainingMode?: boolean;
  /** Of the inputs; `'float64'`, to which they are exact. (Runtimes want that of the model: mostly `'float32'`.) */
  readonly dtype?: DType;
}

/** A node with all that it has. */
export interface OnnxExport<O extends OnnxName> {
  readonly opType: O;
  readonly opset: number;
  readonly attributes: OnnxAttributes[O];
  readonly inputs: Readonly<Record<string, WrittenArray>>;
}

type AnyNorm = OnnxNorms[OnnxName];
const convention = { format: 'ONNX', runningDdof: 0, minValues: 1 } as const;

function nodeOf(
  norm: AnyNorm,
  { momentum, trainingMode, dtype = 'float64' }: ToOnnxOptions,
): OnnxExport<OnnxName> {
  const { eps: epsilon, affine } = norm.options;
  const shape = 'normalizedShape' in norm ? norm.normalizedShape : [norm.channels];
  const array = (name: string, values: Float64Array): WrittenArray => written(name, values, shape, dtype);
  const gamma = array('gamma', affine ? norm.gamma : new Float64Array(norm.gamma.length).fill(1));
  const beta = array('beta', affine ? norm.beta : new Float64Array(norm.beta.length));
  if (norm instanceof BatchNorm) {
    const running = {
      input_mean: array('mean', norm.runningMean),
      input_var: array('variance', norm.runningVariance),
    };
    return {
      opType: 'BatchNormalization',
      opset: 15,
      attributes: {
        epsilon,
        momentum: exportedOldWeight(norm, convention, momentum),
        training_mode: trainingMode ? 1 : 0,
      },
      inputs: { scale: gamma, B: beta, ...running },
    };
  }
  if (norm instanceof GroupNorm) {
    const attributes = { num_groups: norm.groups, epsilon };
    return { opType: 'GroupNormalization', opset: 21, attributes, inputs: { scale: gamma, bias: beta } };
  }
  if (norm instanceof InstanceNorm) {
    if (norm.options.trackRunningStats)
      throw new FormatError('options.trackRunningStats', 'false for ONNX', true);
    return {
      opType: 'InstanceNormalization',
      opset: 6,
      attributes: { epsilon },
      inputs: { scale: gamma, B: beta },
    };
  }
  const attributes = { axis: -shape.length, epsilon };
  if (norm instanceof LayerNorm)
    return { opType: 'LayerNormalization', opset: 17, attributes, inputs: { Scale: gamma, B: beta } };
  refuseShift(norm, 'ONNX');
  return { opType: 'RMSNormalization', opset: 23, attributes, inputs: { scale: gamma } };
}

/**
 * A norm as a node of an ONNX model: operator, attributes, and the constant inputs by ONNX's names, in the order in which they
 * follow what is to be normalized.
 *
 * | the norm | ONNX |
 * |---|---|
 * | `running: { momentum }` | 1 - momentum, in decimals: 0.9 for 0.1; refused where float64 rounds it, as of 1 / 300 |
 * | any other `running`, `runningDdof: 1`, `minValues` other than 1, `renorm`, `missing: 'keep'` | has no words for how these
 *   learn: refused, unless `momentum` says how it shall go on |
 * | `missing: 'mean'`; an `InstanceNorm` that tracks; an `RMSNorm` with a beta | refused |
 * | `affine: false` | a scale of ones, a shift of zeros |
 * | `dtype`, `batches`, and what the mean has beyond a float64 | not said |
 *
 * @throws FormatError naming what ONNX cannot say; OptionError
 * @example
 * import { GroupNorm } from 'evenkeel';
 * import { toOnnx } from 'evenkeel/interop';
 * const { opType, attributes, inputs } = toOnnx(new GroupNorm(2, 4));
 * console.log(opType, attributes); // GroupNormalization { num_groups: 2, epsilon: 0.00001 }
 * console.log(inputs['scale']); // { data: Float64Array(4) [ 1, 1, 1, 1 ], shape: [ 4 ] }
 */
export function toOnnx<N extends AnyNorm>(norm: N, options: ToOnnxOptions = {}): OnnxExport<OnnxNameOf<N>> {
  const { momentum, trainingMode, dtype } = knownOptions('options', options, [
    'momentum',
    'trainingMode',
    'dtype',
  ]);
  if (momentum !== undefined) numberBetween('momentum', momentum, 0, 1);
  oneOf('trainingMode', trainingMode, [undefined, true, false]);
  oneOf('dtype', dtype, [undefined, 'float32', 'float64']);
  if (![BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm].some((kind) => norm instanceof kind))
    throw new FormatError('norm', 'one that ONNX has', norm);
  refuseFilling(norm, 'ONNX');
  return nodeOf(norm, options) as OnnxExport<OnnxNameOf<N>>;
}
