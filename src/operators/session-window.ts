/** Samples in, sessions out: what comes without a pause. */
import { waitingTime } from '../options.js';
import { type ClockWindowOptions, clockWindowed } from './clock-windowed.js';
import type { WatchedOperator } from './watched.js';
import { knownWindowOptions, type TimeWindow, type WindowStats } from './windowed.js';

export interface SessionWindowOptions<T> extends ClockWindowOptions<T> {
  /** How long (ms) without a sample ends a session; more than 0. */
  readonly gapMs: number;
}

/**
 * Windows samples into sessions by when they come: one ends once no sample has come for `gapMs`.
 *
 * It leaves then, as `[rows, features]` with its `samples` and their `times` of arrival; `start` is the first of these, `end` the last
 * and `gapMs`. At `maxRows`, `overflow: 'emit-early'` emits what is there, and the session goes on.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError and OverflowError; `stats` tells what became of the rows
 * @example
 * import { concatMap, from, timer, VirtualTimeScheduler } from 'rxjs';
 * import { sessionWindow } from 'evenkeel';
 * const scheduler = new VirtualTimeScheduler(); // by default the clock's
 * from([10, 300, 950, 2000])
 *   .pipe(concatMap((at) => timer(at - scheduler.now(), scheduler)), sessionWindow({ gapMs: 1000, scheduler }))
 *   .subscribe(({ start, end, times }) => console.log(start, end, times));
 * scheduler.flush();
 * // 10 1950 Float64Array(3) [ 10, 300, 950 ]
 * // 2000 3000 Float64Array(1) [ 2000 ]
 */
export function sessionWindow<T>(
  options: SessionWindowOptions<T>,
): WatchedOperator<T, TimeWindow<T>, WindowStats> {
  knownWindowOptions(options, ['gapMs', 'scheduler']);
  const ms = waitingTime('gapMs', options.gapMs, Number.MIN_VALUE);
  return clockWindowed(
    {
      name: 'sessionWindow',
      ms,
      from: (now) => now,
      isOver: (now, last) => now - last >= ms,
      span: (rows, count) => ({ start: rows.timeAt(0), end: rows.timeAt(count - 1) + ms }),
    },
    options,
  );
}
