/**
 * The two implementations of the kernels give the same bits, and those are the right ones: what is applied is compared with
 * the formula, value by value, and what is summed with exact rational arithmetic.
 */
import { fc, test } from '@fast-check/vitest';
import { Moments } from 'evenkeel';
import { describe, expect, vi } from 'vitest';
import type { Kernels } from '../../src/kernels/kernels.js';
import { plain } from '../../src/kernels/plain.js';
import { simdKernels } from '../../src/kernels/simd.js';
import { COUNT, planeLength } from '../../src/kernels/sums.js';
import type { FloatArray } from '../../src/tensor.js';
import { channelOf, hardValues } from '../oracle/data.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { gaussian, hardData, uniform } from '../oracle/hard-data.js';
import { exactMoments } from '../oracle/rational.js';

/** What `Moments` sums with, here. */
const chosen = vi.hoisted(() => ({ kernels: undefined as unknown }));
vi.mock('../../src/kernels/backend.js', () => ({ kernelsFor: () => chosen.kernels }));

const simd = simdKernels()!;
const implementations: [string, Kernels][] = [
  ['plain', plain],
  ['simd', simd],
];

type Shape = readonly [n: number, c: number, l: number];
type DType = 'float32' | 'float64';
const dtypes = ['float32', 'float64'] as const;

/** Zeros that do not lie at the start of their buffer. */
function zerosOf(dtype: DType, length: number): FloatArray {
  const Floats = dtype === 'float32' ? Float32Array : Float64Array;
  const { BYTES_PER_ELEMENT: bytes } = Floats;
  return new Floats(new ArrayBuffer(bytes * (length + 2)), bytes, length);
}

/** What values may be like. */
const kinds: Record<string, (seed: number) => () => number> = {
  'far from 0': (seed) => {
    const noise = gaussian(seed);
    return () => 1e9 + noise();
  },
  'around 0': gaussian,
  'of all magnitudes': (seed) => {
    const next = uniform(seed);
    return () => (next() - 0.5) * 10 ** (60 * next() - 30);
  },
  'denormal and zero': (seed) => {
    const next = uniform(seed);
    return () => Math.sign(next() - 0.5) * Math.floor(next() * 3) * (next() < 0.5 ? 2 ** -1074 : 2 ** -149);
  },
  huge: (seed) => {
    const next = uniform(seed);
    return () => (next() - 0.5) * (next() < 0.5 ? Number.MAX_VALUE : 3e38);
  },
  'partly missing': (seed) => {
    const noise = gaussian(seed);
    const next = uniform(seed + 1);
    return () => (next() < 0.3 ? Number.NaN : 5 + noise());
  },
  'all missing': () => () => Number.NaN,
  'partly infinite': (seed) => {
    const next = uniform(seed);
    return () => [Infinity, -Infinity, Number.NaN, 1][Math.floor(next() * 40)] ?? next();
  },
};
const kindNames = Object.keys(kinds);

function valuesOf(kind: string, seed: number, dtype: DType, length: number): FloatArray {
  const next = kinds[kind]!(seed);
  return zerosOf(dtype, length).map(() => next());
}

/** Where two differ in a bit (of which NaN it is does not matter), or -1. */
function firstDifference(a: FloatArray, b: FloatArray): number {
  if (a.length !== b.length) return 0;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}

function expectSame(a: FloatArray, b: FloatArray, what: string): void {
  const at = firstDifference(a, b);
  if (at >= 0) expect({ at, value: a[at] }, what).toEqual({ at, value: b[at] });
}

/** The planes that are said to be there, without what fills them up to pairs. */
function sumsOf(kernels: Kernels, x: FloatArray, [n, c, l]: Shape, gaps: boolean, about?: Float64Array) {
  const sums = kernels.sums(x, n, c, l, gaps, about);
  const planes = new Float64Array((COUNT + 1) * c);
  for (let plane = 0; plane <= COUNT; plane++) {
    const at = plane * planeLength(c);
    planes.set(sums.subarray(at, at + c), plane * c);
  }
  return planes;
}

/** So many numbers to multiply with and to add; a few are 0. */
function factors(seed: number, count: number): Float64Array {
  const next = uniform(seed);
  return new Float64Array(count).map(() => (next() < 0.1 ? 0 : (next() - 0.5) * 2000 * next()));
}

function expectSums(x: FloatArray, shape: Shape, seed: number): void {
  const about = factors(seed, shape[1]);
  for (const gaps of [false, true]) {
    for (const given of [undefined, about]) {
      const [expected, found] = [plain, simd].map((kernels) => sumsOf(kernels, x, shape, gaps, given));
      expectSame(found!, expected!, `sums ${gaps ? 'with' : 'without'} gaps`);
    }
  }
}

