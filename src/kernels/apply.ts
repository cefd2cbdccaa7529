/** The one loop that touches every value on the way out. NaN in, NaN out. */
import type { FloatArray } from '../tensor.js';
import { kernelsFor } from './backend.js';

/**
 * y = (x - center) * scale + shift, per channel of `[n, c, l]`, in float64 until it is stored. A scale of 0 gives the shift,
 * also where x - center leaves float64.
 *
 * @param affine planes of `c` values each: center, scale, shift
 * @param filling shape `[c]`: what a missing value becomes; NaN by default
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
  filling?: ArrayLike<number>,
  unchanged = false,
): boolean {
  if (kernelsFor(x.length).apply(x, n, c, l, affine, y, unchanged)) return true;
  mend(x, n, c, l, affine, y, filling);
  return false;
}

/** What is no number: of a missing value, or of infinity times 0. */
function mend(
  x: FloatArray,
  n: number,
  c: number,
  l: number,
  affine: Float64Array,
  y: FloatArray,
  filling: ArrayLike<number> | undefined,
): void {
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      for (const end = at + l; at < end; at++) {
        if (Number.isNaN(x[at])) y[at] = filling ? filling[i]! : Number.NaN;
        else if (affine[c + i] === 0) y[at] = affine[2 * c + i]!;
      }
    }
  }
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
