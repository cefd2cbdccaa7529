/** The least and the greatest of a batch, per channel. NaN is a missing value and is skipped. */
import type { FloatArray } from '../tensor.js';

/** What a batch `[n, c, l]` adds to `count`, `min` and `max`, each of shape `[c]`. A -0 is less than a 0. */
export function batchExtrema(
  data: FloatArray,
  n: number,
  c: number,
  l: number,
  count: Float64Array,
  min: Float64Array,
  max: Float64Array,
): void {
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      let seen = count[i]!;
      let least = min[i]!;
      let greatest = max[i]!;
      for (const end = at + l; at < end; at++) {
        const x = data[at]!;
        if (Number.isNaN(x)) continue;
        seen++;
        least = Math.min(least, x);
        greatest = Math.max(greatest, x);
      }
      count[i] = seen;
      min[i] = least;
      max[i] = greatest;
    }
  }
}
