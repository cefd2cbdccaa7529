/** Where a value that must not pass is, among the first `length`: its index, or -1. */
import type { FloatArray } from '../tensor.js';

/** An infinity. */
export function findInfinite(data: FloatArray, length: number = data.length): number {
  for (let i = 0; i < length; i++) if (data[i] === Infinity || data[i] === -Infinity) return i;
  return -1;
}

/** An infinity or a NaN. */
export function findNonFinite(data: FloatArray, length: number = data.length): number {
  for (let i = 0; i < length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}
