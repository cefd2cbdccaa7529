/** A reference, the latest rows beside it, and the alarms that come of comparing them. */
import { Moments } from '../stats/moments.js';
import type { Tensor } from '../tensor.js';
import { type AlarmChange, Alarms } from './alarms.js';
import { type DriftScores, driftOf } from './drift-of.js';
import type { DriftRule } from './drift-rule.js';
import { RecentMoments } from './recent-moments.js';

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
  #recent: RecentMoments;
  /** Rows that the reference is yet to learn; none of them is in the recent window too. */
  #toLearn: number;

  constructor(channels: number, rule: DriftRule) {
    const { reference } = rule;
    this.channels = channels;
    this.#rule = rule;
    this.#alarms = new Alarms(channels, rule);
    this.#reference = reference instanceof Moments ? reference : new Moments(channels);
    this.#toLearn = reference instanceof Moments ? 0 : reference.rows;
    this.#recent = this.#nothing();
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
    const { raised, cleared } = isLearning
      ? this.#learned(rows)
      : this.#recent.isFull
        ? this.#alarms.judge(scores, recent.count, this.#reference.count)
        : Alarms.noChange;
    if (raised.length > 0 && this.#rule.relearn !== undefined) this.#relearn(this.#rule.relearn);
    return { scores, alarmed: this.#alarms.current, raised, cleared };
  }

  /** What was in alarm is the normal state of things, once that is known. */
  #learned(rows: number): AlarmChange {
    this.#toLearn = Math.max(0, this.#toLearn - rows);
    return this.#toLearn === 0 ? this.#alarms.clear() : Alarms.noChange;
  }

  #relearn(rows: number): void {
    this.#reference = new Moments(this.channels);
    this.#recent = this.#nothing();
    this.#toLearn = rows;
  }

  #nothing(): RecentMoments {
    return new RecentMoments(this.channels, this.#rule.size, this.#rule.stride);
  }
}
