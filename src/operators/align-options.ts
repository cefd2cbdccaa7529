/** What sources can be aligned by. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { OptionError, type SampleError } from '../errors.js';
import {
  checkScheduler,
  knownOptions,
  numberBetween,
  oneOf,
  optionalFunction,
  positiveInteger,
  waitingTime,
} from '../options.js';
import { checkOnInvalid } from '../samples/intake.js';
import { type Reader, readerOf } from '../samples/reader.js';
import { Ticks } from '../samples/ticks.js';
import { type Clock, clockOf, type Timestamp } from '../samples/timestamp.js';
import { type AheadOptions, aheadOf } from './wrong-clock.js';

export interface AlignOptions<T> extends AheadOptions {
  /** The period of the clock: its ticks are at the whole multiples of it, in event time (ms since the epoch). */
  readonly everyMs: number;
  /** When a sample happened. */
  readonly timestamp: Timestamp<T>;
  /** The name of the property that has a sample's value, or how to get it: a number; null, undefined and NaN are missing. `'value'`. */
  readonly value?: string | ((sample: T) => number | null | undefined);
  /**
   * `'latest'`: a source's last value at or before the tick. `'linear'`: on the line between its neighbours, the last value at or
   * before the tick and the first after it. `'latest'`.
   */
  readonly method?: 'latest' | 'linear';
  /**
   * How old the latest value may be, or how far apart the neighbours (ms, Infinity too); NaN beyond that. And how far other sources
   * go on before one that is silent is not waited for.
   */
  readonly toleranceMs: number;
  /** The first tick is the first at or after this time; by default after the first value of all. */
  readonly startAt?: number;
  /**
   * The most values of a source held for their ticks, 2 or more; 65,536. Of those between two ticks no more than the first and the
   * last are.
   */
  readonly maxBuffered?: number;
  /**
   * What gives way where there would be more: the stream, with an OverflowError (`'error'`, the default); the earliest value of the
   * source; its latest; or the waiting for other sources, until the earliest value's tick has left.
   */
  readonly overflow?: 'error' | 'drop-oldest' | 'drop-newest' | 'emit-early';
  /** After so long (ms, by the scheduler) without any sample, no source is waited for. By default, for ever. */
  readonly idleMs?: number;
  /** Whose time `idleMs` and `maxAheadMs` go by; `asyncScheduler`, whose time is `Date.now()`. */
  readonly scheduler?: SchedulerLike;
  /** Told of each sample that came too late, its time, and the name of its source. */
  readonly onLate?: (sample: T, time: number, source: string) => void;
  /** Told likewise of each sample that is further ahead than `maxAheadMs`. It makes nothing late, and nothing is made of it. */
  readonly onAhead?: (sample: T, time: number, source: string) => void;
  /** A sample that cannot be used: an error notification (`'error'`), or told to this function and left out. */
  readonly onInvalid?: 'error' | ((error: SampleError, sample: unknown) => void);
}

const knownNames = [
  'everyMs',
  'timestamp',
  'value',
  'method',
  'toleranceMs',
  'startAt',
  'maxBuffered',
  'overflow',
  'idleMs',
  'scheduler',
  'onLate',
  'maxAheadMs',
  'onAhead',
  'onInvalid',
] as const;

type Defaulted = 'method' | 'maxBuffered' | 'overflow' | 'scheduler' | 'onInvalid';

/** The options with their defaults, what they read, and the times that the clock's ticks can tell apart: up to that. */
type Settled<T> = Omit<AlignOptions<T>, Defaulted | 'timestamp' | 'value'> &
  Required<Pick<AlignOptions<T>, Defaulted>> & {
    readonly clock: Clock<T>;
    readonly value: Reader<T>;
    readonly farthest: number;
    /** The greatest time that may be, by now. */
    greatest(): number;
  };

/** @throws OptionError naming the one that cannot be used */
export function alignOptions<T>(options: AlignOptions<T>): Settled<T> {
  knownOptions('options', options, knownNames);
  const { timestamp, value = 'value', ...given } = options;
  const { method = 'latest', maxBuffered = 65_536, overflow = 'error', scheduler = asyncScheduler } = given;
  const { everyMs, toleranceMs, startAt, idleMs, onInvalid = 'error' } = given;
  numberBetween('everyMs', everyMs, Number.MIN_VALUE, Number.MAX_VALUE);
  const { farthest } = new Ticks(everyMs);
  const clock = clockOf(timestamp);
  const reader = readerOf('value', value);
  oneOf('method', method, ['latest', 'linear']);
  if (toleranceMs !== Infinity) numberBetween('toleranceMs', toleranceMs, 0, Number.MAX_VALUE);
  if (startAt !== undefined) numberBetween('startAt', startAt, -farthest, farthest);
  if (positiveInteger('maxBuffered', maxBuffered) < 2)
    throw new OptionError('maxBuffered', '2 or more', maxBuffered);
  oneOf('overflow', overflow, ['error', 'drop-oldest', 'drop-newest', 'emit-early']);
  if (idleMs !== undefined) waitingTime('idleMs', idleMs);
  checkScheduler('scheduler', scheduler);
  optionalFunction('onLate', given.onLate);
  checkOnInvalid(onInvalid);
  const greatest = aheadOf(given, scheduler);
  return {
    ...given,
    method,
    maxBuffered,
    overflow,
    scheduler,
    onInvalid,
    clock,
    value: reader,
    farthest,
    greatest,
  };
}
