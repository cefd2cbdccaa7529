/**
 * A batch into the statistic of it. NaN is a missing value and is skipped; an infinity comes out as a statistic that is not
 * finite, for the caller to refuse.
 *
 * Source: T. Ogita, S. M. Rump, S. Oishi, SIAM J. Sci. Comput. 26 (2005), doi:10.1137/030601818 (Sum2, the compensated sum).
 */
import type { FloatArray } from '../tensor.js';
import { add, divide, low } from './double-double.js';
import { mergeMoments } from './merge-moments.js';
import { M2, M2_LOW, MEAN, MEAN_LOW, PLANES } from './planes.js';

/**
 * The statistic of a batch `[n, c, l]`, into the zeroed storage `out`: two passes, compensated sums.
 * A channel holding an infinity, or whose sums leave the range of float64, comes out not finite.
 */
export function batchMoments(data: FloatArray, n: number, c: number, l: number, out: Float64Array): void {
  const iMean = MEAN * c;
  const iMeanLow = MEAN_LOW * c;
  const iM2 = M2 * c;
  const iM2Low = M2_LOW * c;
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      let count = out[i]!;
      let sum = out[iMean + i]!;
      let error = out[iMeanLow + i]!;
      for (const end = at + l; at < end; at++) {
        const x = data[at]!;
        if (Number.isNaN(x)) continue; // missing
        count++;
        const next = sum + x;
        const part = next - sum;
        error += sum - (next - part) + (x - part);
        sum = next;
      }
      out[i] = count;
      out[iMean + i] = sum;
      out[iMeanLow + i] = error;
    }
  }
  for (let i = 0; i < c; i++) {
    if (out[i] === 0) continue;
    out[iMean + i] = divide(out[iMean + i]!, out[iMeanLow + i]!, out[i]!, 0);
    out[iMeanLow + i] = low[0]!;
  }
  at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      const mean = out[iMean + i]!;
      const meanLow = out[iMeanLow + i]!;
      let sum = out[iM2 + i]!;
      let error = out[iM2Low + i]!;
      for (const end = at + l; at < end; at++) {
        const x = data[at]!;
        if (Number.isNaN(x)) continue;
        const deviation = x - mean - meanLow;
        const square = deviation * deviation;
        const next = sum + square;
        const part = next - sum;
        error += sum - (next - part) + (square - part);
        sum = next;
      }
      out[iM2 + i] = sum;
      out[iM2Low + i] = error;
    }
  }
  for (let i = 0; i < c; i++) {
    out[iM2 + i] = add(out[iM2 + i]!, 0, out[iM2Low + i]!, 0);
    out[iM2Low + i] = low[0]!;
  }
}

/** The same value by value, for the rare batch whose sums leave the range of float64 though its values do not. */
export function wideMoments(data: FloatArray, n: number, c: number, l: number, out: Float64Array): void {
  out.fill(0);
  const sample = new Float64Array(PLANES * c);
  for (let row = 0; row < n; row++) {
    for (let position = 0; position < l; position++) {
      for (let i = 0; i < c; i++) {
        const x = data[(row * c + i) * l + position]!;
        sample[i] = Number.isNaN(x) ? 0 : 1;
        sample[MEAN * c + i] = x;
      }
      mergeMoments(out, sample, c);
    }
  }
}
