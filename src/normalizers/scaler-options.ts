/** What every scaler can be asked for, and how the options of each are checked, settled and read back. */
import { OptionError, StateError } from '../errors.js';
import { knownOptions, oneOf } from '../options.js';
import type { DType } from '../tensor.js';

export interface ScalerOptions {
  /**
   * A NaN: refused with an error, kept as NaN, or replaced by what the feature's centre (its mean, or the middle of its
   * range) maps to. `'error'`. It is never learned from.
   */
  readonly missing?: 'error' | 'keep' | 'mean';
  /** Of the tensors emitted; by default that of the tensor that came in. */
  readonly dtype?: DType;
}

/** What each option is checked by, and its default. */
export type Checks<O> = { readonly [K in keyof Required<O>]: (value: unknown) => O[K] };

/** Those with a default have a value. */
export type Settled<O extends ScalerOptions> = Required<Omit<O, 'dtype' | 'clip'>> &
  Pick<O, keyof O & ('dtype' | 'clip')>;

export const commonChecks: Checks<ScalerOptions> = {
  missing: (value = 'error') => oneOf('missing', value, ['error', 'keep', 'mean']),
  dtype: (value) => (value === undefined ? value : oneOf<DType>('dtype', value, ['float32', 'float64'])),
};

export const flag =
  (name: string, byDefault: boolean) =>
  (value: unknown = byDefault): boolean =>
    oneOf(name, value, [true, false]);

/** The options with their defaults, copied. @throws OptionError naming the one that cannot be used */
export function settle<O extends ScalerOptions>(given: O, checks: Checks<O>): Settled<O> {
  const names = Object.keys(checks) as (keyof O & string)[];
  knownOptions('options', given, names);
  const settled = names.map((name) => [name, checks[name](given[name])]);
  return Object.fromEntries(settled.filter(([, value]) => value !== undefined)) as Settled<O>;
}

/** Options as they were saved: every one of them, as a missing one would be a default it was not saved with. */
export function savedOptions<O extends ScalerOptions>(
  kind: string,
  json: unknown,
  checks: Checks<O>,
): Settled<O> {
  try {
    const settled = settle(json as O, checks);
    for (const name of Object.keys(settled)) {
      if (!Object.hasOwn(json as object, name)) throw new OptionError(name, 'there', undefined);
    }
    return settled;
  } catch (error) {
    throw new StateError(`${kind}.options`, `complete and valid (${(error as Error).message})`, json, error);
  }
}
