/** @stdlib's incremental mean and variance, one accumulator a feature: each row is scaled by all rows so far. */
import incrmeanvar from '@stdlib/stats-incr-meanvar';
import { defer, map, type Observable } from 'rxjs';

/** @param get the i-th number of a sample */
export const incremental =
  <T>(features: number, get: (sample: T, i: number) => number) =>
  (samples$: Observable<T>): Observable<number[]> =>
    defer(() => {
      const accumulators = Array.from({ length: features }, () => incrmeanvar());
      return samples$.pipe(
        map((sample) => {
          const y: number[] = [];
          for (let i = 0; i < features; i++) {
            const x = get(sample, i);
            const meanVariance = accumulators[i]!(x)!;
            const sd = Math.sqrt(meanVariance[1]!);
            y.push(sd > 0 ? (x - meanVariance[0]!) / sd : 0);
          }
          return y;
        }),
      );
    });
