/**
 * The contract of what walks all values of a tensor `[n, c, l]`. It has two implementations, plain TypeScript and
 * WebAssembly SIMD, of the same operations in the same order: they give the same bits, so whichever runs, nobody can tell.
 */
import type { FloatArray } from '../tensor.js';

export interface Kernels {
  /**
   * The sums of a batch, planes as in sums.ts at the start of what is returned, which is theirs until the next call.
   *
   * @param gaps whether a NaN is a missing value, and skipped; else it comes out as a sum that is none
   * @param about shape `[c]`, what to take distances from; by default the mean of the first values of each channel
   */
  sums(x: FloatArray, n: number, c: number, l: number, gaps: boolean, about?: Float64Array): Float64Array;

  /**
   * y = (x - center) * scale + shift.
   *
   * @param affine planes of `c` values each: center, scale, shift; more may follow
   * @param unchanged whether x is what `sums` was given last, and was not written to since
   * @returns whether every x - center is finite
   */
  apply(
    x: FloatArray,
    n: number,
    c: number,
    l: number,
    affine: Float64Array,
    y: FloatArray,
    unchanged: boolean,
  ): boolean;

  /**
   * y = ((x - center) * scale + shift) * gamma + beta, where c stretches of l values follow each other: center, scale and
   * shift are a stretch's, gamma and beta those of a place, places following each other again and again.
   *
   * @param affine planes of `c` values each: center, scale, shift
   * @param gamma,beta as many values as there are places: l, or a multiple
   * @returns as above
   */
  applyTwice(
    x: FloatArray,
    c: number,
    l: number,
    affine: Float64Array,
    gamma: Float64Array,
    beta: Float64Array,
    y: FloatArray,
    unchanged: boolean,
  ): boolean;
}
