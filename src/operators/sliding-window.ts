/** Samples in, windows of the last so many of them out. */
import { knownOptions, oneOf, positiveInteger } from '../options.js';
import { outputOf } from '../tensor-pool.js';
import type { Batch } from './operate.js';
import { type Run, rolling } from './rolling.js';
import type { WatchedOperator } from './watched.js';
import { type WindowRowsOptions, type WindowStats, windowRowsOptions } from './windowed.js';

export interface SlidingWindowOptions<T> extends WindowRowsOptions<T> {
  /** Rows a window. */
  readonly size: number;
  /** Rows from the start of one to the start of the next; 1. Where it is more than `size`, rows between two are left out. */
  readonly stride?: number;
  /** What becomes of rows that are in no window when the source completes or fails; `'drop'`. */
  readonly partial?: 'emit' | 'drop';
}

/**
 * Windows the last `size` samples, every `stride` of them: `[size, features]`, with the `samples`.
 *
 * Windows are parts of one array, in which each row was written once, so do not write to them nor transfer them; with a `pool`
 * each is a copy. An invalid sample that is left out leaves no gap. With `partial: 'emit'` rows that are in no window at the end
 * make the last one, with as many before them as fill `size`, but for rows that were left out. Memory: at most 2 `size` + 64 rows and
 * samples, and what you keep: of a window, the array that it is a part of.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row (of the stream), feature and value; `stats` tells what became of
 *   the rows
 * @example
 * import { from } from 'rxjs';
 * import { slidingWindow } from 'evenkeel';
 * from([1, 2, 3, 4])
 *   .pipe(slidingWindow({ size: 3 }))
 *   .subscribe(({ shape, data }) => console.log(shape, data));
 * // [ 3, 1 ] Float64Array(3) [ 1, 2, 3 ]
 * // [ 3, 1 ] Float64Array(3) [ 2, 3, 4 ]
 */
export function slidingWindow<T>(
  options: SlidingWindowOptions<T>,
): WatchedOperator<T, Batch<T>, WindowStats> {
  knownOptions('options', options, [...windowRowsOptions, 'size', 'stride', 'partial']);
  const length = positiveInteger('size', options.size);
  const { stride = 1, partial = 'drop', dtype = 'float64', pool } = options;
  positiveInteger('stride', stride);
  oneOf('partial', partial, ['emit', 'drop']);

  return rolling<T, Batch<T>>({ length, stride }, options, (emit) => {
    const window = ({ data, shape, samples, fresh }: Run<T>): void => {
      let own = data;
      if (pool) {
        own = outputOf(dtype, data.length, pool);
        own.set(data);
      }
      emit({ data: own, shape, samples }, 1, fresh);
    };
    return {
      window,
      rest(run) {
        if (run && partial === 'emit') window(run);
      },
    };
  });
}
