/** The ways the same values can reach a statistic of one channel: row by row, in batches, merged in a tree. */
import { Moments, tensor } from 'evenkeel';

export function byRows(values: ArrayLike<number>): Moments {
  const moments = new Moments(1);
  for (let i = 0; i < values.length; i++) moments.update([values[i]!]);
  return moments;
}

export function byBatches(values: Float64Array, size: number): Moments {
  const moments = new Moments(1);
  for (let at = 0; at < values.length; at += size) {
    const batch = values.slice(at, at + size);
    moments.updateBatch(tensor(batch, [batch.length, 1]));
  }
  return moments;
}

/** Merged in a binary tree whose splits `cut` chooses: a fraction of the way, from 0 to 1. Leaves hold `leaf` or fewer. */
export function byTree(values: Float64Array, leaf: number, cut: () => number): Moments {
  if (values.length <= leaf) return byRows(values);
  const at = 1 + Math.floor(cut() * (values.length - 1));
  const left = byTree(values.subarray(0, at), leaf, cut);
  left.merge(byTree(values.subarray(at), leaf, cut));
  return left;
}