/** What is applied, by plain kernels, and by SIMD, to x as it comes and to x that was summed. */
function expectAll(
  x: FloatArray,
  value: (distance: number, at: number) => number,
  distance: (at: number) => number,
  apply: (kernels: Kernels, y: FloatArray, unchanged: boolean) => boolean,
): void {
  const distances = new Float64Array(x.length).map((_, at) => distance(at));
  const exact = distances.map(value);
  const finite = distances.every(Number.isFinite);
  for (const dtype of dtypes) {
    const expected = zerosOf(dtype, x.length);
    expected.set(exact);
    for (const [kernels, summed] of [[plain], [simd], [simd, true]] as const) {
      if (summed) kernels.sums(x, x.length, 1, 1, false);
      const y = zerosOf(dtype, x.length);
      expect(apply(kernels, y, summed ?? false)).toBe(finite);
      expectSame(y, expected, `${kernels === simd ? 'simd' : 'plain'} into ${dtype}`);
    }
  }
}

function expectApplied(x: FloatArray, [n, c, l]: Shape, seed: number): void {
  const affine = factors(seed, 3 * c);
  const channel = (at: number): number => Math.floor(at / l) % c;
  expectAll(
    x,
    (distance, at) => distance * affine[c + channel(at)]! + affine[2 * c + channel(at)]!,
    (at) => x[at]! - affine[channel(at)]!,
    (kernels, y, unchanged) => kernels.apply(x, n, c, l, affine, y, unchanged),
  );
}

/** @param stretches after which gamma and beta start again */
function expectAppliedTwice(x: FloatArray, l: number, stretches: number, seed: number): void {
  const c = x.length / l;
  const places = stretches * l;
  const [affine, gamma, beta] = [factors(seed, 3 * c), factors(seed + 1, places), factors(seed + 2, places)];
  const stretch = (at: number): number => Math.floor(at / l);
  expectAll(
    x,
    (distance, at) => {
      const located = distance * affine[c + stretch(at)]! + affine[2 * c + stretch(at)]!;
      return located * gamma[at % places]! + beta[at % places]!;
    },
    (at) => x[at]! - affine[stretch(at)]!,
    (kernels, y, unchanged) => kernels.applyTwice(x, c, l, affine, gamma, beta, y, unchanged),
  );
}

const small = fc.record({
  n: fc.integer({ min: 1, max: 70 }),
  c: fc.integer({ min: 1, max: 9 }),
  l: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 })),
  kind: fc.constantFrom(...kindNames),
  dtype: fc.constantFrom(...dtypes),
  seed: fc.integer(),
});

/** On either side of where a run is cut, a tensor is walked in pieces, and the module has no room. */
const large: Shape[] = [
  [1, 1, 4096],
  [2, 3, 4097],
  [2, 2, 8193],
  [1, 16_384, 1],
  [1, 1, 16_385],
  [70, 513, 1], // pieces of 32 rows
  [300, 7, 9], // some rows a piece
  [2, 41, 500], // some channels a piece
  [2, 3, 20_001], // a channel a piece
  [70_001, 3, 1],
  [1, 1, 131_072],
  [2, 1, 131_073], // stretches of a channel, the last of 1 value
  [1, 3, 131_073],
  [1, 3, 150_000],
  [33, 4096, 1],
  [2, 4097, 1], // more columns than there is room for
  [1, 18_651, 2], // more channels than the sums have room for
  [1, 18_652, 2],
  [1, 43_520, 2], // more than an affine has room for
  [1, 43_521, 2],
];

describe('the same bits', () => {
  test('in the module that is there', () => {
    expect(simd).toBeDefined();
  });

  test.prop([small])('of sums, and as the formula says', ({ n, c, l, kind, dtype, seed }) => {
    const x = valuesOf(kind, seed, dtype, n * c * l);
    expectSums(x, [n, c, l], seed);
    expectApplied(x, [n, c, l], seed);
    expectAppliedTwice(x, l, 1, seed);
    expectAppliedTwice(x, l, c, seed);
  });

  const each = large.flatMap((shape) => dtypes.map((dtype) => [shape, dtype] as const));
  test.each(each)('of %j in %s', ([n, c, l], dtype) => {
    expectSums(valuesOf('partly missing', 1, dtype, n * c * l), [n, c, l], 2);
    const x = valuesOf('of all magnitudes', 1, dtype, n * c * l);
    expectSums(x, [n, c, l], 2);
    expectApplied(x, [n, c, l], 3);
    expectAppliedTwice(x, l, n, 4);
  });
});

/** What the module keeps between calls must not show: whatever came before, and was written to since. */
interface Step {
  readonly array: number;
  readonly shape: Shape;
  readonly does: 'sums' | 'apply' | 'applyTwice' | 'write';
}

