/** Samples in, windows of event time out: by when they happened, whenever they come. */
import { OptionError } from '../errors.js';
import { numberBetween, positiveInteger } from '../options.js';
import { alignedWindows } from '../samples/aligned-windows.js';
import type { EventWindows } from '../samples/event-windows.js';
import { sessionWindows } from '../samples/session-windows.js';
import { type EventTimeOptions, eventTimeOf, eventTimeOptions } from './event-time.js';
import type { WatchedOperator } from './watched.js';
import {
  knownWindowOptions,
  type TimeWindow,
  type WindowOptions,
  type WindowStats,
  windowed,
} from './windowed.js';

/** Windows of one size, or sessions. */
export type EventTimeWindowOptions<T> = EventTimeOptions<T> &
  WindowOptions<T> &
  (
    | {
        /** How long a window is, in whole ms. */
        readonly sizeMs: number;
        /** How far apart they start, in whole ms; as long as they are. */
        readonly strideMs?: number;
        readonly gapMs?: never;
      }
    | {
        /** From how long (ms) without a row on there is another session; more than 0. */
        readonly gapMs: number;
        readonly sizeMs?: never;
        readonly strideMs?: never;
      }
  );

/** So that the end of any window is a whole number that a float64 has. */
const LONGEST_WINDOW = 1e14;

/** @throws OptionError */
function windowsOf<T>({ sizeMs, strideMs = sizeMs, gapMs }: EventTimeWindowOptions<T>): () => EventWindows {
  if (gapMs !== undefined) {
    if (sizeMs !== undefined || strideMs !== undefined)
      throw new OptionError('gapMs', 'without sizeMs and strideMs: sessions have no size', gapMs);
    numberBetween('gapMs', gapMs, Number.MIN_VALUE, LONGEST_WINDOW);
    return () => sessionWindows(gapMs);
  }
  const size = positiveInteger('sizeMs', sizeMs, LONGEST_WINDOW);
  const stride = positiveInteger('strideMs', strideMs, LONGEST_WINDOW);
  return () => alignedWindows(size, stride);
}

/**
 * Windows samples by when they happened: `[start, end)`, of `sizeMs`, starting at each multiple of `strideMs`; or with `gapMs`
 * sessions, of which a row that comes later can make two one. Never an empty one.
 *
 * The watermark is the greatest time so far less `latenessMs`. A window leaves, as `[rows, features]` in the order of `times`, equal
 * ones as they came, when the watermark has come to its end; of several, those that end first. A row of which all windows
 * have left is late, and goes to `onLate`; one of which some have goes into the others, and is counted as `cut` too. After
 * `idleMs` without a sample, at completion and before an error all windows leave. At `maxRows`, `overflow: 'emit-early'` moves the
 * watermark to the end of the earliest window. With `maxAheadMs`, a time that is more than so far ahead of the scheduler's goes to
 * `onAhead`, and is as if it had not come: else one wrong clock would make late all that follows.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError (a sample without a time too) and OverflowError; `stats` tells what became of
 *   the rows
 * @example
 * import { from } from 'rxjs';
 * import { eventTimeWindow } from 'evenkeel';
 * const onLate = (_: object, time: number) => console.log(time, 'is late');
 * from([{ t: 1, x: 5 }, { t: 12, x: 7 }, { t: 8, x: 6 }, { t: 16, x: 8 }, { t: 9, x: 0 }])
 *   .pipe(eventTimeWindow({ timestamp: 't', features: ['x'], sizeMs: 10, latenessMs: 5, onLate }))
 *   .subscribe(({ start, end, times, data }) => console.log(start, end, times, data));
 * // 0 10 Float64Array(2) [ 1, 8 ] Float64Array(2) [ 5, 6 ]
 * // 9 is late
 * // 10 20 Float64Array(2) [ 12, 16 ] Float64Array(2) [ 7, 8 ]
 */
export function eventTimeWindow<T>(
  options: EventTimeWindowOptions<T>,
): WatchedOperator<T, TimeWindow<T>, WindowStats> {
  knownWindowOptions(options, [...eventTimeOptions, 'sizeMs', 'strideMs', 'gapMs']);
  const { clock, onLate, onAhead, greatest, follow } = eventTimeOf(options);
  const makeWindows = windowsOf(options);

  return windowed<T, TimeWindow<T>>({ name: 'eventTimeWindow', order: 'by time' }, options, (holding) => {
    const { rows } = holding;
    const windows = makeWindows();
    /** Windows that end by then are closed. */
    let passed = -Infinity;

    function closeFirst(): void {
      const { start, end, rows: count, last } = windows.close(rows, passed);
      passed = Math.max(passed, end);
      holding.emit(count, last, { start, end });
    }

    function close(watermark: number): void {
      while (rows.length > 0 && windows.firstEnd(rows, passed) <= watermark) closeFirst();
      passed = Math.max(passed, watermark);
    }

    const progress = follow(close, () => {
      if (rows.length > 0) close(windows.lastEnd(rows));
    });

    function place(sample: T, time: number): void {
      const open = windows.open(time, passed);
      if (open === 'none') {
        holding.aside('late', sample, time, onLate);
        return;
      }
      const watermark = progress.see(time);
      if (open === 'in none') holding.skip();
      else if (holding.admit(sample, time, windows.freeAt(rows) <= watermark, open === 'some'))
        windows.add(time);
      close(watermark);
      holding.trim(closeFirst, () => windows.drop(rows));
    }

    return {
      next(sample) {
        const most = greatest();
        const time = holding.readAt(sample, clock);
        if (Number.isNaN(time)) return;
        if (time > most) {
          holding.aside('ahead', sample, time, onAhead);
          return;
        }
        place(sample, time);
        if (!holding.isClosed) progress.touch();
      },
      rest: () => close(Infinity),
      release: progress.release,
      beside: progress.beside,
    };
  });
}
