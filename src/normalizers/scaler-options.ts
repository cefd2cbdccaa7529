/** What every scaler can be asked for. */
import { type Checks, oneOf } from '../options.js';
import type { DType } from '../tensor.js';
import { checkMissing } from './norm-options.js';
import type { Missing } from './normalizer.js';

export interface ScalerOptions {
  /**
   * A NaN: refused with an error, kept as NaN, or replaced by what the feature's centre (its mean, or the middle of its
   * range) maps to. `'error'`. It is never learned from.
   */
  readonly missing?: Missing;
  /** Of the tensors emitted; by default that of the tensor that came in. */
  readonly dtype?: DType;
}

/** Those with a default have a value. */
export type Settled<O extends ScalerOptions> = Required<Omit<O, 'dtype' | 'clip'>> &
  Pick<O, keyof O & ('dtype' | 'clip')>;

export const commonChecks: Checks<ScalerOptions> = {
  missing: checkMissing,
  dtype: (value) => (value === undefined ? value : oneOf<DType>('dtype', value, ['float32', 'float64'])),
};

export const flag =
  (name: string, byDefault: boolean) =>
  (value: unknown = byDefault): boolean =>
    oneOf(name, value, [true, false]);
