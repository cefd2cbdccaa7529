/** What batch normalization can be asked for. */
import { type Checks, oneOf, positiveInteger, settle } from '../options.js';
import { checkRunningMode, type RunningMode } from '../running/running-mode.js';
import { type NormOptions, normChecks } from './norm-options.js';
import { checkRenormLimits, type RenormLimits } from './renorm.js';

export interface BatchNormOptions extends NormOptions {
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
  /**
   * Batch renormalization, for batches that are small or one-sided: what `forward` emits is corrected towards the running
   * statistics from before the batch, as far as the limits allow; false by default. (The mean for a missing value then is the batch's, so corrected.)
   */
  readonly renorm?: RenormLimits | false;
}

export const batchNormChecks: Checks<BatchNormOptions> = {
  ...normChecks,
  running: (value = 'pooled') => checkRunningMode(value),
  runningDdof: (value = 1) => oneOf('runningDdof', value, [0, 1]),
  minValues: (value = 2) => positiveInteger('minValues', value),
  renorm: (value = false) => checkRenormLimits(value),
};

/** The options with their defaults. @throws OptionError naming the one that cannot be used */
export const batchNormOptions = (given: BatchNormOptions): Required<BatchNormOptions> =>
  settle(batchNormChecks, given);
