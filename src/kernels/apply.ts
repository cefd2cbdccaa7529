/** The one loop that touches every value on the way out. NaN in, NaN out. */
import type { FloatArray } from '../tensor.js';
import { kernelsFor } from './backend.js';

/**
 * y = (x - center) * scale + shift, per channel of `[n, c, l]`, in float64 until it is stored. A scale of 0 gives the shift,
 * also where x - center leaves float64.
 *
 * @param affine planes of `c` values each: center, scale, shift; more may follow
 * @param unchanged whether x is what moments were taken of last, and was not written to since
 * @returns whether every x is finite; or not, where it may not be
 */
export function applyAffine(
  x: FloatArray,
  n: number,
  c: number,
  l: number,
  affine: Float64Array,
  y: FloatArray,
  unchanged: boolean,
): boolean {
  const finite = kernelsFor(x.length).apply(x, n, c, l, affine, y, unchanged);
  if (finite) return true;
  for (let i = 0; i < c; i++) {
    if (affine[c + i] !== 0) continue;
    for (let start = i * l; start < x.length; start += c * l) {
      for (let at = start; at < start + l; at++) if (!Number.isNaN(x[at])) y[at] = affine[2 * c + i]!;
    }
  }
  return false;
}

/**
 * y = ((x - center) * scale + shift) * gamma + beta, where c stretches of l values follow each other: the first three are a
 * stretch's, gamma and beta a place's, places following each other again and again. Scales of 0 as above.
 *
 * @param affine planes of `c` values each: center, scale, shift
 * @param gamma,beta of l values, or a multiple
 * @param unchanged,returns as above
 */
export function applyTwice(
  x: FloatArray,
  c: number,
  l: number,
  affine: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  y: FloatArray,
  unchanged: boolean,
): boolean {
  const finite = kernelsFor(x.length).applyTwice(x, c, l, affine, gamma, beta, y, unchanged);
  if (finite) return true;
  for (let i = 0; i < c; i++) {
    if (affine[c + i] !== 0) continue;
    for (let at = i * l; at < (i + 1) * l; at++) {
      const place = at % gamma.length;
      if (!Number.isNaN(x[at])) y[at] = affine[2 * c + i]! * gamma[place]! + beta[place]!;
    }
  }
  return false;
}

/** Replaces each missing value of `[n, c, l]` by its channel's filling. */
export function fillMissing(
  y: FloatArray,
  n: number,
  c: number,
  l: number,
  filling: ArrayLike<number>,
): void {
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      for (const end = at + l; at < end; at++) if (Number.isNaN(y[at])) y[at] = filling[i]!;
    }
  }
}

/** Ends values at bounds. NaN stays. */
export function clampAll(y: FloatArray, least: number, most: number): void {
  for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(y[i]!, least), most);
}
