/** Samples in, sequences for a model out, or batches of them. */
import { OptionError } from '../errors.js';
import { knownOptions, oneOf, positiveInteger } from '../options.js';
import type { FloatArray } from '../tensor.js';
import { outputOf } from '../tensor-pool.js';
import type { Batch } from './operate.js';
import { type Run, rolling } from './rolling.js';
import { slidingWindow } from './sliding-window.js';
import type { WatchedOperator } from './watched.js';
import { type WindowRowsOptions, type WindowStats, windowRowsOptions } from './windowed.js';

export interface SequencesOptions<T> extends WindowRowsOptions<T> {
  /** Rows a sequence, T. */
  readonly length: number;
  /** Rows from the start of one to the start of the next; 1. Where it is more than `length`, rows between two are left out. */
  readonly stride?: number;
  /** Sequences a batch, B; without, each leaves by itself. */
  readonly batch?: number;
  /** Of batches: what becomes of one that is not full when the source completes or fails; `'emit'`. */
  readonly partial?: 'emit' | 'drop';
}

/**
 * Sequences of the last `length` samples, every `stride` of them: `[T, C]`, time first, as `slidingWindow` emits them; or with `batch`
 * `[B, C, T]`, channels on axis 1, as the norms, Conv1d and `unbatch` take them.
 *
 * A `[T, C]` keeps its T `samples`, and is a part of an array that others are parts of too (see `slidingWindow`); a `[B, C, T]` is an
 * array of its own, and its `samples` are those of each of its sequences. A sequence that is not complete at the end is left out.
 * An invalid sample that is left out leaves no gap: a sequence goes on behind it.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row (of the stream), feature and value; `stats` tells what became of
 *   the rows, its `windows` are the sequences
 * @example
 * import { from } from 'rxjs';
 * import { sequences } from 'evenkeel';
 * from([[1, 10], [2, 20], [3, 30], [4, 40]])
 *   .pipe(sequences({ length: 3, batch: 2 }))
 *   .subscribe(({ shape, data }) => console.log(shape, data.join(' ')));
 * // [ 2, 2, 3 ] 1 2 3 10 20 30 2 3 4 20 30 40
 */
export function sequences<T>(
  options: SequencesOptions<T> & { readonly batch: number },
): WatchedOperator<T, Batch<readonly T[]>, WindowStats>;
export function sequences<T>(
  options: SequencesOptions<T> & { readonly batch?: never },
): WatchedOperator<T, Batch<T>, WindowStats>;
export function sequences<T>(
  options: SequencesOptions<T>,
): WatchedOperator<T, Batch<T> | Batch<readonly T[]>, WindowStats> {
  knownOptions('options', options, [...windowRowsOptions, 'length', 'stride', 'batch', 'partial']);
  const { length, batch, partial, stride = 1, ...rows } = options;
  positiveInteger('length', length);
  positiveInteger('stride', stride);
  if (batch !== undefined) {
    positiveInteger('batch', batch);
    const isEmitted = oneOf('partial', partial ?? 'emit', ['emit', 'drop']) === 'emit';
    return batched({ length, stride, batch, isEmitted }, rows);
  }
  if (partial !== undefined) throw new OptionError('partial', 'left out, where there is no batch', partial);
  return slidingWindow({ ...rows, size: length, stride });
}

function batched<T>(
  { batch, isEmitted, ...every }: { length: number; stride: number; batch: number; isEmitted: boolean },
  options: WindowRowsOptions<T>,
): WatchedOperator<T, Batch<readonly T[]>, WindowStats> {
  const { dtype = 'float64', pool } = options;
  return rolling<T, Batch<readonly T[]>>(every, options, (emit) => {
    let data: FloatArray | undefined;
    let samples: (readonly T[])[] = [];
    let columns = 0;
    let fresh = 0;

    function flush(): void {
      if (data === undefined) return;
      const filled = samples.length * columns * every.length;
      let own = data;
      if (filled < data.length) {
        own = outputOf(dtype, filled, pool);
        own.set(data.subarray(0, filled));
      }
      const made = { data: own, shape: [samples.length, columns, every.length], samples };
      const [windows, rows] = [samples.length, fresh];
      [data, samples, fresh] = [undefined, [], 0];
      emit(made, windows, rows);
    }

    return {
      window(run: Run<T>) {
        columns = run.shape[1];
        data ??= outputOf(dtype, batch * columns * every.length, pool);
        transpose(run, data.subarray(samples.length * run.data.length));
        samples.push(run.samples);
        fresh += run.fresh;
        if (samples.length === batch) flush();
      },
      rest() {
        if (isEmitted) flush();
      },
    };
  });
}

function transpose({ data, shape: [rows, columns] }: Run<unknown>, into: FloatArray): void {
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) into[column * rows + row] = data[row * columns + column]!;
}
