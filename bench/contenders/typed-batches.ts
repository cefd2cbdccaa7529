/** Rows into float64 batches, and nothing else: nothing is checked, and no sample is kept. */
import { type Observable, Observable as RxObservable } from 'rxjs';

export const typedBatches =
  (size: number) =>
  (rows$: Observable<readonly number[]>): Observable<Float64Array> =>
    new RxObservable((out) => {
      let batch = new Float64Array(0);
      let at = 0;
      return rows$.subscribe({
        next(row) {
          if (at === 0) batch = new Float64Array(size * row.length);
          for (let i = 0; i < row.length; i++) batch[at++] = row[i]!;
          if (at < batch.length) return;
          at = 0;
          out.next(batch);
        },
        error: (error) => out.error(error),
        complete() {
          if (at > 0) out.next(batch.subarray(0, at));
          out.complete();
        },
      });
    });
