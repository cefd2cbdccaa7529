/** The norms as operators: from options, with fresh state for each subscription, or from an instance, shared and kept. */
import { OptionError } from '../errors.js';
import { BatchNorm, type BatchNormalized } from '../normalizers/batch-norm.js';
import { type BatchNormOptions, batchNormOptions } from '../normalizers/batch-norm-options.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { InstanceNorm, type InstanceNormOptions, instanceNormOptions } from '../normalizers/instance-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import { type NormOptions, normChecks } from '../normalizers/norm-options.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { knownOptions, positiveInteger, settle } from '../options.js';
import { channelsOf, type Tensor } from '../tensor.js';
import {
  type AsksVersion,
  isNormalizer,
  type ModeOf,
  type Normalized,
  type NormalizeOptions,
  type Normalizing,
  normalize,
  type Versioned,
} from './normalize.js';

/**
 * Batch normalization of each minibatch, `[N, C, …positions]`; adds the batch's own `moments` when training.
 *
 * @param norm options: fresh state for each subscription, with as many channels as its first tensor; or a `BatchNorm`:
 *   shared and kept
 * @throws OptionError at once, for an option that cannot be used
 * @example
 * import { of } from 'rxjs';
 * import { batchNorm, tensor } from 'evenkeel';
 * of(tensor([1, 3], [2, 1]))
 *   .pipe(batchNorm({ eps: 0 }))
 *   .subscribe((y) => console.log(y.data, y.moments.mean[0])); // Float32Array(2) [ -1, 1 ] 2
 */
export function batchNorm<B extends Tensor>(
  norm: BatchNormOptions | BatchNorm | undefined,
  options: NormalizeOptions<'train'> & AsksVersion,
): Normalizing<B, Normalized<B, BatchNormalized> & Versioned>;
export function batchNorm<B extends Tensor>(
  norm?: BatchNormOptions | BatchNorm,
  options?: NormalizeOptions<'train'>,
): Normalizing<B, Normalized<B, BatchNormalized>>;
export function batchNorm<B extends Tensor>(
  norm: BatchNormOptions | BatchNorm | undefined,
  options: NormalizeOptions<ModeOf<B>> & AsksVersion,
): Normalizing<B, Normalized<B> & Versioned>;
export function batchNorm<B extends Tensor>(
  norm?: BatchNormOptions | BatchNorm,
  options?: NormalizeOptions<ModeOf<B>>,
): Normalizing<B, Normalized<B>>;
export function batchNorm<B extends Tensor>(
  norm: BatchNormOptions | BatchNorm = {},
  options: NormalizeOptions<ModeOf<B>> = {},
): Normalizing<B, Normalized<B>> {
  if (norm instanceof BatchNorm) return normalize(norm, options);
  refuseOther(norm, 'a BatchNorm');
  const settled = batchNormOptions(norm); // now, not at the first tensor: what is wrong with them, and what they are
  return normalize((first) => new BatchNorm(channelsOf(first), settled), options);
}

/** Any other normalizer is no options either. @throws OptionError that says where it belongs */
function refuseOther(norm: unknown, expected: string): void {
  if (isNormalizer(norm))
    throw new OptionError('norm', `options, or ${expected} (any other goes with normalize)`, norm);
}

const norms = Object.keys(normChecks) as (keyof NormOptions)[];

/** Options of a norm over the last axes. */
export interface LayerNormOptions extends NormOptions {
  /** The axes a sample has; by default all of the first tensor's but the first. */
  readonly normalizedShape?: number | readonly number[];
}

/** How a norm over the last axes is made for a first tensor; checked at once, where it does not depend on that. */
function trailing<N extends { readonly normalizedShape: readonly number[] }>(
  name: string,
  make: new (shape: number | readonly number[], options: NormOptions) => N,
  given: LayerNormOptions,
): (first: Tensor) => N {
  refuseOther(given, name);
  const { normalizedShape, ...rest } = knownOptions('options', given, ['normalizedShape', ...norms]);
  const settled = settle(normChecks, rest as NormOptions);
  const shape =
    normalizedShape === undefined ? undefined : new make(normalizedShape, settled).normalizedShape;
  return (first) => {
    channelsOf(first);
    return new make(shape ?? first.shape.slice(1), settled);
  };
}

