/** Going by when samples happened, not by when they come: how far event time has moved on, of one stream. */
import { asyncScheduler, from, map, type Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import { OptionError } from '../errors.js';
import { checkScheduler, numberBetween, optionalFunction, waitingTime } from '../options.js';
import { type Clock, clockOf, type Timestamp, timeOf } from '../samples/timestamp.js';
import { Lull } from './lull.js';
import { type AheadOptions, aheadOf } from './wrong-clock.js';

export interface EventTimeOptions<T> extends AheadOptions {
  /** When a sample happened: the name of the property that has it, or a function; ms since the epoch, or a Date. */
  readonly timestamp: Timestamp<T>;
  /** How long (ms of event time) a sample may come after one that happened later. 0: they come in order, or are late. */
  readonly latenessMs?: number;
  /** After so long (ms, by the scheduler) without a sample nothing earlier is waited for any more. By default, for ever. */
  readonly idleMs?: number;
  /** Tells event times up to which nothing more is to be waited for, to move on a stream that is silent. */
  readonly advanceTo?: ObservableInput<number | Date>;
  /** Told of each sample that came too late, and its time. */
  readonly onLate?: (sample: T, time: number) => void;
  /** Told of each sample that is further ahead, and its time. It moves no watermark, and is in nothing that is emitted. */
  readonly onAhead?: (sample: T, time: number) => void;
  /** Whose time `idleMs` and `maxAheadMs` go by; `asyncScheduler`, whose time is `Date.now()`. */
  readonly scheduler?: SchedulerLike;
}

export const eventTimeOptions = [
  'timestamp',
  'latenessMs',
  'idleMs',
  'advanceTo',
  'onLate',
  'maxAheadMs',
  'onAhead',
  'scheduler',
] as const;

export interface EventTime<T> {
  readonly clock: Clock<T>;
  readonly onLate: ((sample: T, time: number) => void) | undefined;
  readonly onAhead: ((sample: T, time: number) => void) | undefined;
  /** The greatest time that may be, by now. */
  greatest(): number;
  /**
   * For one subscription.
   * @param advance there was no sample, but the watermark moved
   * @param idle nothing has come for `idleMs`
   */
  follow(advance: (watermark: number) => void, idle: () => void): Progress;
}

/** Of one subscription. */
export interface Progress {
  /** The watermark once a sample of this time has come: nothing earlier than it is waited for. */
  see(time: number): number;
  /** A sample has come, and has been seen to. */
  touch(): void;
  /** For the stage. */
  readonly beside: Observable<unknown> | undefined;
  release(): void;
}

/** @throws OptionError */
export function eventTimeOf<T>(options: EventTimeOptions<T>): EventTime<T> {
  const { latenessMs = 0, idleMs, onLate, onAhead, scheduler = asyncScheduler } = options;
  const clock = clockOf(options.timestamp);
  numberBetween('latenessMs', latenessMs, 0, Number.MAX_VALUE);
  if (idleMs !== undefined) waitingTime('idleMs', idleMs);
  optionalFunction('onLate', onLate);
  checkScheduler('scheduler', scheduler);
  const greatest = aheadOf(options, scheduler);
  const told = options.advanceTo === undefined ? undefined : inputOf('advanceTo', options.advanceTo);

  return {
    clock,
    onLate,
    onAhead,
    greatest,
    follow(advance, idle) {
      let watermark = -Infinity;
      const lull = idleMs === undefined ? undefined : new Lull(idleMs, scheduler, idle);
      const moveTo = (time: number): number => {
        watermark = Math.max(watermark, time);
        return watermark;
      };
      return {
        see: (time) => moveTo(time - latenessMs),
        touch: () => lull?.touch(),
        beside: told?.pipe(map((time) => advance(moveTo(checkTime('advanceTo', time))))),
        release: () => lull?.stop(),
      };
    },
  };
}

function checkTime(name: string, told: unknown): number {
  const time = timeOf(told);
  if (Number.isNaN(time)) throw new OptionError(name, 'of times', told);
  return time;
}

/** A second source of an operator. @throws OptionError */
export function inputOf<T>(name: string, input: ObservableInput<T>): Observable<T> {
  try {
    return from(input);
  } catch {
    throw new OptionError(name, 'an observable, a promise or an iterable', input);
  }
}
