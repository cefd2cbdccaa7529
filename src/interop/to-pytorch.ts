/** To PyTorch: what a module is made with, and its tensors. */
import { FormatError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { InstanceNorm } from '../normalizers/instance-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { knownOptions, numberBetween, oneOf } from '../options.js';
import type { DType } from '../tensor.js';
import { exportedMomentum, refuseFilling, refuseShift } from './expressible.js';
import type { PyTorchModule, PyTorchName, PyTorchNameOf, PyTorchNorms } from './pytorch-module.js';
import { checkPrefix, stateDictOf } from './pytorch-state.js';

export interface ToPyTorchOptions {
  /**
   * How the module's batch normalization shall go on learning: the weight of the new, null for an average of all batches. For a
   * norm that learns in a way that PyTorch has not; by default it is the norm's own.
   */
  readonly momentum?: number | null;
  /** Of the tensors; `'float64'`, to which they are exact. */
  readonly dtype?: DType;
  /** What the tensors' names begin with; nothing by default. */
  readonly prefix?: string;
}

type AnyNorm = PyTorchNorms[PyTorchName];
type Settled = {
  readonly momentum: number | null | undefined;
  readonly dtype: DType;
  readonly prefix: string;
};
const convention = { format: 'PyTorch', runningDdof: 1, minValues: 2 } as const;

const parametersOf = (norm: AnyNorm, shape: readonly number[]): Parameters<typeof stateDictOf>[0] =>
  norm.options.affine ? { weight: [norm.gamma, shape], bias: [norm.beta, shape] } : {};

function channelwise(
  norm: BatchNorm | InstanceNorm,
  tracked: boolean,
  momentum: number | null,
  settled: Settled,
) {
  const { eps, affine } = norm.options;
  const shape = [norm.channels];
  const arrays = {
    ...parametersOf(norm, shape),
    running_mean: tracked ? ([norm.runningMean, shape] as const) : undefined,
    running_var: tracked ? ([norm.runningVariance, shape] as const) : undefined,
  };
  return {
    arguments: { num_features: norm.channels, eps, momentum, affine, track_running_stats: tracked },
    stateDict: stateDictOf(arrays, settled, tracked ? norm.batches : undefined),
  };
}

function moduleOf(norm: AnyNorm, settled: Settled): PyTorchModule<PyTorchName> {
  const { eps, affine } = norm.options;
  if (norm instanceof BatchNorm) {
    const momentum = exportedMomentum(norm, convention, settled.momentum);
    return { module: 'BatchNorm', ...channelwise(norm, true, momentum, settled) };
  }
  if (settled.momentum !== undefined)
    throw new FormatError('options.momentum', 'absent but for a BatchNorm', settled.momentum);
  if (norm instanceof InstanceNorm) {
    const { trackRunningStats, momentum } = norm.options;
    return { module: 'InstanceNorm', ...channelwise(norm, trackRunningStats, momentum, settled) };
  }
  if (norm instanceof GroupNorm) {
    const args = { num_groups: norm.groups, num_channels: norm.channels, eps, affine };
    return {
      module: 'GroupNorm',
      arguments: args,
      stateDict: stateDictOf(parametersOf(norm, [norm.channels]), settled),
    };
  }
  const { weight, bias } = parametersOf(norm, norm.normalizedShape);
  const args = { normalized_shape: norm.normalizedShape, eps, elementwise_affine: affine };
  if (norm instanceof LayerNorm)
    return { module: 'LayerNorm', arguments: args, stateDict: stateDictOf({ weight, bias }, settled) };
  refuseShift(norm, 'PyTorch');
  return { module: 'RMSNorm', arguments: args, stateDict: stateDictOf({ weight }, settled) };
}

/**
 * A norm as a PyTorch module: what to make it with, and its state dict, which `writeSafetensors` writes for
 * `safetensors.torch.load_file`.
 *
 * | the norm | PyTorch |
 * |---|---|
 * | `running: { momentum }`, `'average'` | `momentum`, None |
 * | `'pooled'`, `{ halfLifeRows }`, `runningDdof: 0`, `minValues` other than 2, `renorm`, `missing: 'keep'` | has no words for
 *   how these learn: refused, unless `momentum` says how it shall go on |
 * | `missing: 'mean'`; an `RMSNorm` with a beta | refused |
 * | `dtype`, and what the mean has beyond a float64 | not said |
 *
 * @throws FormatError naming what PyTorch cannot say; OptionError
 * @example
 * import { BatchNorm, tensor } from 'evenkeel';
 * import { toPyTorch, writeSafetensors } from 'evenkeel/interop';
 * const bn = new BatchNorm(1); // pools, which PyTorch cannot: what it has learned is said, and how to go on
 * bn.forward(tensor([1, 2, 3], [3, 1]));
 * const { arguments: args, stateDict } = toPyTorch(bn, { momentum: 0.1, prefix: 'norm.' });
 * console.log(args.num_features, args.eps, stateDict['norm.running_var']?.data); // 1 0.00001 Float64Array(1) [ 1 ]
 * const bytes = writeSafetensors(stateDict);
 * console.log(bytes.length % 8); // 0
 */
export function toPyTorch<N extends AnyNorm>(
  norm: N,
  options: ToPyTorchOptions = {},
): PyTorchModule<PyTorchNameOf<N>> {
  const {
    momentum,
    dtype = 'float64',
    prefix = '',
  } = knownOptions('options', options, ['momentum', 'dtype', 'prefix']);
  oneOf('dtype', dtype, ['float32', 'float64']);
  checkPrefix(prefix);
  if (momentum !== undefined && momentum !== null) numberBetween('momentum', momentum, 0, 1);
  if (![BatchNorm, InstanceNorm, LayerNorm, RMSNorm, GroupNorm].some((kind) => norm instanceof kind))
    throw new FormatError('norm', 'one that PyTorch has', norm);
  refuseFilling(norm, 'PyTorch');
  return moduleOf(norm, { momentum, dtype, prefix }) as PyTorchModule<PyTorchNameOf<N>>;
}
