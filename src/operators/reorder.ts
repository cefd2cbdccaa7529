/** Samples in, the same samples out, in the order in which they happened. */
import { SampleError } from '../errors.js';
import { knownOptions } from '../options.js';
import { checkOnInvalid } from '../samples/intake.js';
import { TimeQueue } from '../samples/time-queue.js';
import { timeOf } from '../samples/timestamp.js';
import { type BoundOptions, boundOf, boundOptions } from './bound.js';
import { type EventTimeOptions, eventTimeOf, eventTimeOptions } from './event-time.js';
import { operate } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

export interface ReorderOptions<T> extends EventTimeOptions<T>, BoundOptions<T> {
  /** A sample without a time that can be used: an error notification (`'error'`), or told to this function and left out. */
  readonly onInvalid?: 'error' | ((error: SampleError, sample: unknown) => void);
}

/** What became of the samples: `rows = emitted + late + ahead + dropped + invalid + held`, always. */
export interface ReorderStats {
  /** Samples that came. */
  readonly rows: number;
  readonly emitted: number;
  /** Came too late. */
  readonly late: number;
  /** Of times too far ahead. */
  readonly ahead: number;
  /** Gave way at `maxRows`, or were held when their subscription was given up. */
  readonly dropped: number;
  /** Have no time that can be used. */
  readonly invalid: number;
  /** Wait for those that may still come before them. */
  readonly held: number;
}

/**
 * Emits samples in the order of their event times, equal ones as they came: for what goes by the order of rows.
 *
 * A sample is held until the watermark, the greatest time so far less `latenessMs`, has come to its time; one that is
 * earlier than the watermark when it comes is late, and goes to `onLate`. After `idleMs` without a sample, and at completion or
 * before an error, all that is held leaves. With `latenessMs: 0` nothing is held. At `maxRows`, `overflow: 'emit-early'` lets the
 * earliest leave, and what is earlier than it is late from then on. With `maxAheadMs`, a time that is more than so far ahead of the
 * scheduler's goes to `onAhead`, and is as if it had not come: else one wrong clock would make late all that follows.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError (a sample without a time) and OverflowError; `stats` tells what became of
 *   the samples, of all its subscriptions
 * @example
 * import { from } from 'rxjs';
 * import { reorder } from 'evenkeel';
 * from([{ t: 0 }, { t: 40 }, { t: 20 }, { t: 70 }, { t: 10 }])
 *   .pipe(reorder({ timestamp: 't', latenessMs: 30, onLate: ({ t }) => console.log(t, 'is late') }))
 *   .subscribe(({ t }) => console.log(t));
 * // 0
 * // 20
 * // 40
 * // 10 is late
 * // 70
 */
export function reorder<T>(options: ReorderOptions<T>): WatchedOperator<T, T, ReorderStats> {
  knownOptions('options', options, [...eventTimeOptions, ...boundOptions, 'onInvalid']);
  const { clock, onLate, onAhead, greatest, follow } = eventTimeOf(options);
  const { maxRows, overflow, onDropped, fail } = boundOf('reorder', options);
  const { onInvalid = 'error' } = options;
  checkOnInvalid(onInvalid);
  const counts = { rows: 0, emitted: 0, late: 0, ahead: 0, dropped: 0, invalid: 0, held: 0 };
  const watch = new Watch<ReorderStats>(() => ({ ...counts }));

  /** Tells of a sample that is not held, once that has been counted. */
  function aside(tell: () => void): void {
    tell();
    watch.changed();
  }

  return watch.on(
    operate<T, T>((out) => {
      const queue = new TimeQueue<T>();
      /** What is earlier has left, or is late. */
      let passed = -Infinity;
      let latest = -Infinity;
      let row = 0;

      function take(): T {
        counts.held--;
        return queue.shift();
      }

      function release(watermark: number): void {
        while (queue.length > 0 && queue.timeAt(0) <= watermark && !out.closed) {
          passed = queue.timeAt(0);
          const sample = take();
          counts.emitted++;
          out.next(sample);
          watch.changed();
        }
        passed = Math.max(passed, watermark);
      }

      function shrink(): void {
        if (overflow === 'emit-early') release(queue.timeAt(0));
        else {
          const sample = take();
          counts.dropped++;
          aside(() => onDropped?.(sample));
        }
      }

      function place(sample: T, time: number): void {
        latest = Math.max(latest, time);
        const watermark = progress.see(time);
        const staysFull = queue.length >= maxRows && Math.min(queue.timeAt(0), time) > watermark;
        if (staysFull && (overflow === 'error' || overflow === 'drop-newest')) {
          passed = Math.max(passed, watermark);
          counts.dropped++;
          if (overflow === 'error') fail();
          aside(() => onDropped?.(sample));
        } else {
          queue.insert(time, sample);
          counts.held++;
          release(watermark);
          while (queue.length > maxRows) shrink();
        }
      }

      const progress = follow(release, () => release(latest));
      const rest = (): void => release(Infinity);

      return {
        next(sample) {
          const most = greatest();
          const at = row++;
          counts.rows++;
          counts.invalid++; // until its time is known
          const read = clock.read(sample);
          const time = timeOf(read);
          if (Number.isNaN(time)) {
            const error = new SampleError('EVENKEEL_NOT_A_NUMBER', at, clock.name, read);
            if (onInvalid === 'error') throw error;
            aside(() => onInvalid(error, sample));
            return;
          }
          counts.invalid--;
          // Reading it may have ended the subscription.
          if (out.closed) counts.dropped++;
          else if (time > most) {
            counts.ahead++;
            aside(() => onAhead?.(sample, time));
            return;
          } else if (time < passed) {
            counts.late++;
            aside(() => onLate?.(sample, time));
          } else place(sample, time);
          if (!out.closed) progress.touch();
        },
        error: rest,
        complete: rest,
        release() {
          progress.release();
          for (; queue.length > 0; take()) counts.dropped++;
          watch.changed();
        },
        beside: progress.beside,
      };
    }),
  );
}
