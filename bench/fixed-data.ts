/** The data that is worked on: pseudo-random, the same in every run; and a source of rows, made beforehand. */
import { type Tensor, tensor } from 'evenkeel';
import { Observable } from 'rxjs';
import { gaussian } from '../test/oracle/hard-data.js';

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Gaussian around 3, with sd 2: nothing is at rest already. */
const values = (length: number, seed: number): Float64Array => {
  const noise = gaussian(seed);
  return Float64Array.from({ length }, () => 3 + 2 * noise());
};

export const float64 = (shape: readonly number[], seed = 1): Tensor =>
  tensor(values(size(shape), seed), shape);
export const float32 = (shape: readonly number[], seed = 1): Tensor & { readonly data: Float32Array } => ({
  data: Float32Array.from(values(size(shape), seed)),
  shape,
});

/** Arrays of numbers as samples come, of JSON for one: each is of float64 in the engine, as a spread of a typed array is not. */
export function someRows(rows: number, channels: number): number[][] {
  const data = values(rows * channels, 2);
  return Array.from({ length: rows }, (_, row) =>
    Array.from(data.subarray(row * channels, (row + 1) * channels)),
  );
}

/** Emits what there is, over and over until so many were emitted, synchronously. */
export const looped = <T>(samples: readonly T[], count: number = samples.length): Observable<T> =>
  new Observable<T>((out) => {
    for (let i = 0, at = 0; i < count && !out.closed; i++) {
      out.next(samples[at]!);
      if (++at === samples.length) at = 0;
    }
    out.complete();
  });
