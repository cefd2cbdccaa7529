/** Samples in; out, at each stride, the statistics of the latest of them, however many. */
import { OptionError } from '../errors.js';
import { knownOptions, oneOf, optionalFunction } from '../options.js';
import { checkWidth } from '../samples/features.js';
import { type IntakeOptions, intakeOf } from '../samples/intake.js';
import { clockOf, type Timestamp } from '../samples/timestamp.js';
import type { Moments } from '../stats/moments.js';
import { WindowMoments } from '../stats/window-moments.js';
import { checkSpan, type RowSpan, type TimeSpan, type WindowSpan } from '../stats/window-span.js';
import { operate } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

interface CommonOptions<T> extends IntakeOptions<T> {
  /** null, undefined and NaN: refused, or left out of the statistics of their feature. `'error'`. */
  readonly missing?: 'error' | 'keep';
  /** Whether a stride that is not complete when the source completes or fails is emitted: `'emit'` or `'drop'`. `'emit'`. */
  readonly partial?: 'emit' | 'drop';
}

interface ByTime<T> {
  /** When a sample was. */
  readonly timestamp: Timestamp<T>;
  /** Told of a sample that came when the window had left its time behind, and so was not learned. */
  readonly onLate?: (sample: T, time: number) => void;
}

/** The window that learns: it outlives `retry`, `repeat` and resubscription, and can be saved. */
interface Shared {
  readonly window: WindowMoments;
}

/** A window of rows, or one of event time; of each subscription's own, or shared. */
export type WindowMomentsOptions<T> = CommonOptions<T> &
  (RowSpan | (TimeSpan & ByTime<T>) | (Shared & Partial<ByTime<T>>));

/** The statistics of a window, once a stride is complete. */
export interface WindowOf<T> {
  /** Of this window, and for good. */
  readonly moments: Moments;
  /** Rows in the window, whatever of them was missing. */
  readonly rows: number;
  /**
   * The last that was learned when it left, and so where the source goes on from: the window's last row; where it goes by time the
   * first row of a later stride, or at the end the last to come.
   */
  readonly sample: T;
  /** Where the window goes by time: from when on, and until before when, in ms. */
  readonly start?: number;
  readonly end?: number;
}

/** What came of the samples. */
export interface WindowMomentsStats {
  /** Learned. */
  readonly rows: number;
  /** Not learned, as the window had left their time behind. */
  readonly late: number;
  /** Could not be used. */
  readonly invalid: number;
  /** Windows. */
  readonly emitted: number;
}

/** From the epoch to a row: they are told apart by numbers that float64 has. */
const MOST_STRIDES = 2 ** 53;

const common = ['features', 'onInvalid', 'missing', 'partial'] as const;
const spans = ['size', 'stride', 'sizeMs', 'strideMs'] as const;
const known = [...common, ...spans, 'window', 'timestamp', 'onLate'] as const;
type Options<T> = CommonOptions<T> & Partial<RowSpan & TimeSpan & Shared & ByTime<T>>;

/**
 * Count, mean and variance of the latest rows, or of the latest while, at each stride: of windows far larger than memory, as no
 * row is kept (see `WindowMoments`). A stride of time is complete when a sample of a later one comes; one in which nothing came
 * is not emitted.
 *
 * With a `window` of yours state is shared, and goes on where it was: after an error a stride that was emitted in part is
 * emitted again when it is complete.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError; its `stats` count rows learned, rows too late to be, and windows
 * @example
 * import { from } from 'rxjs';
 * import { windowMoments } from 'evenkeel';
 * from([1, 3, 5, 7, 9, 11])
 *   .pipe(windowMoments({ size: 4, stride: 2 }))
 *   .subscribe(({ moments, rows }) => console.log(rows, moments.mean[0], moments.variance()[0]));
 * // 2 2 1
 * // 4 4 5
 * // 4 8 5
 */
