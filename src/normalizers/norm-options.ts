/** What every norm can be asked for. */
import { type Checks, numberBetween, oneOf } from '../options.js';
import type { DType } from '../tensor.js';
import type { Missing } from './normalizer.js';

export interface NormOptions {
  /** Added to the variance; 1e-5. 0 is allowed: what does not vary then maps to beta. */
  readonly eps?: number;
  /** true: gamma and beta are learnable; false: they are 1 and 0 for good. */
  readonly affine?: boolean;
  /** Of what is emitted; `'float32'`, beyond which (3.4e38) a value is an infinity. Statistics are float64 always. */
  readonly dtype?: DType;
  /** A NaN: refused with an error, kept as NaN, or taken for the mean, which comes out as beta. `'error'`. */
  readonly missing?: Missing;
}

/** Every normalizer has it. */
export const checkMissing = (value: unknown = 'error'): Missing =>
  oneOf<Missing>('missing', value, ['error', 'keep', 'mean']);

export const normChecks: Checks<NormOptions> = {
  eps: (value = 1e-5) => numberBetween('eps', value, 0, Number.MAX_VALUE),
  affine: (value = true) => oneOf('affine', value, [true, false]),
  dtype: (value = 'float32') => oneOf('dtype', value, ['float32', 'float64']),
  missing: checkMissing,
};
