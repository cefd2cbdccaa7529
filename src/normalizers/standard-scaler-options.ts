/** What a standard scaler can be asked for. */
import { OptionError } from '../errors.js';
import { type Checks, numberBetween, oneOf, settle } from '../options.js';
import { checkRunningMode, isPoolMode, type PoolMode, type RunningMode } from '../running/running-mode.js';
import { commonChecks, flag, type ScalerOptions, type Settled } from './scaler-options.js';

export interface StandardScalerOptions extends ScalerOptions {
  /** Whether the mean is taken off; true. */
  readonly withMean?: boolean;
  /** Whether values are divided by the standard deviation; true. */
  readonly withStd?: boolean;
  /**
   * 0 divides by the count (scikit-learn), 1 by the count less one (unbiased; with a half-life and rows of weight 1, as pandas'
   * `ewm().var()`). Weights count repetitions: with 1, a feature whose weights come to 1 or less is only centred.
   */
  readonly ddof?: 0 | 1;
  /**
   * `'pooled'`: all rows alike; `{ halfLifeRows }`: a row weighs half as much after so many further ones, those of the same
   * tensor too. A weight says how much a row counts, not how many rows pass: one of weight 0 still is a row that passed.
   * `{ halfLifeMs }`: by event time; `{ windowRows }`, `{ windowMs }`: the latest ones alone.
   */
  readonly running?: PoolMode;
  /** Transformed values end at -clip and clip; by default they do not end. */
  readonly clip?: number;
}

function checkPoolMode(value: unknown = 'pooled'): PoolMode {
  const mode = checkRunningMode(value as RunningMode);
  if (isPoolMode(mode)) return mode;
  throw new OptionError(
    'running',
    "'pooled', { halfLifeRows }, { halfLifeMs }, { windowRows } or { windowMs }, as a row has no variance of its own",
    value,
  );
}

export const standardScalerChecks: Checks<StandardScalerOptions> = {
  ...commonChecks,
  withMean: flag('withMean', true),
  withStd: flag('withStd', true),
  ddof: (value = 0) => oneOf('ddof', value, [0, 1]),
  running: checkPoolMode,
  clip: (value) => (value === undefined ? value : numberBetween('clip', value, 0, Number.MAX_VALUE)),
};

/** The options with their defaults. @throws OptionError naming the one that cannot be used */
export const standardScalerOptions = (given: StandardScalerOptions): Settled<StandardScalerOptions> =>
  settle(standardScalerChecks, given);
