/** Where a value that must not pass is: its index, or -1. */
import type { FloatArray } from '../tensor.js';

export function findInfinite(data: FloatArray): number {
  for (let i = 0; i < data.length; i++) if (data[i] === Infinity || data[i] === -Infinity) return i;
  return -1;
}

export function findMissing(data: FloatArray): number {
  for (let i = 0; i < data.length; i++) if (data[i] !== data[i]) return i;
  return -1;
}

/** Whether the first `length` values are all finite. */
export function allFinite(data: FloatArray, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
