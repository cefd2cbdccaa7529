/** What recent rows are compared with, how many they are, and what comes of it. */
import { knownOptions, positiveInteger } from '../options.js';
import { Moments } from '../stats/moments.js';
import { type RowSpan, rowSpan } from '../stats/window-span.js';
import { type AlarmRule, alarmRule, type DriftLevels } from './alarms.js';

export interface DriftRuleOptions {
  /**
   * What recent rows are compared with: moments (if they still learn, as they are by then), or how many rows of the stream
   * they are learned from, whole batches, before any are compared.
   */
  readonly reference: Moments | { readonly rows: number };
  /** Rows of the recent window. */
  readonly size: number;
  /** Rows that leave the window together, a divisor of its size; 1. A window keeps size / stride statistics. */
  readonly stride?: number;
  /**
   * What raises an alarm: a shift, or a log variance ratio, so many of its own standard deviations from 0, as they are where
   * nothing drifts and values are independent and Gaussian; or levels of the scores, by their size. 5.
   */
  readonly raise?: number | DriftLevels;
  /** An alarm is cleared once all that can raise it is below this part of it; 0.6. With 0 it stays. */
  readonly clear?: number;
  /** After an alarm, learn the reference anew, from so many rows; the alarm is cleared once they have come. */
  readonly relearn?: number;
}

/** The same, checked. */
export interface DriftRule extends AlarmRule {
  readonly reference: Moments | { readonly rows: number };
  readonly span: RowSpan;
  readonly relearn: number | undefined;
}

/** @throws OptionError */
export function driftRule(options: DriftRuleOptions): DriftRule {
  const { reference, raise = 5, clear = 0.6, relearn } = options;
  const { size, stride } = rowSpan(options.size, options.stride);
  if (relearn !== undefined) positiveInteger('relearn', relearn);
  return {
    ...alarmRule(raise, clear),
    reference: reference instanceof Moments ? reference : learnedFrom(reference),
    span: { size, stride },
    relearn,
  };
}

function learnedFrom(reference: { readonly rows: number }): { readonly rows: number } {
  const { rows } = knownOptions('reference', reference, ['rows']);
  return { rows: positiveInteger('reference.rows', rows) };
}
