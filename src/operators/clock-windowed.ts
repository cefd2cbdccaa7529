/** Windows that a clock closes: rows belong where they came, and a window leaves by itself. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { checkScheduler } from '../options.js';
import { Lull } from './lull.js';
import type { WatchedOperator } from './watched.js';
import { type Holding, type TimeWindow, type WindowOptions, type WindowStats, windowed } from './windowed.js';

export interface ClockWindowOptions<T> extends WindowOptions<T> {
  /** Whose time it is; `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** How a kind of windows goes by the clock: a window is over `ms` after what it is counted from. */
export interface ClockWindows {
  readonly name: string;
  readonly ms: number;
  /** From when the window that a row came to is counted. */
  from(now: number): number;
  /** Whether the window that was counted from then is over for a row that comes now. */
  isOver(now: number, from: number): boolean;
  /** What the first rows, counted from then, are the window of. */
  span(rows: Holding<unknown, never>['rows'], count: number, from: number): { start: number; end: number };
}

/** @throws OptionError */
export function clockWindowed<T>(
  { name, ms, from, isOver, span }: ClockWindows,
  options: ClockWindowOptions<T>,
): WatchedOperator<T, TimeWindow<T>, WindowStats> {
  const { scheduler = asyncScheduler } = options;
  checkScheduler('scheduler', scheduler);

  return windowed<T, TimeWindow<T>>({ name, order: 'as they came' }, options, (holding) => {
    const { rows } = holding;
    let counted = 0;
    const leave = (count: number, from: number): void => {
      if (count > 0) holding.emit(count, count, span(rows, count, from));
    };
    const rest = (): void => leave(rows.length, counted);
    const lull = new Lull(ms, scheduler, rest);

    return {
      next(sample) {
        if (!holding.read(sample)) return;
        const now = scheduler.now();
        const before = counted;
        const over = rows.length > 0 && isOver(now, before);
        holding.admit(sample, now, over);
        counted = from(now);
        lull.touch(now, counted);
        // The row that came is held already: what was emitted first might push another before it.
        if (over) leave(rows.length - 1, before);
        holding.trim(() => leave(rows.length - 1, counted));
      },
      rest,
      release: () => lull.stop(),
    };
  });
}
