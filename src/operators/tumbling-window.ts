/** Samples in, windows of the clock out, one after the other. */
import { positiveInteger, waitingTime } from '../options.js';
import { lastStart } from '../samples/aligned-windows.js';
import { type ClockWindowOptions, clockWindowed } from './clock-windowed.js';
import type { WatchedOperator } from './watched.js';
import { knownWindowOptions, type TimeWindow, type WindowStats } from './windowed.js';

export interface TumblingWindowOptions<T> extends ClockWindowOptions<T> {
  /** How long a window is, in whole ms. */
  readonly sizeMs: number;
}

/**
 * Windows samples by when they come: `[start, end)` of the scheduler's clock, aligned to multiples of `sizeMs`; never an empty one.
 *
 * A window leaves at its end, as `[rows, features]` with its `samples` and their `times` of arrival. A clock that is set back begins
 * another window. At `maxRows`, `overflow: 'emit-early'` emits what is there, and the rest of the window by itself.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError and OverflowError; `stats` tells what became of the rows
 * @example
 * import { concatMap, from, timer, VirtualTimeScheduler } from 'rxjs';
 * import { tumblingWindow } from 'evenkeel';
 * const scheduler = new VirtualTimeScheduler(); // by default the clock's
 * from([10, 300, 950, 1200])
 *   .pipe(concatMap((at) => timer(at - scheduler.now(), scheduler)), tumblingWindow({ sizeMs: 1000, scheduler }))
 *   .subscribe(({ start, end, times }) => console.log(start, end, times));
 * scheduler.flush();
 * // 0 1000 Float64Array(3) [ 10, 300, 950 ]
 * // 1000 2000 Float64Array(1) [ 1200 ]
 */
export function tumblingWindow<T>(
  options: TumblingWindowOptions<T>,
): WatchedOperator<T, TimeWindow<T>, WindowStats> {
  knownWindowOptions(options, ['sizeMs', 'scheduler']);
  const ms = waitingTime('sizeMs', positiveInteger('sizeMs', options.sizeMs));
  const from = (now: number): number => lastStart(now, ms);
  return clockWindowed(
    {
      name: 'tumblingWindow',
      ms,
      from,
      isOver: (now, start) => from(now) !== start,
      span: (_rows, _count, start) => ({ start, end: start + ms }),
    },
    options,
  );
}
