/**
 * Small arrays of float64, cut from blocks that they share: an ArrayBuffer each would take more bytes, and more time, than
 * their values do. A block lives for as long as anything that was cut from it, so what is kept does not share one with what
 * soon is let go. What is emitted as data has a buffer of its own.
 */

/** Values of a block: 8 KiB. */
const LENGTH = 1024;

function cutter(): (length: number) => Float64Array {
  let block = new Float64Array(0);
  let used = 0;
  return (length) => {
    if (length > LENGTH / 8) return new Float64Array(length);
    if (used + length > block.length) {
      block = new Float64Array(LENGTH);
      used = 0;
    }
    used += length;
    return block.subarray(used - length, used);
  };
}

/** Zeros, for what is kept. */
export const kept: (length: number) => Float64Array = cutter();

/** Zeros, for what is handed out to be read. */
export const handedOut: (length: number) => Float64Array = cutter();
