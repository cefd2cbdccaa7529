/** Forgetting by degrees: what a statistic has learned weighs less. */
import { LARGE, low, multiply, SPLITTER } from './double-double.js';
import { COUNT_LOW, M2, M2_LOW, PLANES } from './planes.js';

/**
 * Weighs everything a channel has learned by its factor, in [0, 1]: the mean stays, count and M2 shrink together. A channel
 * whose count shrinks to 0 has seen nothing.
 *
 * The products are written out, as calls would box every number.
 */
export function decayMoments(s: Float64Array, c: number, factors: Float64Array): void {
  let factor = 1;
  let f1 = 1;
  let f2 = 0;
  for (let i = 0; i < c; i++) {
    // Mostly the same in all channels.
    if (factors[i] !== factor) {
      factor = factors[i]!;
      const t = SPLITTER * factor;
      f1 = t - (t - factor);
      f2 = factor - f1;
    }
    if (factor === 1) continue;
    const iCountLow = i + COUNT_LOW * c;
    const iM2 = i + M2 * c;
    const iM2Low = i + M2_LOW * c;
    const n = s[i]!;
    const m2 = s[iM2]!;
    if (!(n < LARGE && m2 < LARGE)) {
      decayLarge(s, c, i, factor);
      continue;
    }

    const p = n * factor;
    const nt = SPLITTER * n;
    const n1 = nt - (nt - n);
    const n2 = n - n1;
    const pe = n2 * f2 - (p - n1 * f1 - n2 * f1 - n1 * f2) + (0 + s[iCountLow]! * factor);
    const count = p + pe;
    if (count === 0) {
      for (let at = i; at < PLANES * c; at += c) s[at] = 0;
      continue;
    }

    const q = m2 * factor;
    const mt = SPLITTER * m2;
    const m1 = mt - (mt - m2);
    const m3 = m2 - m1;
    const qe = m3 * f2 - (q - m1 * f1 - m3 * f1 - m1 * f2) + (0 + s[iM2Low]! * factor);
    const shrunk = q + qe;

    s[i] = count;
    s[iCountLow] = pe - (count - p);
    s[iM2] = shrunk;
    s[iM2Low] = qe - (shrunk - q);
  }
}

/** Channel i, where a product would be split beyond float64; an infinite M2 stays. */
function decayLarge(s: Float64Array, c: number, i: number, factor: number): void {
  s[i] = multiply(s[i]!, s[i + COUNT_LOW * c]!, factor, 0);
  s[i + COUNT_LOW * c] = low[0]!;
  if (s[i] === 0) for (let at = i; at < PLANES * c; at += c) s[at] = 0;
  if (s[i + M2 * c] === Infinity) return;
  s[i + M2 * c] = multiply(s[i + M2 * c]!, s[i + M2_LOW * c]!, factor, 0);
  s[i + M2_LOW * c] = low[0]!;
}
