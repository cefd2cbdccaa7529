/** In place of src/kernels/backend.ts where KERNELS=simd: SIMD at every size, and an error where there is none. */
import type { Kernels } from '../../src/kernels/kernels.js';
import { simdKernels } from '../../src/kernels/simd.js';

const simd = simdKernels();
if (!simd) throw new Error('KERNELS=simd, but there is no WebAssembly SIMD here');

export const kernelsFor = (): Kernels => simd;
