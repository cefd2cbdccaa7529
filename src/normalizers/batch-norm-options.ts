/** What batch normalization can be asked for. */
import { OptionError, StateError } from '../errors.js';
import { knownOptions, numberBetween, oneOf, positiveInteger } from '../options.js';
import { checkRunningMode, type RunningMode } from '../running/running-mode.js';
import type { DType } from '../tensor.js';

export interface BatchNormOptions {
  /** Added to the variance; 1e-5. 0 is allowed: a constant channel then maps to beta. */
  readonly eps?: number;
  /** How the running statistics are kept; `'pooled'`: exact, over every sample seen. */
  readonly running?: RunningMode;
  /**
   * 1: the running variance is unbiased, as PyTorch's: it divides by the count less one, with a half-life by what that
   * comes to for weights, as pandas' `ewm().var()`; 0: by the count (the sum of the weights), as Keras's. Batches normalize
   * with ddof 0.
   */
  readonly runningDdof?: 0 | 1;
  /**
   * 2: a channel with fewer values in a batch is normalized with the running statistics. (With `'average'` and
   * `{ momentum }` a single value teaches nothing, as it has no variance to average: of batches of one row these learn
   * nothing at all, and the values leave as they came. The other modes learn from every row.)
   */
  readonly minValues?: number;
  /** true: gamma and beta are learnable; false: they are 1 and 0 for good. */
  readonly affine?: boolean;
  /** Of what is emitted; `'float32'`, beyond which (3.4e38) a value is an infinity. Statistics are float64 always. */
  readonly dtype?: DType;
  /** A NaN: refused with an error, kept as NaN, or replaced by beta (the mean before the affine). `'error'`. */
  readonly missing?: 'error' | 'keep' | 'mean';
}

const defaults: Required<BatchNormOptions> = {
  eps: 1e-5,
  running: 'pooled',
  runningDdof: 1,
  minValues: 2,
  affine: true,
  dtype: 'float32',
  missing: 'error',
};

/** The options with their defaults. @throws OptionError naming the one that cannot be used */
export function batchNormOptions(given: BatchNormOptions): Required<BatchNormOptions> {
  knownOptions('options', given, Object.keys(defaults) as (keyof BatchNormOptions)[]);
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const options: Required<BatchNormOptions> = { ...defaults, ...Object.fromEntries(set) };
  return {
    eps: numberBetween('eps', options.eps, 0, Number.MAX_VALUE),
    running: checkRunningMode(options.running),
    runningDdof: oneOf('runningDdof', options.runningDdof, [0, 1]),
    minValues: positiveInteger('minValues', options.minValues),
    affine: oneOf('affine', options.affine, [true, false]),
    dtype: oneOf('dtype', options.dtype, ['float32', 'float64']),
    missing: oneOf('missing', options.missing, ['error', 'keep', 'mean']),
  };
}

/** Options as they were saved: every one of them, as a missing one would be a default it was not saved with. */
export function savedOptions(json: unknown): Required<BatchNormOptions> {
  try {
    const options = batchNormOptions(json as BatchNormOptions);
    for (const name of Object.keys(defaults)) {
      if (!Object.hasOwn(json as object, name)) throw new OptionError(name, 'there', undefined);
    }
    return options;
  } catch (error) {
    throw new StateError(
      'BatchNorm.options',
      `complete and valid (${(error as Error).message})`,
      json,
      error,
    );
  }
}
