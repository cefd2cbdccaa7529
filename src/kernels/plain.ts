/** The kernels in plain TypeScript: for what is small, and where there is no SIMD. */
import type { FloatArray } from '../tensor.js';
import type { Kernels } from './kernels.js';
import { sums } from './plain-sums.js';

function apply(x: FloatArray, n: number, c: number, l: number, affine: Float64Array, y: FloatArray): boolean {
  let odd = 0;
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      const center = affine[i]!;
      const scale = affine[c + i]!;
      const shift = affine[2 * c + i]!;
      for (const end = at + l; at < end; at++) {
        const u = x[at]! - center;
        y[at] = u * scale + shift;
        odd += u - u; // 0, or NaN for good
      }
    }
  }
  return odd === 0;
}

function applyTwice(
  x: FloatArray,
  c: number,
  l: number,
  affine: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  y: FloatArray,
): boolean {
  let odd = 0;
  let at = 0;
  let place = 0;
  for (let i = 0; i < c; i++) {
    const center = affine[i]!;
    const scale = affine[c + i]!;
    const shift = affine[2 * c + i]!;
    if (place === gamma.length) place = 0;
    for (const end = at + l; at < end; at++, place++) {
      const u = x[at]! - center;
      y[at] = (u * scale + shift) * gamma[place]! + beta[place]!;
      odd += u - u;
    }
  }
  return odd === 0;
}

export const plain: Kernels = { sums, apply, applyTwice };