export function windowMoments<T>(
  options: WindowMomentsOptions<T>,
): WatchedOperator<T, WindowOf<T>, WindowMomentsStats> {
  const given: Options<T> = knownOptions<Options<T>>('options', options, known);
  const { window: shared, missing = 'error', partial = 'emit', timestamp, onLate } = given;
  oneOf('missing', missing, ['error', 'keep']);
  oneOf('partial', partial, ['emit', 'drop']);
  const { byTime, size, stride, given: span } = checkSpan(spanOf(given));
  const clock = byTime ? clockOf(timestamp as Timestamp<T>) : undefined;
  for (const [name, value] of Object.entries({ timestamp, onLate })) {
    if (value !== undefined && !byTime) throw new OptionError(name, 'left out for a window of rows', value);
  }
  optionalFunction('onLate', onLate);
  let [rows, late, invalid, emitted] = [0, 0, 0, 0];
  const watch = new Watch<WindowMomentsStats>(() => ({ rows, late, invalid, emitted }));
  const { names, open } = intakeOf(given, () => {
    invalid++;
    watch.changed();
  });
  if (shared) checkWidth(names, shared.channels, 'the window has channels');

  return watch.on(
    operate<T, WindowOf<T>>((out) => {
      let window = shared;
      const keepMissing = missing === 'keep';
      const intake = open({ size: 1, dtype: 'float64', keepMissing, columns: window?.channels });
      let last: T;
      /** Whether a row has come since the last window that is not in it. */
      let isFresh = false;

      /** The window as it is, for good. */
      function taken(window: WindowMoments): Omit<WindowOf<T>, 'sample'> {
        const { rows, end } = window;
        const moments = window.moments.clone();
        return byTime ? { moments, rows, start: end - size, end } : { moments, rows };
      }

      function emit(seen: Omit<WindowOf<T>, 'sample'>): void {
        emitted++;
        out.next({ ...seen, sample: last });
        watch.changed();
      }

      function rest(): void {
        if (partial === 'emit' && window && isFresh) emit(taken(window));
      }

      /** @returns whether it was learned */
      function learn(window: WindowMoments, row: ArrayLike<number>, sample: T, time?: number): boolean {
        const before = window.late;
        window.update(row, 1, time);
        if (window.late > before) {
          late++;
          watch.changed();
          onLate?.(sample, time!);
          return false;
        }
        rows++;
        isFresh = true;
        last = sample;
        return true;
      }

      return {
        next(sample) {
          const time = clock && intake.timeOf(clock, sample);
          if (Number.isNaN(time)) return;
          if (clock && !(Math.abs(time! / stride) < MOST_STRIDES)) {
            intake.refuse(intake.buffer.refuse(time, 'EVENKEEL_NOT_A_NUMBER', clock.name), sample);
            return;
          }
          if (!intake.offer(sample) || out.closed) return; // reading the sample may have ended the subscription
          const row = intake.buffer.lend();
          window ??= new WindowMoments(row.length, span);
          // Taken before the row is learned, or after; emitted after: the subscriber may send the next sample from within.
          const before =
            time !== undefined && window.rows > 0 && time >= window.end ? taken(window) : undefined;
          if (!learn(window, row, sample, time)) return;
          if (before) emit(before);
          if (time !== undefined || window.passed < window.end) return;
          isFresh = false;
          emit(taken(window));
        },
        error: rest,
        complete: rest,
      };
    }),
  );
}

/** @throws OptionError where it is not told once */
function spanOf<T>({ window, size, stride, sizeMs, strideMs }: Options<T>): WindowSpan {
  if (window === undefined) return { size, stride, sizeMs, strideMs } as WindowSpan;
  if (!(window instanceof WindowMoments)) throw new OptionError('window', 'WindowMoments', window);
  for (const [name, value] of Object.entries({ size, stride, sizeMs, strideMs }))
    if (value !== undefined) throw new OptionError(name, 'left out, as it is that of the window', value);
  return window.span;
}
