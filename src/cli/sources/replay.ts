/** A recording at the pace of its timestamps. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { aheadOf } from '../../operators/wrong-clock.js';
import { EventClock, type Timestamp } from '../event-time.js';
import type { Sample } from './source.js';

export interface ReplayOptions {
  readonly timestamp: Timestamp;
  /** How many times as fast as it happened. */
  readonly speed: number;
  /** Up to this place it is read as fast as it can be: that was replayed before. */
  readonly after?: number;
  /** A sample whose time is further (ms) ahead of now is not waited for, nor is any by it. */
  readonly maxAhead?: number | undefined;
  readonly scheduler?: SchedulerLike;
}

export class Replay {
  readonly scheduler: SchedulerLike;
  readonly #clock: EventClock;
  readonly #greatest: () => number;
  readonly #speed: number;
  readonly #after: number;
  #started: { readonly at: number; readonly time: number } | undefined;

  constructor({
    timestamp,
    speed,
    after = 0,
    maxAhead = Number.MAX_VALUE,
    scheduler = asyncScheduler,
  }: ReplayOptions) {
    this.scheduler = scheduler;
    this.#clock = new EventClock(timestamp);
    this.#greatest = aheadOf({ maxAheadMs: maxAhead }, scheduler);
    this.#speed = speed;
    this.#after = after;
  }

  /**
   * Milliseconds until the sample is due: counted from the first one, so that no delay adds up. What lies before one that
   * has come, or is late because nobody took it, is due at once; so is what has no time, and will be refused.
   */
  wait(sample: Sample): number {
    if (sample.place <= this.#after || sample.malformed !== undefined) return 0;
    const time = this.#clock.read(sample);
    if (typeof time === 'string' || time > this.#greatest()) return 0;
    const now = this.scheduler.now();
    this.#started ??= { at: now, time };
    const { at, time: first } = this.#started;
    return Math.max(at + (time - first) / this.#speed - now, 0);
  }
}
