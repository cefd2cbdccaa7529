/** A reference, the latest rows beside it, and the alarms that come of comparing them. */
import { StateError } from '../errors.js';
import { stateOf, wholeFromJSON } from '../json.js';
import { channelCount, positiveInteger, savedOptions } from '../options.js';
import { Moments } from '../stats/moments.js';
import { ReadOnlyMoments } from '../stats/read-only-moments.js';
import { WindowMoments } from '../stats/window-moments.js';
import type { Tensor } from '../tensor.js';
import { type AlarmChange, Alarms } from './alarms.js';
import { type DriftScores, driftOf } from './drift-of.js';
import {
  checkReference,
  comparisonChecks,
  type DriftRule,
  type DriftRuleOptions,
  driftRule,
} from './drift-rule.js';

/** What has come of rows: the features in alarm, and those that have come into it and out of it with them, by index. */
export interface DriftReading {
  readonly scores: DriftScores;
  readonly alarmed: readonly number[];
  readonly raised: readonly number[];
  readonly cleared: readonly number[];
}

/**
 * Compares the latest rows with a reference, feature by feature: what `drift` does, by hand, and to be shared and saved. Scores
 * tell from the first rows on; alarms are judged once the window is full. A missing value (NaN) counts for nothing in its
 * feature. Memory: size / stride statistics.
 *
 * @example
 * import { DriftMonitor } from 'evenkeel';
 * const monitor = new DriftMonitor(1, { reference: { rows: 4 }, size: 2, raise: { shift: 3 } });
 * for (const x of [20, 22, 20, 22, 21, 30, 32]) {
 *   const { scores, raised } = monitor.update([x]);
 *   if (raised.length > 0) console.log(x, scores.shift[0]!.toFixed(1)); // 30 3.9
 * }
 */
export class DriftMonitor {
  readonly channels: number;
  readonly #rule: DriftRule;
  readonly #alarms: Alarms;
  #rows = 0;
  #reference: Moments;
  #recent: WindowMoments;
  /** Rows that the reference is yet to learn. None of these comes into the window, too. */
  #toLearn: number;

  /** @throws OptionError unless `channels` is a positive integer, and the reference is of as many */
  constructor(channels: number, options: DriftRuleOptions) {
    this.channels = channelCount('channels', channels);
    this.#rule = driftRule(options);
    const { reference, span } = this.#rule;
    const isKnown = reference instanceof Moments;
    this.#alarms = new Alarms(channels, this.#rule);
    this.#reference = isKnown ? checkReference(reference, channels) : new Moments(channels);
    this.#toLearn = isKnown ? 0 : reference.rows;
    this.#recent = new WindowMoments(channels, span);
  }

  /** Rows of the recent window, once it is full. */
  get size(): number {
    return this.#rule.span.size;
  }

  /** Rows taken in. */
  get rows(): number {
    return this.#rows;
  }

  /** The features in alarm, by index. */
  get alarmed(): readonly number[] {
    return this.#alarms.current;
  }

  /** What recent rows are compared with. Read it. */
  get reference(): Moments {
    const reference = this.#reference;
    return reference instanceof ReadOnlyMoments ? reference.fresh() : reference;
  }

  /** The latest rows. Read them. */
  get recent(): Moments {
    return this.#recent.moments;
  }

  /**
   * @param row a value per channel; NaN is missing
   * @throws SampleError (not a number, not finite, wrong arity), nothing having changed
   */
  update(row: ArrayLike<number>): DriftReading {
    const isLearning = this.#toLearn > 0;
    (isLearning ? this.#reference : this.#recent).update(row);
    return this.#read(1, isLearning);
  }

  /**
   * @param x `[N, C]` or `[N, C, …positions]`, compared, or learned by the reference, as a whole; NaN is missing
   * @throws ShapeError if it is of other channels; SampleError at an infinity; nothing having changed
   */
  updateBatch(x: Tensor): DriftReading {
    const isLearning = this.#toLearn > 0;
    (isLearning ? this.#reference : this.#recent).updateBatch(x);
    return this.#read(x.shape[0]!, isLearning);
  }

  /** Compares the same rows with another reference from now on; if it still learns, as it is by then. @throws OptionError */
  compareWith(reference: Moments): void {
    this.#reference = checkReference(reference, this.channels);
    this.#toLearn = 0;
  }

  /** Learns the reference anew, from so many rows; alarms are cleared once they have come. @throws OptionError */
  relearn(rows: number): void {
    const { span } = this.#rule;
    this.#toLearn = positiveInteger('rows', rows);
    this.#reference = new Moments(this.channels);
    this.#recent = new WindowMoments(this.channels, span);
  }

  /** Plain JSON, from which `fromJSON` goes on bit for bit; the reference as it is now. */
  toJSON(): unknown {
    return {
      kind: 'DriftMonitor',
      version: 1,
      channels: this.channels,
      options: this.#rule.options,
      rows: this.#rows,
      toLearn: this.#toLearn,
      alarmed: this.alarmed,
      reference: this.reference.toJSON(),
      recent: this.#recent.toJSON(),
    };
  }

  /** @throws StateError if `json` is not the state of a `DriftMonitor`, naming what was expected and what came */
  static fromJSON(json: unknown): DriftMonitor {
    const state = stateOf('DriftMonitor', 1, json);
    const reference = Moments.fromJSON(state['reference']); // first, as it has as many numbers as it claims
    const recent = WindowMoments.fromJSON(state['recent']);
    const channels = wholeFromJSON('DriftMonitor.channels', state['channels'], 1);
    for (const [name, is] of Object.entries({ reference, recent }))
      if (is.channels !== channels)
        throw new StateError(`DriftMonitor.${name}.channels`, `${channels}`, is.channels);
    const options = savedOptions('DriftMonitor.options', comparisonChecks, state['options']);
    const { size, stride } = options;
    const { span } = recent;
    if (!('size' in span && span.size === size && span.stride === stride))
      throw new StateError('DriftMonitor.recent.span', `${size} rows, by ${stride}`, span);
    const monitor = new DriftMonitor(channels, { ...options, reference });
    monitor.#recent = recent;
    monitor.#rows = wholeFromJSON('DriftMonitor.rows', state['rows'], 0);
    monitor.#toLearn = wholeFromJSON('DriftMonitor.toLearn', state['toLearn'], 0);
    monitor.#alarms.restore('DriftMonitor.alarmed', state['alarmed']);
    return monitor;
  }

  #read(rows: number, isLearning: boolean): DriftReading {
    this.#rows += rows;
    const recent = this.recent;
    const scores = driftOf(recent, this.reference);
    const { raised, cleared } = isLearning ? this.#learned(rows) : this.#compared(scores, recent);
    const { relearn } = this.#rule.options;
    if (raised.length > 0 && relearn !== undefined) this.relearn(relearn);
    return { scores, alarmed: this.alarmed, raised, cleared };
  }

  #learned(rows: number): AlarmChange {
    this.#toLearn = Math.max(0, this.#toLearn - rows);
    // Once the new state of things is known, it is no cause for alarm.
    return this.#toLearn === 0 ? this.#alarms.clear() : Alarms.noChange;
  }

  #compared(scores: DriftScores, recent: Moments): AlarmChange {
    return this.#recent.passed < this.#rule.span.size
      ? Alarms.noChange
      : this.#alarms.judge(scores, recent.count, this.reference.count);
  }
}
