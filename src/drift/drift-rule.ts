/** What recent rows are compared with, how many they are, and what comes of it. */
import { OptionError } from '../errors.js';
import { type Checks, knownOptions, numberBetween, positiveInteger, settle } from '../options.js';
import { isPlainObject } from '../plain-object.js';
import { Moments } from '../stats/moments.js';
import { type RowSpan, rowSpan } from '../stats/window-span.js';
import { type AlarmRule, alarmRule, type DriftLevels } from './alarms.js';

/** How many rows are compared, and what comes of it. */
interface ComparisonOptions {
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

export interface DriftRuleOptions extends ComparisonOptions {
  /**
   * What recent rows are compared with: moments (if they still learn, as they are by then), or how many rows of the stream
   * they are learned from, whole batches, before any are compared.
   */
  readonly reference: Moments | { readonly rows: number };
}

/** The same, checked. */
export interface DriftRule extends AlarmRule {
  readonly reference: Moments | { readonly rows: number };
  readonly span: RowSpan;
  /** But for the reference, with their defaults: plain JSON. */
  readonly options: Comparison;
}

export type Comparison = Required<Omit<ComparisonOptions, 'relearn'>> & Pick<ComparisonOptions, 'relearn'>;

export const comparisonChecks: Checks<ComparisonOptions> = {
  size: (value) => positiveInteger('size', value),
  stride: (value = 1) => positiveInteger('stride', value),
  raise(value = 5) {
    const raise = (typeof value === 'object' ? Object.freeze({ ...value }) : value) as number | DriftLevels;
    alarmRule(raise, 0);
    return raise;
  },
  clear: (value = 0.6) => numberBetween('clear', value, 0, 1),
  relearn: (value) => (value === undefined ? value : positiveInteger('relearn', value)),
} as Checks<ComparisonOptions>;

export const driftRuleNames = ['reference', 'size', 'stride', 'raise', 'clear', 'relearn'] as const;

/** @throws OptionError */
export function driftRule(options: DriftRuleOptions): DriftRule {
  const { reference, ...given } = knownOptions('options', options, driftRuleNames);
  const settled = settle<ComparisonOptions, Comparison>(comparisonChecks, given);
  const { size, stride } = rowSpan(settled.size, settled.stride);
  return {
    ...alarmRule(settled.raise, settled.clear),
    reference: reference instanceof Moments ? reference : learnedFrom(reference),
    span: { size, stride },
    options: settled,
  };
}

function learnedFrom(reference: { readonly rows: number }): { readonly rows: number } {
  if (!isPlainObject(reference)) throw new OptionError('reference', 'Moments, or { rows }', reference);
  const { rows } = knownOptions('reference', reference, ['rows']);
  return { rows: positiveInteger('reference.rows', rows) };
}

/** @throws OptionError unless they are moments of so many channels */
export function checkReference(reference: Moments, channels: number): Moments {
  if (reference instanceof Moments && reference.channels === channels) return reference;
  const what = reference instanceof Moments ? `${reference.channels} channels` : reference;
  throw new OptionError('reference', `Moments of ${channels} channels`, what);
}
