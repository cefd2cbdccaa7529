/** What a statistic's sums of squared deviations come to. */
import { divide, LARGE, SPLITTER } from './double-double.js';
import { COUNT_LOW, M2, M2_LOW } from './planes.js';

/**
 * M2 / (count - ddof) of each channel of statistic s, from two words each, into `out`, `from` there on; NaN where count <= ddof, Infinity where M2 is.
 *
 * The division is written out, as a call would box every number: a first quotient, then what it leaves over.
 */
export function variances(s: Float64Array, c: number, ddof: number, out: Float64Array, from = 0): void {
  let n = 0;
  let inverse = 0;
  let n1 = 0;
  let n2 = 0;
  for (let i = 0; i < c; i++) {
    // The counts, mostly the same in all channels.
    if (s[i]! - ddof !== n) {
      n = s[i]! - ddof;
      inverse = 1 / n;
      const t = SPLITTER * n;
      n1 = t - (t - n);
      n2 = n - n1;
    }
    const m2 = s[i + M2 * c]!;
    const q = m2 * inverse;
    if (!(n > 0)) out[from + i] = Number.NaN;
    else if (m2 < LARGE && q < LARGE && n < LARGE) {
      const p = q * n;
      const t = SPLITTER * q;
      const q1 = t - (t - q);
      const q2 = q - q1;
      const pLow = q2 * n2 - (p - q1 * n1 - q2 * n1 - q1 * n2) + q * s[i + COUNT_LOW * c]!;
      out[from + i] = q + (m2 - p + (s[i + M2_LOW * c]! - pLow)) * inverse;
    } else out[from + i] = m2 < Infinity ? divide(m2, s[i + M2_LOW * c]!, n, s[i + COUNT_LOW * c]!) : m2;
  }
}
