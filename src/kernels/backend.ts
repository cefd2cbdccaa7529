/** Which kernels walk how many values. */
import type { Kernels } from './kernels.js';
import { plain } from './plain.js';
import { simdKernels } from './simd.js';

/** From so many values on, copying them into the module's memory and out again costs less than it wins. */
const WORTH = 48;

let simd: Kernels | undefined;

/** The kernels for a tensor of so many values. The module is made when it is first needed. */
export function kernelsFor(values: number): Kernels {
  if (values < WORTH) return plain;
  simd ??= simdKernels() ?? plain;
  return simd;
}
