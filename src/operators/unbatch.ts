/** Batches in, rows out. */
import type { OperatorFunction } from 'rxjs';
import { ShapeError } from '../errors.js';
import { channelsOf, type FloatArray, type Tensor } from '../tensor.js';
import { type Batch, operate, type Row } from './operate.js';

/**
 * Takes batches `[N, C, …positions]` apart: N rows of shape `[C, …positions]`, in order, each a copy. What belongs to
 * the batch as a whole (its `moments`, say) stays behind.
 *
 * A batch that arrives while the rows of another are being delivered, because the subscriber itself caused it, waits
 * for its turn.
 *
 * @returns an operator whose errors are ShapeError: at what is no batch, or has more or fewer `samples` than rows
 * @example
 * import { from } from 'rxjs';
 * import { batchNorm, minibatch, unbatch } from 'evenkeel';
 * from([1, 3])
 *   .pipe(minibatch({ size: 2 }), batchNorm({ eps: 0 }), unbatch())
 *   .subscribe((row) => console.log(row.sample, '→', row.data[0]));
 * // 1 → -1
 * // 3 → 1
 */
export function unbatch<B extends Tensor = Tensor>(): OperatorFunction<B, Row<B>> {
  return operate<B, Row<B>>((out) => {
    const waiting: Unread[] = [];
    let at = 0;
    let delivering = false;

    const deliver = (): void => {
      while (waiting.length > 0 && !out.closed) {
        const batch = waiting[0]!;
        const row = rowOf<B>(batch, at++);
        if (at === batch.rows) {
          waiting.shift();
          at = 0;
        }
        out.next(row);
      }
    };

    return {
      next(batch) {
        waiting.push(unread(batch));
        if (delivering) return;
        delivering = true;
        deliver();
        delivering = false;
      },
      // The end may come from within a delivery: what is still waiting goes before it.
      error: deliver,
      complete: deliver,
    };
  });
}

/** A batch whose rows are still to be delivered. */
interface Unread {
  readonly data: FloatArray;
  readonly rows: number;
  /** Of a row. */
  readonly shape: readonly number[];
  readonly samples: readonly unknown[] | undefined;
}

function unread(batch: Tensor): Unread {
  channelsOf(batch);
  const { data } = batch;
  const [rows = 0, ...shape] = batch.shape;
  const { samples } = batch as Partial<Batch<unknown>>;
  if (samples !== undefined && !(Array.isArray(samples) && samples.length === rows))
    throw new ShapeError(`samples, one for each of ${rows} rows`, samples);
  return { data, rows, shape, samples };
}

function rowOf<B extends Tensor>({ data, rows, shape, samples }: Unread, at: number): Row<B> {
  const length = data.length / rows;
  const row = { data: data.slice(at * length, (at + 1) * length), shape: [...shape] };
  return (samples === undefined ? row : { ...row, sample: samples[at] }) as unknown as Row<B>;
}
