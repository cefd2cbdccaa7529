/**
 * What Evenkeel is for, from a seed, as the bits of what comes out: to be run where SIMD is and where it is not, and to be
 * compared. No function whose last bit is an engine's own affair is called.
 */
import { BatchNorm, batchNorm, LayerNorm, minibatch, type Tensor } from 'evenkeel';
import { from } from 'rxjs';
import { simdKernels } from '../../src/kernels/simd.js';
import { uniform } from '../oracle/hard-data.js';

export interface Outcome {
  /** Whether the SIMD kernels can be had here. */
  readonly simd: boolean;
  /** FNV-1a of the bytes of each array that came out. */
  readonly hashes: readonly number[];
}

function hash({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): number {
  let state = 0x811c9dc5;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
    state = Math.imul(state ^ byte, 0x01000193);
  return state >>> 0;
}

function batch(seed: number, shape: number[], offset = 1e9): Tensor {
  const next = uniform(seed);
  const length = shape.reduce((a, b) => a * b);
  return { data: Float64Array.from({ length }, () => offset + next()), shape };
}

export function job(): Outcome {
  const hashes: number[] = [];
  const out = (...arrays: (Float32Array | Float64Array)[]): void => {
    hashes.push(...arrays.map(hash));
  };

  for (const shape of [
    [1024, 256],
    [8, 3],
    [4, 3, 41, 41],
  ]) {
    const bn = new BatchNorm(shape[1]!);
    for (const seed of [1, 2]) out(bn.forward(batch(seed, shape)).data);
    out(bn.infer(batch(3, shape)).data, bn.runningMean, bn.runningVariance);
  }

  const layers = new LayerNorm(999, { dtype: 'float64' });
  layers.gamma.set(batch(4, [999], 1).data);
  out(layers.forward(batch(5, [20, 999], -1)).data);

  const bn = new BatchNorm(5);
  const { data } = batch(6, [1000, 5], 300);
  const rows = Array.from({ length: 1000 }, (_, row) => data.subarray(5 * row, 5 * row + 5));
  from(rows)
    .pipe(minibatch({ size: 64 }), batchNorm(bn))
    .subscribe((batch) => out(batch.data));
  out(bn.runningMean, bn.runningVariance);
  return { simd: simdKernels() !== undefined, hashes };
}
