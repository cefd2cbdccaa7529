/** A reference, the latest rows beside it, and the alarms that come of comparing them. */
import { Moments } from '../stats/moments.js';
import { WindowMoments } from '../stats/window-moments.js';
import type { Tensor } from '../tensor.js';
import { type AlarmChange, Alarms } from './alarms.js';
import { type DriftScores, driftOf } from './drift-of.js';
import type { DriftRule } from './drift-rule.js';

/** What has come of it: the features in alarm, and those that have come into it and out of it just now, by index. */
export interface DriftReading {
  readonly scores: DriftScores;
  readonly alarmed: readonly number[];
  readonly raised: readonly number[];
  readonly cleared: readonly number[];
}

export class DriftMonitor {
  /** Rows taken in. */
  rows = 0;
  readonly channels: number;
  readonly #rule: DriftRule;
  readonly #alarms: Alarms;
  #reference: Moments;
  #recent: WindowMoments;
  /** Rows that the reference is yet to learn. None of these comes into the window, too. */
  #toLearn: number;
  /** Rows that the window is yet to see before it has its size. */
  #toFill: number;

  constructor(channels: number, rule: DriftRule) {
    const { reference, span } = rule;
    const isKnown = reference instanceof Moments;
    this.channels = channels;
    this.#rule = rule;
    this.#alarms = new Alarms(channels, rule);
    this.#reference = isKnown ? reference : new Moments(channels);
    this.#toLearn = isKnown ? 0 : reference.rows;
    this.#recent = new WindowMoments(channels, span);
    this.#toFill = span.size;
  }

  get alarmed(): readonly number[] {
    return this.#alarms.current;
  }

  update(row: Float64Array): DriftReading {
    const isLearning = this.#toLearn > 0;
    (isLearning ? this.#reference : this.#recent).update(row);
    return this.#read(1, isLearning);
  }

  updateBatch(x: Tensor): DriftReading {
    const isLearning = this.#toLearn > 0;
    (isLearning ? this.#reference : this.#recent).updateBatch(x);
    return this.#read(x.shape[0]!, isLearning);
  }

  #read(rows: number, isLearning: boolean): DriftReading {
    this.rows += rows;
    const recent = this.#recent.moments;
    const scores = driftOf(recent, this.#reference);
    const { raised, cleared } = isLearning ? this.#learned(rows) : this.#compared(rows, scores, recent);
    const { relearn } = this.#rule;
    if (raised.length > 0 && relearn !== undefined) this.#relearn(relearn);
    return { scores, alarmed: this.#alarms.current, raised, cleared };
  }

  #learned(rows: number): AlarmChange {
    this.#toLearn = Math.max(0, this.#toLearn - rows);
    // Once the new state of things is known, it is no cause for alarm.
    return this.#toLearn === 0 ? this.#alarms.clear() : Alarms.noChange;
  }

  #compared(rows: number, scores: DriftScores, recent: Moments): AlarmChange {
    this.#toFill = Math.max(0, this.#toFill - rows);
    return this.#toFill === 0
      ? this.#alarms.judge(scores, recent.count, this.#reference.count)
      : Alarms.noChange;
  }

  #relearn(rows: number): void {
    const { span } = this.#rule;
    this.#reference = new Moments(this.channels);
    this.#recent = new WindowMoments(this.channels, span);
    this.#toLearn = rows;
    this.#toFill = span.size;
  }
}
