/** Keras's normalization layers, as plain objects. */
import { FormatError } from '../errors.js';
import type { BatchNorm } from '../normalizers/batch-norm.js';
import type { GroupNorm } from '../normalizers/group-norm.js';
import type { LayerNorm } from '../normalizers/layer-norm.js';
import type { RMSNorm } from '../normalizers/rms-norm.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import type { Unsaid } from './expressible.js';
import type { ForeignArray } from './foreign.js';
import type { InputShape } from './keras-axes.js';

/** The layers, and what they are here. */
export interface KerasNorms {
  readonly BatchNormalization: BatchNorm;
  readonly LayerNormalization: LayerNorm;
  readonly GroupNormalization: GroupNorm;
  readonly RMSNormalization: RMSNorm;
  readonly Normalization: StandardScaler;
}
export type KerasName = keyof KerasNorms;

/** The layer that a norm is. */
export type KerasNameOf<N> = { [L in KerasName]: N extends KerasNorms[L] ? L : never }[KerasName];

type Numbers = number | readonly number[] | null;

/** What a layer's `get_config()` says; what is left out is what it is there. */
export interface KerasConfig {
  /** Where the channels are, or the axes to normalize over; -1. null, of a Normalization: all values are of one feature. */
  readonly axis?: Numbers;
  /** The weight of the old; 0.99. */
  readonly momentum?: number;
  /** 1e-3, and 1e-6 of an RMSNormalization. */
  readonly epsilon?: number;
  readonly center?: boolean;
  readonly scale?: boolean;
  /** 32; -1: as many as there are channels. */
  readonly groups?: number;
  /** Of a Normalization that was not adapted but given them, with its variance. */
  readonly mean?: Numbers;
  readonly variance?: Numbers;
  /** All else, which has to do with how Keras trains, or has to be what it is by default. */
  readonly [other: string]: unknown;
}

/** A layer: `class_name` and `config` as Keras serializes it, weights as `layer.get_weights()` gives and `set_weights` takes. */
export interface KerasLayer<L extends KerasName = KerasName> {
  readonly class_name: L;
  readonly config: KerasConfig;
  readonly weights: readonly ForeignArray[];
}

/** A layer as it is read: all that `serialize_keras_object` says of it, or tfjs's `getClassName()` and `getConfig()`. */
export type ForeignLayer<L extends KerasName> = ({ readonly class_name: L } | { readonly className: L }) & {
  readonly config: KerasConfig;
  readonly weights: readonly ForeignArray[];
  /** Tells the sizes of axes where there are no weights to tell them. */
  readonly build_config?: { readonly input_shape?: readonly (number | null)[] | null } | null;
  /** null: it is one of Keras's own. */
  readonly registered_name?: null;
  /** Ignored, as what says where it is in its model. */
  readonly module?: string | null;
  readonly name?: string;
  readonly inbound_nodes?: readonly unknown[];
  readonly shared_object_id?: number;
};
export const foreignKeys = [
  'class_name',
  'className',
  'config',
  'weights',
  'build_config',
  'registered_name',
  'module',
  'name',
  'inbound_nodes',
  'shared_object_id',
] as const;

/** What is said of a layer beside its config and weights. */
export interface Given {
  readonly unsaid: Unsaid;
  /** The sizes of axes, by the caller. */
  readonly shape: unknown;
  readonly built: InputShape;
  /** How many values a feature, by the caller. */
  readonly count: number | ArrayLike<number> | undefined;
}

/** What is not of the norm, but of how Keras begins, constrains and places its weights. */
const elsewhere =
  /^(name|trainable|dtype|autocast|synchronized|fused|batch_input_shape|batch_shape|(beta|gamma|moving_mean|moving_variance)_(initializer|regularizer|constraint))$/;

/** tfjs's names are Keras's in another spelling. */
const spelledAsKeras = (key: string): string =>
  key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

/** The config's words of the norm itself. @throws FormatError at one that is not among them */
export function wordsOf<K extends string>(config: unknown, words: readonly K[]): Partial<Record<K, unknown>> {
  const { ...given } = Object(config) as Record<string, unknown>;
  const kept: Partial<Record<K, unknown>> = {};
  for (const [key, value] of Object.entries(given)) {
    if (words.includes(key as K)) kept[key as K] = value;
    else if (!elsewhere.test(spelledAsKeras(key)) && value !== false && value !== null)
      throw new FormatError(`config.${key}`, 'absent, false or null', value);
  }
  return kept;
}

/** The weights by name: those that there are, in Keras's order. */
export function named<K extends string>(
  weights: readonly ForeignArray[],
  names: readonly (K | false)[],
): Partial<Record<K, ForeignArray>> {
  const there = names.filter((name) => name !== false);
  if (weights.length !== there.length)
    throw new FormatError('weights', `${there.length}: ${there.join(', ')}`, weights);
  return Object.fromEntries(there.map((name, i) => [name, weights[i]])) as Partial<Record<K, ForeignArray>>;
}
