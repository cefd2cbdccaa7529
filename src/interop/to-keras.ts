/** To Keras: a layer's config and weights. */
import { FormatError, OptionError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import { knownOptions, numberBetween, oneOf } from '../options.js';
import type { DType } from '../tensor.js';
import { exportedOldWeight, refuseFilling, refuseShift } from './expressible.js';
import { written } from './foreign.js';
import type { KerasLayer, KerasName, KerasNameOf, KerasNorms } from './keras-layer.js';
import { toNormalization } from './keras-normalization.js';

export interface ToKerasOptions {
  /** How the layer shall go on learning, as Keras says it: the weight of the old. By default it is the norm's own. */
  readonly momentum?: number;
  /**
   * Where the channels shall be, of batch and group normalization and of a scaler; 1, as here. Of a scaler of one feature null:
   * nowhere, all values are of that feature.
   */
  readonly axis?: number | null;
  /** false: there shall be no beta, which then has to be 0. */
  readonly center?: boolean;
  /** false: there shall be no gamma, which then has to be 1. */
  readonly scale?: boolean;
  /** Of the weights; `'float64'`, to which they are exact. */
  readonly dtype?: DType;
}

type AnyNorm = Exclude<KerasNorms[KerasName], StandardScaler>;
const convention = { format: 'Keras', runningDdof: 0, minValues: 1 } as const;

/** The values of a parameter; undefined where there shall be none. */
function parameter(
  norm: AnyNorm,
  name: 'gamma' | 'beta',
  wanted: boolean | undefined,
): Float64Array | undefined {
  const { affine } = norm.options;
  if (affine && wanted !== false) return norm[name];
  if (!affine && wanted === true) throw new FormatError('options.affine', `true for a ${name}`, affine);
  const idle = name === 'gamma' ? 1 : 0;
  const at = affine ? norm[name].findIndex((value) => value !== idle) : -1;
  if (at >= 0) throw new FormatError(`${name}[${at}]`, `${idle}, to be left out`, norm[name][at]);
  return undefined;
}

function layerOf(norm: AnyNorm, options: ToKerasOptions): KerasLayer {
  const { axis = 1, dtype = 'float64' } = options;
  const shape = 'normalizedShape' in norm ? norm.normalizedShape : [norm.channels];
  const weightsOf = (arrays: Record<string, Float64Array | undefined>): KerasLayer['weights'] =>
    Object.entries(arrays).flatMap(([name, values]) => (values ? [written(name, values, shape, dtype)] : []));
  const last = shape.map((_, i) => i - shape.length);
  const epsilon = norm.options.eps;
  if (norm instanceof RMSNorm) {
    refuseShift(norm, 'Keras');
    if (!norm.options.affine) throw new FormatError('options.affine', 'true: Keras always scales', false);
    const config = { axis: last.length === 1 ? -1 : last, epsilon };
    return { class_name: 'RMSNormalization', config, weights: weightsOf({ scale: norm.gamma }) };
  }
  const gamma = parameter(norm, 'gamma', options.scale);
  const beta = parameter(norm, 'beta', options.center);
  const flags = { epsilon, center: beta !== undefined, scale: gamma !== undefined };
  if (norm instanceof BatchNorm) {
    const momentum = exportedOldWeight(norm, convention, options.momentum);
    return {
      class_name: 'BatchNormalization',
      config: { axis, momentum, ...flags },
      weights: weightsOf({
        gamma,
        beta,
        moving_mean: norm.runningMean,
        moving_variance: norm.runningVariance,
      }),
    };
  }
  const weights = weightsOf({ gamma, beta });
  if (norm instanceof GroupNorm)
    return { class_name: 'GroupNormalization', config: { groups: norm.groups, axis, ...flags }, weights };
  return {
    class_name: 'LayerNormalization',
    config: { axis: last.length === 1 ? -1 : last, ...flags },
    weights,
  };
}

/**
 * A norm as a Keras layer: `from_config(config)`, and once it is built `set_weights(weights)`; of a Normalization then
 * `finalize_state()`.
 *
 * | the norm | Keras |
 * |---|---|
 * | `running: { momentum }` | 1 - momentum, in decimals: 0.9 for 0.1; refused where float64 rounds it, as of 1 / 300 |
 * | any other `running`, `runningDdof: 1`, `minValues` other than 1, `renorm`, `missing: 'keep'` | has no words for how these
 *   learn: refused, unless `momentum` says how it shall go on |
 * | `missing: 'mean'`; an `InstanceNorm` (a `GroupNorm` of as many groups as channels is one); an `RMSNorm` with a beta, or
 *   without a gamma | refused |
 * | `StandardScaler` | Normalization, with its weights mean, variance and count. The count is 0, as Keras 3 leaves it, if it is not
 *   the same of all features, or no int32: `fromKeras` then wants it |
 * | a `StandardScaler` without mean or standard deviation, with `ddof: 1`, `{ halfLifeRows }` or `clip`; one of which a feature is
 *   unknown, constant (here divided by 1, in Keras by its epsilon, 1e-7), or of a standard deviation below that epsilon | refused |
 * | `dtype`, `batches`, and what the mean has beyond a float64 | not said |
 *
 * @throws FormatError naming what Keras cannot say; OptionError
 * @example
 * import { BatchNorm, tensor } from 'evenkeel';
 * import { toKeras } from 'evenkeel/interop';
 * const bn = new BatchNorm(1, { running: { momentum: 0.5 }, runningDdof: 0, minValues: 1 });
 * bn.forward(tensor([1, 3], [2, 1]));
 * const { config, weights } = toKeras(bn);
 * console.log(config.momentum, weights[2]?.data); // 0.5 Float64Array(1) [ 1 ]
 */
export function toKeras<N extends AnyNorm | StandardScaler>(
  norm: N,
  options: ToKerasOptions = {},
): KerasLayer<KerasNameOf<N>> {
  knownOptions('options', options, ['momentum', 'axis', 'center', 'scale', 'dtype']);
  if (options.momentum !== undefined) numberBetween('momentum', options.momentum, 0, 1);
  const { axis, dtype } = options;
  const isScaler = norm instanceof StandardScaler;
  if (axis !== undefined && !Number.isSafeInteger(axis) && !(axis === null && isScaler))
    throw new OptionError('axis', 'a whole number', axis);
  for (const name of ['center', 'scale'] as const) oneOf(name, options[name], [undefined, true, false]);
  oneOf('dtype', dtype, [undefined, 'float32', 'float64']);
  if (isScaler) {
    for (const name of ['momentum', 'center', 'scale'] as const)
      if (options[name] !== undefined) throw new OptionError(name, 'absent for a scaler', options[name]);
    return toNormalization(norm, axis === undefined ? 1 : axis, dtype ?? 'float64') as KerasLayer<
      KerasNameOf<N>
    >;
  }
  if (![BatchNorm, LayerNorm, GroupNorm, RMSNorm].some((kind) => norm instanceof kind))
    throw new FormatError('norm', 'one that Keras has', norm);
  refuseFilling(norm, 'Keras');
  return layerOf(norm, options) as KerasLayer<KerasNameOf<N>>;
}
