/**
 * Small arrays of float64, cut from blocks that they share: an ArrayBuffer each would take more bytes, and more time, than
 * their values do. For what is kept or handed out to be read; what is emitted as data has a buffer of its own.
 */

/** Values of a block: 8 KiB. */
const LENGTH = 1024;

let block = new Float64Array(0);
let used = 0;

/** Zeros. */
export function float64s(length: number): Float64Array {
  if (length > LENGTH / 8) return new Float64Array(length);
  if (used + length > block.length) {
    block = new Float64Array(LENGTH);
    used = 0;
  }
  used += length;
  return block.subarray(used - length, used);
}
