/** Samples in; out, at each stride, the statistics of the latest of them, however many. */
import { OptionError } from '../errors.js';
import { knownOptions, oneOf, optionalFunction } from '../options.js';
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

/** A window of rows, or one of event time. */
export type WindowMomentsOptions<T> =
  | (CommonOptions<T> & RowSpan)
  | (CommonOptions<T> &
      TimeSpan & {
        /** When a sample was. */
        readonly timestamp: Timestamp<T>;
        /** Told of a sample that came when the window had left its time behind, and so was not learned. */
        readonly onLate?: (sample: T, time: number) => void;
      });

/** The statistics of a window, once a stride is complete. */
export interface WindowOf<T> {
  /** Of this window, and for good. */
  readonly moments: Moments;
  /** Rows in the window, whatever of them was missing. */
  readonly rows: number;
  /** The last of them to come. */
  readonly sample: T;
  /** When the latest of them was, in ms, where the window goes by time. */
  readonly time?: number;
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

const common = ['features', 'onInvalid', 'missing', 'partial'] as const;
const known = [...common, 'size', 'stride', 'sizeMs', 'strideMs', 'timestamp', 'onLate'] as const;
type Options<T> = CommonOptions<T> &
  Partial<RowSpan & TimeSpan> & {
    readonly timestamp?: Timestamp<T>;
    readonly onLate?: (sample: T, time: number) => void;
  };

/**
 * Count, mean and variance of the latest rows, or of the latest while, at each stride: of windows far larger than memory, as no
 * row is kept (see `WindowMoments`). A stride of time is complete when a sample of a later one comes; one in which nothing came
 * is not emitted.
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
  const { missing = 'error', partial = 'emit', timestamp, onLate } = given;
  const { size, stride: givenStride, sizeMs, strideMs } = given;
  oneOf('missing', missing, ['error', 'keep']);
  oneOf('partial', partial, ['emit', 'drop']);
  const {
    byTime,
    stride,
    given: span,
  } = checkSpan({ size, stride: givenStride, sizeMs, strideMs } as WindowSpan);
  const clock = byTime ? clockOf(timestamp as Timestamp<T>) : undefined;
  for (const [name, value] of Object.entries({ timestamp, onLate })) {
    if (value !== undefined && !byTime) throw new OptionError(name, 'left out for a window of rows', value);
  }
  optionalFunction('onLate', onLate);
  let [rows, late, invalid, emitted] = [0, 0, 0, 0];
  const watch = new Watch<WindowMomentsStats>(() => ({ rows, late, invalid, emitted }));
  const { open } = intakeOf(given, () => {
    invalid++;
    watch.changed();
  });

  return watch.on(
    operate<T, WindowOf<T>>((out) => {
      const intake = open({ size: 1, dtype: 'float64', keepMissing: missing === 'keep' });
      let window: WindowMoments | undefined;
      let latest = -Infinity;
      let last: T;
      /** Rows since the last window. */
      let fresh = 0;

      /** The window as it is, if anything is new. */
      const taken = (): WindowOf<T> | undefined => {
        if (!window || fresh === 0) return undefined;
        fresh = 0;
        const seen = { moments: window.moments.clone(), rows: window.rows, sample: last };
        return byTime ? { ...seen, time: latest } : seen;
      };

      const emit = (seen: WindowOf<T> | undefined): void => {
        if (!seen) return;
        emitted++;
        out.next(seen);
        watch.changed();
      };

      const rest = (): void => {
        if (partial === 'emit') emit(taken());
      };

      const learn = (row: ArrayLike<number>, sample: T, time: number | undefined): void => {
        window ??= new WindowMoments(row.length, span);
        const before = window.late;
        window.update(row, 1, time);
        if (window.late > before) {
          late++;
          watch.changed();
          onLate?.(sample, time!);
          return;
        }
        rows++;
        fresh++;
        last = sample;
        if (time !== undefined) latest = Math.max(latest, time);
      };

      return {
        next(sample) {
          const time = clock && intake.timeOf(clock, sample);
          if (Number.isNaN(time)) return;
          if (!intake.offer(sample) || out.closed) return; // reading the sample may have ended the subscription
          const row = intake.buffer.lend();
          // Taken before the row is learned, or after; emitted after: the subscriber may send the next sample from within.
          if (time === undefined) {
            learn(row, sample, time);
            if (fresh === stride) emit(taken());
          } else {
            const before = Math.floor(time / stride) > Math.floor(latest / stride) ? taken() : undefined;
            learn(row, sample, time);
            emit(before);
          }
        },
        error: rest,
        complete: rest,
      };
    }),
  );
}
