/** Samples in, windows out that something else closes. */
import { type ObservableInput, tap } from 'rxjs';
import { inputOf } from './event-time.js';
import type { Batch } from './operate.js';
import type { WatchedOperator } from './watched.js';
import { knownWindowOptions, type WindowOptions, type WindowStats, windowed } from './windowed.js';

/**
 * Windows samples until something else emits, as RxJS's `buffer` does; never an empty one.
 *
 * The notifier is followed as long as the source is; its errors are errors, its completion is nothing. At `maxRows`,
 * `overflow: 'emit-early'` emits what is there without waiting for it.
 *
 * @param notifier an observable, a promise or an iterable: each value closes a window
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError and OverflowError; `stats` tells what became of the rows
 * @example
 * import { Subject } from 'rxjs';
 * import { notifierWindow } from 'evenkeel';
 * const [readings, shutter] = [new Subject<number>(), new Subject<void>()];
 * readings.pipe(notifierWindow(shutter)).subscribe(({ shape, data }) => console.log(shape, data));
 * // [ 3, 1 ] Float64Array(3) [ 1, 2, 3 ]
 * for (const reading of [1, 2, 3]) readings.next(reading);
 * shutter.next();
 */
export function notifierWindow<T>(
  notifier: ObservableInput<unknown>,
  options: WindowOptions<T> = {},
): WatchedOperator<T, Batch<T>, WindowStats> {
  const closes = inputOf('notifier', notifier);
  knownWindowOptions(options, []);
  return windowed<T, Batch<T>>({ name: 'notifierWindow', order: 'as they came' }, options, (holding) => {
    const { rows } = holding;
    const leave = (count: number): void => {
      if (count > 0) holding.emit(count, count);
    };
    const rest = (): void => leave(rows.length);
    return {
      next(sample) {
        if (!holding.read(sample)) return;
        holding.admit(sample, 0, false);
        holding.trim(() => leave(rows.length - 1));
      },
      rest,
      beside: closes.pipe(tap(rest)),
    };
  });
}
