/** PyTorch's normalization modules, as plain objects. */
import type { BatchNorm } from '../normalizers/batch-norm.js';
import type { GroupNorm } from '../normalizers/group-norm.js';
import type { InstanceNorm } from '../normalizers/instance-norm.js';
import type { LayerNorm } from '../normalizers/layer-norm.js';
import type { RMSNorm } from '../normalizers/rms-norm.js';
import type { StateDict } from './pytorch-state.js';

/** The modules, each for PyTorch's of 1, 2 and 3 dimensions, and what they are here. */
export interface PyTorchNorms {
  readonly BatchNorm: BatchNorm;
  readonly InstanceNorm: InstanceNorm;
  readonly LayerNorm: LayerNorm;
  readonly RMSNorm: RMSNorm;
  readonly GroupNorm: GroupNorm;
}
export type PyTorchName = keyof PyTorchNorms;
/** The module that a norm is. */
export type PyTorchNameOf<N> = { [M in PyTorchName]: N extends PyTorchNorms[M] ? M : never }[PyTorchName];

interface Channelwise {
  readonly num_features?: number;
  readonly eps?: number;
  /** The weight of the new; null: the average of all batches. */
  readonly momentum?: number | null;
  readonly affine?: boolean;
  readonly track_running_stats?: boolean;
}
interface Trailing {
  readonly normalized_shape?: number | readonly number[];
  readonly eps?: number | null;
  readonly elementwise_affine?: boolean;
}
/** What a module is made with, by PyTorch's names; what is left out is what it is there. */
export interface PyTorchArguments {
  readonly BatchNorm: Channelwise;
  readonly InstanceNorm: Channelwise;
  readonly LayerNorm: Trailing & { readonly bias?: boolean };
  readonly RMSNorm: Trailing;
  readonly GroupNorm: {
    readonly num_groups: number;
    readonly num_channels?: number;
    readonly eps?: number;
    readonly affine?: boolean;
  };
}

/** A module: `torch.nn.BatchNorm2d(**arguments)`, say, and `load_state_dict`. */
export interface PyTorchModule<M extends PyTorchName> {
  readonly module: M;
  readonly arguments: PyTorchArguments[M];
  readonly stateDict: StateDict;
}
