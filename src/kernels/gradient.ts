/**
 * The loops of going back through a normalization, x̂ = (x - center) * scale + shift. Where x̂ is NaN a value was missing: it
 * has no part in anything. All sums are compensated.
 *
 * Source: T. Ogita, S. M. Rump, S. Oishi, SIAM J. Sci. Comput. 26 (2005), doi:10.1137/030601818 (Sum2).
 */
import type { FloatArray } from '../tensor.js';
import { BLOCK } from './sums.js';

/**
 * What a tensor `[n, c, l]` comes to along 1 and along x̂, per channel: the sums of u and of u · x̂.
 *
 * @param affine planes of `c` values each: center, scale, shift
 * @param sums,products zeroed, shape `[c]` each
 */
export function project(
  u: FloatArray,
  x: FloatArray,
  n: number,
  c: number,
  l: number,
  affine: Float64Array,
  sums: Float64Array,
  products: Float64Array,
): void {
  const errors = new Float64Array(2 * c);
  // Down the rows where a row has one value of a channel, a block of rows at a time; else along the row.
  const rows = l === 1 ? BLOCK : 1;
  const step = l === 1 ? c : 1;
  for (let block = 0; block < n; block += rows) {
    const length = l === 1 ? Math.min(rows, n - block) : l;
    for (let i = 0; i < c; i++) {
      const center = affine[i]!;
      const scale = affine[c + i]!;
      const shift = affine[2 * c + i]!;
      let sum = sums[i]!;
      let sumError = errors[i]!;
      let product = products[i]!;
      let productError = errors[c + i]!;
      const start = (block * c + i) * l;
      const end = start + length * step;
      for (let at = start; at < end; at += step) {
        const xhat = (x[at]! - center) * scale + shift;
        if (Number.isNaN(xhat)) continue;
        const a = u[at]!;
        const b = a * xhat;
        const nextSum = sum + a;
        const sumPart = nextSum - sum;
        sumError += sum - (nextSum - sumPart) + (a - sumPart);
        sum = nextSum;
        const nextProduct = product + b;
        const productPart = nextProduct - product;
        productError += product - (nextProduct - productPart) + (b - productPart);
        product = nextProduct;
      }
      sums[i] = sum;
      errors[i] = sumError;
      products[i] = product;
      errors[c + i] = productError;
    }
  }
  for (let i = 0; i < c; i++) {
    sums[i]! += errors[i]!;
    products[i]! += errors[c + i]!;
  }
}

/** Adds a to what is held in two words, `sum` and `error` at i. */
function addTo(sum: Float64Array, error: Float64Array, i: number, a: number): void {
  const before = sum[i]!;
  const next = before + a;
  const part = next - before;
  sum[i] = next;
  error[i]! += before - (next - part) + (a - part);
}

/** Sums of what is held in groups: value i goes to group `groupOf(i)`, weighed. */
export function gather(
  values: Float64Array,
  groups: number,
  groupOf: (i: number) => number,
  weightOf: (i: number) => number,
): Float64Array {
  const sums = new Float64Array(groups);
  const errors = new Float64Array(groups);
  for (let i = 0; i < values.length; i++) addTo(sums, errors, groupOf(i), values[i]! * weightOf(i));
  for (let i = 0; i < groups; i++) sums[i]! += errors[i]!;
  return sums;
}

/** The sums of `project`, both ways where c stretches of l values follow each other, of places that repeat. */
export interface Projections {
  /** Of u · gamma, per stretch. */
  readonly sums: Float64Array;
  readonly products: Float64Array;
  /** Of u, per place. */
  readonly placeSums: Float64Array;
  readonly placeProducts: Float64Array;
}

/**
 * @param affine planes of `c` values each: center, scale, shift of a stretch
 * @param gamma of a place; l values, or a multiple
 */
