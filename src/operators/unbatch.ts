/** Batches in, rows out. */
import type { OperatorFunction } from 'rxjs';
import { channelsOf, type Tensor } from '../tensor.js';
import { type Batch, operate } from './operate.js';

/** One sample's values, `[C, …positions]`, with the sample it came from where the batch kept it. */
export type Row<B extends Tensor = Tensor> = Tensor &
  (B extends Batch<infer T> ? { readonly sample: T } : { readonly sample?: unknown });

/**
 * Takes batches `[N, C, …positions]` apart: N rows of shape `[C, …positions]`, in order, each a copy.
 *
 * A batch that arrives while the rows of another are being delivered, because the subscriber itself caused it, waits
 * for its turn.
 *
 * @returns an operator whose errors are ShapeError
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
    const waiting: B[] = [];
    let at = 0;
    let delivering = false;

    const deliver = (): void => {
      while (waiting.length > 0 && !out.closed) {
        const batch = waiting[0]!;
        const row = rowOf(batch, at++);
        if (at === batch.shape[0]) {
          waiting.shift();
          at = 0;
        }
        out.next(row);
      }
    };

    return {
      next(batch) {
        channelsOf(batch);
        waiting.push(batch);
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

function rowOf<B extends Tensor>(batch: B, at: number): Row<B> {
  const [, ...shape] = batch.shape;
  const length = batch.data.length / batch.shape[0]!;
  const row = { data: batch.data.slice(at * length, (at + 1) * length), shape };
  const { samples } = batch as Partial<Batch<unknown>>;
  return (samples === undefined ? row : { ...row, sample: samples[at] }) as unknown as Row<B>;
}
