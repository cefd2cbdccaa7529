/** In place of src/kernels/backend.ts where KERNELS=plain: no SIMD at any size. */
import type { Kernels } from '../../src/kernels/kernels.js';
import { plain } from '../../src/kernels/plain.js';

export const kernelsFor = (): Kernels => plain;
