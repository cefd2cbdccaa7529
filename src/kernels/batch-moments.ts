/**
 * A batch into the statistic of it. NaN is a missing value and is skipped; an infinity comes out as a statistic that is not
 * finite, for the caller to refuse.
 *
 * One read of the values: their sum in two words, and that of the squares of their distances from a value near the mean,
 * from which the mean's own distance is taken off, n times its square. Where that is more than a part of it (the first values
 * were no sample of the rest), the values are read once more, with the mean itself.
 *
 * Source: T. F. Chan, G. H. Golub, R. J. LeVeque, Am. Stat. 37 (1983), doi:10.1080/00031305.1983.10483115 (the shift, and
 * what it costs); T. Ogita, S. M. Rump, S. Oishi, SIAM J. Sci. Comput. 26 (2005), doi:10.1137/030601818 (Sum2).
 */
import type { FloatArray } from '../tensor.js';
import { kernelsFor } from './backend.js';
import { SPLITTER } from './double-double.js';
import { mergeMoments } from './merge-moments.js';
import { COUNT, COUNT_LOW, M2, M2_LOW, MEAN, MEAN_LOW, PLANES } from './planes.js';
import * as of from './sums.js';

/** What is taken off may be twice what is left: that is still right to 1e-14. */
const LEFT = 1 / 2;

/** How the sums of a batch turned out, in the worst of its channels. */
type Outcome = 'right' | 'far' | 'not finite';

/**
 * The statistic of a batch `[n, c, l]`, into `out`. A channel holding an infinity, or whose sums leave the range of float64,
 * comes out not finite.
 */
export function batchMoments(data: FloatArray, n: number, c: number, l: number, out: Float64Array): void {
  const kernels = kernelsFor(data.length);
  let outcome = fromSums(kernels.sums(data, n, c, l, false), c, out);
  const gaps = outcome === 'not finite'; // if it is not that values are missing, it comes out so again
  if (gaps) outcome = fromSums(kernels.sums(data, n, c, l, gaps), c, out);
  if (outcome === 'far')
    fromSums(kernels.sums(data, n, c, l, gaps, out.slice(MEAN * c, (MEAN + 1) * c)), c, out);
}

function fromSums(sums: Float64Array, c: number, out: Float64Array): Outcome {
  const stride = of.planeLength(c);
  let isFar = false;
  let finite = 0;
  for (let i = 0; i < c; i++) {
    const count = sums[of.COUNT * stride + i]!;
    out[COUNT * c + i] = count;
    out[COUNT_LOW * c + i] = 0;
    if (count === 0) {
      for (let plane = MEAN; plane < PLANES; plane++) out[plane * c + i] = 0;
      continue;
    }
    // The sum over the count, in two words: what the first leaves over is exact, by Dekker's product.
    const sum = sums[of.SUM * stride + i]!;
    const quotient = sum / count;
    const product = quotient * count;
    const q = SPLITTER * quotient;
    const q1 = q - (q - quotient);
    const q2 = quotient - q1;
    const n = SPLITTER * count;
    const n1 = n - (n - count);
    const n2 = count - n1;
    const beyond = q2 * n2 - (product - q1 * n1 - q2 * n1 - q1 * n2);
    const rest = (sum - product - beyond + sums[of.SUM_LOW * stride + i]!) / count;
    const mean = quotient + rest;
    const meanLow = rest - (mean - quotient);

    const distance = mean - sums[of.SHIFT * stride + i]! + meanLow;
    const off = distance * distance * count;
    const m2 = sums[of.SQUARES * stride + i]! - off + sums[of.SQUARES_LOW * stride + i]!;
    if (m2 < off * LEFT) isFar = true;
    out[MEAN * c + i] = mean;
    out[MEAN_LOW * c + i] = meanLow;
    out[M2 * c + i] = Math.max(m2, 0);
    out[M2_LOW * c + i] = 0;
    finite += mean - mean + (m2 - m2); // 0, or NaN for good
  }
  if (finite !== 0) return 'not finite';
  return isFar ? 'far' : 'right';
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