export function projectTwice(
  u: FloatArray,
  x: FloatArray,
  c: number,
  l: number,
  affine: Float64Array,
  gamma: Float64Array,
): Projections {
  const places = gamma.length;
  const [sums, products] = [new Float64Array(c), new Float64Array(c)];
  const [placeSums, placeProducts] = [new Float64Array(places), new Float64Array(places)];
  const [sumErrors, productErrors] = [new Float64Array(places), new Float64Array(places)];
  let at = 0;
  for (let i = 0; i < c; i++) {
    const center = affine[i]!;
    const scale = affine[c + i]!;
    const shift = affine[2 * c + i]!;
    let sum = 0;
    let sumError = 0;
    let product = 0;
    let productError = 0;
    for (let place = at % places, end = at + l; at < end; at++, place++) {
      const xhat = (x[at]! - center) * scale + shift;
      if (Number.isNaN(xhat)) continue;
      const a = u[at]!;
      const b = a * xhat;
      addTo(placeSums, sumErrors, place, a);
      addTo(placeProducts, productErrors, place, b);
      const g = a * gamma[place]!;
      const gx = g * xhat;
      const nextSum = sum + g;
      const sumPart = nextSum - sum;
      sumError += sum - (nextSum - sumPart) + (g - sumPart);
      sum = nextSum;
      const nextProduct = product + gx;
      const productPart = nextProduct - product;
      productError += product - (nextProduct - productPart) + (gx - productPart);
      product = nextProduct;
    }
    sums[i] = sum + sumError;
    products[i] = product + productError;
  }
  for (let place = 0; place < places; place++) {
    placeSums[place]! += sumErrors[place]!;
    placeProducts[place]! += productErrors[place]!;
  }
  return { sums, products, placeSums, placeProducts };
}

/**
 * dx = (u · gamma - along · x̂ - even) · scale, per channel of `[n, c, l]`: of a gradient, what moving the statistics does not
 * undo. 0 where x̂ is NaN.
 *
 * @param affine planes of `c` values each: center, scale, shift
 * @param gamma,even,along shape `[c]`
 */
export function pullBack(
  u: FloatArray,
  x: FloatArray,
  n: number,
  c: number,
  l: number,
  affine: Float64Array,
  gamma: Float64Array,
  even: Float64Array,
  along: Float64Array,
  dx: FloatArray,
): void {
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      const center = affine[i]!;
      const scale = affine[c + i]!;
      const shift = affine[2 * c + i]!;
      const weight = gamma[i]!;
      const a = even[i]!;
      const b = along[i]!;
      for (const end = at + l; at < end; at++) {
        const xhat = (x[at]! - center) * scale + shift;
        dx[at] = Number.isNaN(xhat) ? 0 : (u[at]! * weight - b * xhat - a) * scale;
      }
    }
  }
}

/** The same where gamma is a place's, all else a stretch's, as in `projectTwice`. */
export function pullBackTwice(
  u: FloatArray,
  x: FloatArray,
  c: number,
  l: number,
  affine: Float64Array,
  gamma: Float64Array,
  even: Float64Array,
  along: Float64Array,
  dx: FloatArray,
): void {
  let at = 0;
  for (let i = 0; i < c; i++) {
    const center = affine[i]!;
    const scale = affine[c + i]!;
    const shift = affine[2 * c + i]!;
    const a = even[i]!;
    const b = along[i]!;
    for (let place = at % gamma.length, end = at + l; at < end; at++, place++) {
      const xhat = (x[at]! - center) * scale + shift;
      dx[at] = Number.isNaN(xhat) ? 0 : (u[at]! * gamma[place]! - b * xhat - a) * scale;
    }
  }
}

/** The sums, per channel of `[n, c, l]`, of u where x is missing. */
export function sumMissing(u: FloatArray, x: FloatArray, n: number, c: number, l: number): Float64Array {
  const [sums, errors] = [new Float64Array(c), new Float64Array(c)];
  for (let at = 0; at < n * c * l; at++) {
    if (Number.isNaN(x[at])) addTo(sums, errors, Math.floor(at / l) % c, u[at]!);
  }
  return sums.map((sum, i) => sum + errors[i]!);
}
