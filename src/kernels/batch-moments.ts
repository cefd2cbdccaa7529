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

/** Whether all values were there, some were missing, or a channel is not finite. */
export type Content = 'whole' | 'gaps' | 'not finite';

/** How sums turned out, in the worst of the channels. */
type Outcome = 'right' | 'far' | 'not finite';

/**
 * The statistic of a batch `[n, c, l]`, into `out`. A channel holding an infinity, or whose sums leave the range of float64,
 * comes out not finite.
 */
export function batchMoments(data: FloatArray, n: number, c: number, l: number, out: Float64Array): Content {
  const kernels = kernelsFor(data.length);
  let outcome = fromSums(kernels.sums(data, n, c, l, false), c, out);
  const gaps = outcome === 'not finite'; // if it is not that values are missing, it comes out so again
  if (gaps) outcome = fromSums(kernels.sums(data, n, c, l, gaps), c, out);
  if (outcome === 'far') {
    const means = out.slice(MEAN * c, (MEAN + 1) * c);
    outcome = fromSums(kernels.sums(data, n, c, l, gaps, means), c, out);
  }
  if (outcome === 'not finite') return outcome;
  return gaps ? 'gaps' : 'whole';
}

function fromSums(sums: Float64Array, c: number, out: Float64Array): Outcome {
  const stride = of.planeLength(c);
  let isFar = false;
  let finite = 0;
  let n = 0;
  let n1 = 0;
  let n2 = 0;
  for (let i = 0; i < c; i++) {
    const count = sums[of.COUNT * stride + i]!;
    out[COUNT * c + i] = count;
    out[COUNT_LOW * c + i] = 0;
    out[M2_LOW * c + i] = 0;
    if (count === 0) {
      out[MEAN * c + i] = out[MEAN_LOW * c + i] = out[M2 * c + i] = 0;
      continue;
    }
    // The counts, mostly the same in all channels.
    if (count !== n) {
      n = count;
      const t = SPLITTER * n;
      n1 = t - (t - n);
      n2 = n - n1;
    }
    // The sum over the count, in two words: what the first leaves over is exact, by Dekker's product.
    const sum = sums[of.SUM * stride + i]!;
    const quotient = sum / n;
    const product = quotient * n;
    const q = SPLITTER * quotient;
    const q1 = q - (q - quotient);
    const q2 = quotient - q1;
    const beyond = q2 * n2 - (product - q1 * n1 - q2 * n1 - q1 * n2);
    const rest = (sum - product - beyond + sums[of.SUM_LOW * stride + i]!) / n; // not times 1 / n: exact where all are the same
    const mean = quotient + rest;
    const meanLow = rest - (mean - quotient);

    const distance = mean - sums[of.SHIFT * stride + i]! + meanLow;
    const off = distance * distance * n;
    const m2 = sums[of.SQUARES * stride + i]! - off + sums[of.SQUARES_LOW * stride + i]!;
    if (m2 < off * LEFT) isFar = true;
    out[MEAN * c + i] = mean;
    out[MEAN_LOW * c + i] = meanLow;
    out[M2 * c + i] = Math.max(m2, 0);
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
