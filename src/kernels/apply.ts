/** The one loop that touches every value on the way out. NaN in, NaN out. */
import type { FloatArray } from '../tensor.js';

/**
 * y = (x - center) * scale + shift, per channel of `[n, c, l]`, in float64 until it is stored. A scale of 0 gives the shift,
 * also where x - center leaves float64.
 */
export function applyAffine(
  x: FloatArray,
  n: number,
  c: number,
  l: number,
  center: Float64Array,
  scale: Float64Array,
  shift: Float64Array,
  y: FloatArray,
): void {
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      const m = center[i]!;
      const s = scale[i]!;
      const t = shift[i]!;
      const end = at + l;
      if (s === 0) for (; at < end; at++) y[at] = Number.isNaN(x[at]) ? Number.NaN : t;
      else for (; at < end; at++) y[at] = (x[at]! - m) * s + t;
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
