/** What was emitted is never written again, whatever comes after it, and lies in nobody else's memory. */
import {
  Affine,
  BatchNorm,
  type BatchNormalized,
  batchNorm,
  type FloatArray,
  InstanceNorm,
  LayerNorm,
  type Moments,
  minibatch,
  StandardScaler,
  standardize,
  type Tensor,
  tensor,
} from 'evenkeel';
import { from } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { Kernels } from '../../src/kernels/kernels.js';
import { plain } from '../../src/kernels/plain.js';
import { simdKernels } from '../../src/kernels/simd.js';
import { gaussian } from '../oracle/hard-data.js';

/** What all kernels are, here. */
const chosen = vi.hoisted(() => ({ kernels: undefined as unknown }));
vi.mock('../../src/kernels/backend.js', () => ({ kernelsFor: () => chosen.kernels }));

/** The kernels, and the memories they made. */
function start(make: () => Kernels | undefined): { kernels: Kernels; memories: WebAssembly.Memory[] } {
  const memories: WebAssembly.Memory[] = [];
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  const kernels = make()!;
  WebAssembly.Memory = Memory;
  return { kernels, memories };
}

/** A consumer that keeps everything, and what it was when it came. */
class Consumer {
  readonly data: FloatArray[] = [];
  readonly #was: FloatArray[] = [];
  readonly #moments: [Moments, was: string][] = [];

  keep({ data, moments }: { data: FloatArray; moments?: Moments }): void {
    this.data.push(data);
    this.#was.push(data.slice());
    if (moments) this.#moments.push([moments, JSON.stringify(moments)]);
  }

  expectUnchanged(): void {
    this.data.forEach((data, i) => {
      const was = this.#was[i]!;
      expect(data).toHaveLength(was.length);
      expect(data.every((value: number, at: number) => Object.is(value, was[at]))).toBe(true);
    });
    for (const [moments, was] of this.#moments) expect(JSON.stringify(moments)).toBe(was);
  }
}

const noise = gaussian(1);
function batch(n: number, c: number, l: number): Tensor {
  const length = n * c * l;
  const values = Float64Array.from({ length }, () => 50 + noise());
  return tensor(n % 2 === 0 ? values : Float32Array.from(values), [n, c, l]);
}

/** One and many values, pieces, more than there is room for, and few again. */
const rows = [1, 2, 30, 700, 3, 5000, 20_001, 1, 33, 4096, 8, 700];

describe.each([
  ['plain', () => plain],
  ['simd', simdKernels],
])('%s', (name, make) => {
  const { kernels, memories } = start(make);

  test('everything that was emitted is as it was, in a buffer of its own', () => {
    chosen.kernels = kernels;
    const consumer = new Consumer();
    const keep = (emitted: { data: FloatArray; moments?: Moments }): void => consumer.keep(emitted);
    const others: WebAssembly.Memory[] = [];
    const [narrow, wide] = [new BatchNorm(4), new BatchNorm(4, { dtype: 'float64' })];
    const norms = [new InstanceNorm(4), new LayerNorm([4, 2]), new StandardScaler(4)];
    const affine = new Affine(Float64Array.of(1, 2, 3, 4), new Float64Array(4));
    for (const n of rows) {
      const x = batch(n, 4, 2);
      for (const bn of [narrow, wide]) {
        keep(bn.forward(x));
        keep(bn.backward(x).dx);
        keep(bn.infer(x));
      }
      for (const norm of norms) {
        keep(norm.forward(x));
        keep(norm.infer(x));
      }
      keep({ data: (norms[2] as StandardScaler).transform(x.data.subarray(0, 4)) });
      keep(affine.apply(x));
      const other = new WebAssembly.Memory({ initial: 1, maximum: 64 });
      other.grow(8);
      for (const memory of others) memory.grow(1);
      others.push(other);
    }

    const live = Array.from({ length: 1000 }, (_, i) => [i, noise(), -i]);
    for (const size of [1, 7, 500, 16]) {
      const batches: Tensor[] = [];
      from(live)
        .pipe(minibatch({ size }))
        .subscribe((batch) => {
          keep(batch);
          batches.push(batch);
        });
      from(batches)
        .pipe(batchNorm(new BatchNorm(3)))
        .subscribe((batch) => keep(batch as BatchNormalized));
      from(batches)
        .pipe(standardize({}))
        .subscribe((batch) => keep(batch as Tensor));
    }
    from(live.slice(0, 200))
      .pipe(standardize({ dtype: 'float32' }))
      .subscribe(keep);

    consumer.expectUnchanged();
    expect(new Set(consumer.data.map(({ buffer }) => buffer)).size).toBe(consumer.data.length);
    const lent = new Set<unknown>(memories.map(({ buffer }) => buffer));
    expect(consumer.data.some(({ buffer }) => lent.has(buffer))).toBe(false);
    for (const { buffer } of consumer.data) expect(buffer).toBeInstanceOf(ArrayBuffer);
  });

  test('its memory is of one size for good', () => {
    expect(memories).toHaveLength(name === 'simd' ? 1 : 0);
    for (const memory of memories) {
      const { buffer } = memory;
      expect(() => memory.grow(1)).toThrow(RangeError);
      expect(memory.buffer).toBe(buffer);
    }
  });
});
