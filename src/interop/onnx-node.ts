/** ONNX's normalization operators, as plain objects. */
import type { BatchNorm } from '../normalizers/batch-norm.js';
import type { GroupNorm } from '../normalizers/group-norm.js';
import type { InstanceNorm } from '../normalizers/instance-norm.js';
import type { LayerNorm } from '../normalizers/layer-norm.js';
import type { RMSNorm } from '../normalizers/rms-norm.js';
import type { ForeignArray } from './foreign.js';

/** The operators, and what they are here. */
export interface OnnxNorms {
  readonly BatchNormalization: BatchNorm;
  readonly LayerNormalization: LayerNorm;
  readonly RMSNormalization: RMSNorm;
  readonly GroupNormalization: GroupNorm;
  readonly InstanceNormalization: InstanceNorm;
}
export type OnnxName = keyof OnnxNorms;

/** The operator that a norm is. */
export type OnnxNameOf<N> = { [O in OnnxName]: N extends OnnxNorms[O] ? O : never }[OnnxName];

/** An operator's attributes, by ONNX's names; what is left out is what it is there. (Its floats are float32.) */
export interface OnnxAttributes {
  readonly BatchNormalization: {
    /** 1e-5 */
    readonly epsilon?: number;
    /** The weight of the old; 0.9. */
    readonly momentum?: number;
    /** 1: `forward`; 0, the default: `infer`. */
    readonly training_mode?: number;
  };
  readonly LayerNormalization: {
    readonly axis?: number;
    readonly epsilon?: number;
    readonly stash_type?: number;
  };
  readonly RMSNormalization: {
    readonly axis?: number;
    readonly epsilon?: number;
    readonly stash_type?: number;
  };
  readonly GroupNormalization: {
    readonly num_groups: number;
    readonly epsilon?: number;
    readonly stash_type?: number;
  };
  readonly InstanceNormalization: { readonly epsilon?: number };
}

/** A node: its operator, attributes, and constant inputs by ONNX's names for them, in the order it takes them. */
export interface OnnxNode<O extends OnnxName> {
  readonly opType: O;
  /** The first opset whose operator of that name is this one. */
  readonly opset?: number;
  readonly attributes?: OnnxAttributes[O];
  /** All but the first, which is what is to be normalized. */
  readonly inputs: Readonly<Record<string, ForeignArray>>;
}