describe('y is of what x is now', () => {
  const rows: Shape = [20_000, 2, 1];
  const channels: Shape = [1, 20_000, 2]; // more than the sums have room for
  const step = fc.record({
    array: fc.constantFrom<number[]>(0, 0, 1),
    shape: fc.constantFrom<Shape>(rows, channels, [4, 5000, 2], [2, 2, 10_000]),
    does: fc.constantFrom<Step['does']>('sums', 'apply', 'applyTwice', 'write'),
  });

  function expectAfter(steps: readonly Step[], dtype: DType): void {
    const arrays = [1, 2].map((seed) => valuesOf('around 0', seed, dtype, 40_000));
    const [y, expected] = [zerosOf(dtype, 40_000), zerosOf(dtype, 40_000)];
    let summed: FloatArray | undefined;
    steps.forEach(({ array, shape: [n, c, l], does }, seed) => {
      const x = arrays[array]!;
      const unchanged = summed === x;
      if (does === 'sums') {
        expectSame(sumsOf(simd, x, [n, c, l], false), sumsOf(plain, x, [n, c, l], false), does);
        summed = x;
      } else if (does === 'write') {
        x[seed] = 100 + seed;
        if (unchanged) summed = undefined;
      } else if (does === 'apply') {
        const affine = factors(seed, 3 * c);
        simd.apply(x, n, c, l, affine, y, unchanged);
        plain.apply(x, n, c, l, affine, expected, false);
        expectSame(y, expected, does);
      } else {
        const [affine, gamma, beta] = [factors(seed, 3 * n * c), factors(seed + 1, l), factors(seed + 2, l)];
        simd.applyTwice(x, n * c, l, affine, gamma, beta, y, unchanged);
        plain.applyTwice(x, n * c, l, affine, gamma, beta, expected, false);
        expectSame(y, expected, does);
      }
    });
  }

  test.prop([fc.array(step, { minLength: 2, maxLength: 9 }), fc.constantFrom(...dtypes)], { numRuns: 40 })(
    'whatever came before',
    expectAfter,
  );
  test.each(['apply', 'applyTwice'] as const)(
    '%s, where it was summed with and without the module',
    (does) => {
      const steps: Step[] = [
        { array: 0, shape: rows, does: 'sums' },
        { array: 0, shape: rows, does: 'write' },
        { array: 0, shape: channels, does: 'sums' },
        { array: 0, shape: channels, does },
      ];
      for (const dtype of dtypes) expectAfter(steps, dtype);
    },
  );
});

describe.each(implementations)('moments by %s', (_, kernels) => {
  describe.each(dtypes)('of %s', (dtype) => {
    function expectMoments(data: FloatArray, [n, c, l]: Shape): void {
      chosen.kernels = kernels;
      const moments = new Moments(c);
      moments.updateBatch({ data, shape: [n, c, l] });
      for (const channel of new Set([0, 1 % c, c >> 1, c - 1])) {
        const values = channelOf({ data, shape: [n, c, l] }, channel).filter((x) => !Number.isNaN(x));
        if (values.length === 0) expect(moments.count[channel]).toBe(0);
        else expectExact(moments, exactMoments(values), largestOf(values), channel, dtype === 'float32');
      }
    }

    const narrowed = (values: Float64Array): FloatArray =>
      dtype === 'float32' ? Float32Array.from(values) : values;

    test.each(hardData(5001))('$name, as rows and as a run', ({ values }) => {
      const data = narrowed(values);
      expectMoments(data, [data.length, 1, 1]);
      expectMoments(data, [1, 1, data.length]);
    });

    test('the first values no sample of the rest, so that all are read again', () => {
      const values = gaussian(1);
      const data = narrowed(Float64Array.from({ length: 50_000 }, (_, i) => (i < 8 ? 1e9 : 0) + values()));
      expectMoments(data, [data.length, 1, 1]);
      expectMoments(data, [1, 1, data.length]);
      expectMoments(data, [6250, 8, 1]);
      expectMoments(
        data.map((x, i) => (i % 3 === 1 ? Number.NaN : x)),
        [1, 1, data.length],
      );
    });

    test.prop([hardValues(1, 200), fc.integer({ min: 1, max: 3 }), fc.boolean()])(
      'whatever is hard, of several channels',
      (values, c, isRun) => {
        const n = Math.max(1, Math.floor(values.length / c));
        const data = narrowed(Float64Array.from({ length: n * c }, (_, i) => values[i % values.length]!));
        expectMoments(data, isRun ? [1, c, n] : [n, c, 1]);
      },
    );

    test.prop([hardValues(1, 100), fc.integer()])('with values missing', (values, seed) => {
      const next = uniform(seed);
      const data = narrowed(values.map((x) => (next() < 0.3 ? Number.NaN : x)));
      expectMoments(data, [data.length, 1, 1]);
    });

    test.each([[[131_073, 1, 1]], [[1, 2, 131_073]], [[33, 513, 1]], [[2, 4097, 1]]] as [Shape][])(
      'of shape %j, far from 0',
      (shape) => {
        const [n, c, l] = shape;
        const data = narrowed(Float64Array.from(valuesOf('far from 0', 1, 'float64', n * c * l)));
        expectMoments(data, shape);
      },
    );
  });
});
