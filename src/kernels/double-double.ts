/**
 * Arithmetic on unevaluated sums of two float64 words, high + low: about 106 bits.
 * Each function returns the high word and leaves the low word in `low[0]`, so that nothing is allocated.
 *
 * Sources: T. J. Dekker, Numer. Math. 18 (1971), doi:10.1007/BF01397083 (product by splitting, as there is no fused
 * multiply-add here); D. E. Knuth, TAOCP 2, 4.2.2 (sum); M. Joldes, J.-M. Muller, V. Popescu, ACM TOMS 44 (2017),
 * doi:10.1145/3121432 (the double-word algorithms and their error bounds: a few 2^-106 each).
 * Products and quotients at or beyond 2^996, where the splitting would overflow, are single words: the low one is 0.
 */

/** The low word of the last result. */
export const low: Float64Array = new Float64Array(1);

/** 2^27 + 1: splits a float64 into two halves whose products are exact. */
export const SPLITTER = 134217729;

/** Where splitting would overflow. */
export const LARGE: number = 2 ** 996;
const isLarge = (x: number): boolean => !(Math.abs(x) < LARGE);

export function add(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const s = aHigh + bHigh;
  const sb = s - aHigh;
  const se = aHigh - (s - sb) + (bHigh - sb);
  const t = aLow + bLow;
  const tb = t - aLow;
  const te = aLow - (t - tb) + (bLow - tb);
  const c = se + t;
  const v = s + c;
  const w = te + (c - (v - s));
  const high = v + w;
  low[0] = w - (high - v);
  return high;
}

export function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const p = aHigh * bHigh;
  if (isLarge(aHigh) || isLarge(bHigh) || isLarge(p)) {
    low[0] = 0;
    return p;
  }
  const at = SPLITTER * aHigh;
  const a1 = at - (at - aHigh);
  const a2 = aHigh - a1;
  const bt = SPLITTER * bHigh;
  const b1 = bt - (bt - bHigh);
  const b2 = bHigh - b1;
  const e = a2 * b2 - (p - a1 * b1 - a2 * b1 - a1 * b2) + (aHigh * bLow + aLow * bHigh);
  const high = p + e;
  low[0] = e - (high - p);
  return high;
}

export function divide(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const q = aHigh / bHigh;
  if (isLarge(aHigh) || isLarge(q)) {
    low[0] = 0;
    return q;
  }
  const p = multiply(q, 0, bHigh, bLow);
  // The remainder of the first quotient digit; a - p is small, so its high word holds all that matters.
  const r = add(aHigh, aLow, -p, -low[0]!);
  const q2 = r / bHigh;
  const high = q + q2;
  low[0] = q2 - (high - q);
  return high;
}