/**
 * Layer normalization of each tensor: every sample by itself, whatever the batch.
 *
 * @param norm options; or a `LayerNorm`: shared and kept
 * @throws OptionError at once, for an option that cannot be used
 * @example
 * import { of } from 'rxjs';
 * import { layerNorm, tensor } from 'evenkeel';
 * of(tensor([1, 3, 500, 100], [2, 2]))
 *   .pipe(layerNorm({ eps: 0 }))
 *   .subscribe((y) => console.log(y.data)); // Float32Array(4) [ -1, 1, 1, -1 ]
 */
export function layerNorm<B extends Tensor>(
  norm: LayerNormOptions | LayerNorm = {},
  options: NormalizeOptions<ModeOf<B>> = {},
): Normalizing<B, Normalized<B>> {
  return normalize(norm instanceof LayerNorm ? norm : trailing('a LayerNorm', LayerNorm, norm), options);
}

/**
 * Root mean square normalization of each tensor, as `layerNorm`, without subtracting the mean.
 *
 * @param norm options; or an `RMSNorm`: shared and kept
 * @throws OptionError at once, for an option that cannot be used
 * @example
 * import { of } from 'rxjs';
 * import { rmsNorm, tensor } from 'evenkeel';
 * of(tensor([5, 5, 1, -1], [2, 2]))
 *   .pipe(rmsNorm({ eps: 0 }))
 *   .subscribe((y) => console.log(y.data)); // Float32Array(4) [ 1, 1, 1, -1 ]
 */
export function rmsNorm<B extends Tensor>(
  norm: LayerNormOptions | RMSNorm = {},
  options: NormalizeOptions<ModeOf<B>> = {},
): Normalizing<B, Normalized<B>> {
  return normalize(norm instanceof RMSNorm ? norm : trailing('an RMSNorm', RMSNorm, norm), options);
}

/** Options of group normalization. */
export interface GroupNormOptions extends NormOptions {
  /** How many groups; they divide the channels, as many as the first tensor has. */
  readonly groups: number;
}

/**
 * Group normalization of each tensor `[N, C, …positions]`: the channels of every sample, in groups.
 *
 * @param norm options; or a `GroupNorm`: shared and kept
 * @throws OptionError at once, for an option that cannot be used
 * @example
 * import { of } from 'rxjs';
 * import { groupNorm, tensor } from 'evenkeel';
 * of(tensor([1, 3, 500, 100], [1, 4]))
 *   .pipe(groupNorm({ groups: 2, eps: 0 }))
 *   .subscribe((y) => console.log(y.data)); // Float32Array(4) [ -1, 1, 1, -1 ]
 */
export function groupNorm<B extends Tensor>(
  norm: GroupNormOptions | GroupNorm,
  options: NormalizeOptions<ModeOf<B>> = {},
): Normalizing<B, Normalized<B>> {
  if (norm instanceof GroupNorm) return normalize(norm, options);
  refuseOther(norm, 'a GroupNorm');
  const { groups, ...rest } = knownOptions('options', norm, ['groups', ...norms]);
  const settled = settle(normChecks, rest as NormOptions);
  positiveInteger('groups', groups);
  return normalize((first) => new GroupNorm(groups, channelsOf(first), settled), options);
}

/**
 * Instance normalization of each tensor `[N, C, …positions]`: each channel of every sample, over its positions.
 *
 * @param norm options; or an `InstanceNorm`: shared and kept
 * @throws OptionError at once, for an option that cannot be used
 * @example
 * import { of } from 'rxjs';
 * import { instanceNorm, tensor } from 'evenkeel';
 * of(tensor([1, 3, 500, 100], [1, 2, 2]))
 *   .pipe(instanceNorm({ eps: 0 }))
 *   .subscribe((y) => console.log(y.data)); // Float32Array(4) [ -1, 1, 1, -1 ]
 */
export function instanceNorm<B extends Tensor>(
  norm: InstanceNormOptions | InstanceNorm = {},
  options: NormalizeOptions<ModeOf<B>> = {},
): Normalizing<B, Normalized<B>> {
  if (norm instanceof InstanceNorm) return normalize(norm, options);
  refuseOther(norm, 'an InstanceNorm');
  const settled = instanceNormOptions(norm);
  return normalize((first) => new InstanceNorm(channelsOf(first), settled), options);
}
