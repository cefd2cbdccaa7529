import { fc, test } from '@fast-check/vitest';
import { BatchNorm, type BatchNormOptions, type RunningMode, type Tensor, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { channelOf, type Generated, hardValues, tensors } from '../oracle/data.js';
import { largestOf } from '../oracle/expect-exact.js';
import { absoluteError, type ExactMoments, exactMoments, Rational } from '../oracle/rational.js';

/** Half a unit in the last place of 1: what one rounding costs, relatively. */
const U = 2 ** -53;

const precisely = (options: BatchNormOptions): BatchNormOptions => ({ dtype: 'float64', ...options });
const eps = fc.constantFrom(0, 1e-5, 1e-3, 1, 1e6);
const toTensor = ({ data, shape }: Generated): Tensor => tensor(data.slice(), shape);
const state = (bn: BatchNorm): string => JSON.stringify(bn);

/** x to (x - mean) / sqrt(variance + eps), to 200 bits; every x to 0 where there is no spread and no eps. */
function exactNormalizer({ mean, variance }: ExactMoments, eps: number): (x: number) => Rational {
  const spread = variance().plus(eps).sqrt();
  return (x) => (spread.numerator === 0n ? spread : Rational.of(x).minus(mean).over(spread));
}

describe('before the affine', () => {
  test.prop([tensors(12), eps], { numRuns: 300 })(
    'each channel has mean 0 and variance σ²/(σ²+eps); a constant one is 0, exactly',
    (x, eps) => {
      const y = new BatchNorm(x.shape[1]!, precisely({ eps })).forward(toTensor(x));
      for (let channel = 0; channel < x.shape[1]!; channel++) {
        const values = channelOf(x, channel);
        const normalized = channelOf(y, channel);
        if (values.every((value) => value === values[0])) {
          expect(normalized.every((value) => value === 0)).toBe(true);
          continue;
        }
        const before = exactMoments(values).variance();
        const after = exactMoments(normalized);
        // A value costs a rounding each for: x - center, the product, the sum, and (one of a few ulp) the shift, which is
        // less than 1 sd. The scale's own error is common to all: it moves no mean, and a variance by twice itself.
        const error = 8 * U * Math.max(1, largestOf(normalized));
        const expected = before.over(before.plus(eps));
        const sd = Math.sqrt(expected.toNumber());
        expect(absoluteError(after.mean.toNumber(), new Rational(0n))).toBeLessThanOrEqual(error);
        expect(absoluteError(after.variance().toNumber(), expected)).toBeLessThanOrEqual(
          2 * sd * error + 16 * U * sd * sd,
        );
        if (eps === 0) expect(Math.abs(after.variance().toNumber() - 1)).toBeLessThan(1e-13);
      }
    },
  );

  test.prop([hardValues(2, 200), eps])(
    'every value is the exact one: 1e-12, at mean/sd to 1e9',
    (values, eps) => {
      const x = tensor(values, [values.length, 1]);
      const wide = new BatchNorm(1, precisely({ eps })).forward(x).data;
      const narrow = new BatchNorm(1, { eps }).forward(x).data;
      const exact = exactNormalizer(exactMoments(values), eps);
      values.forEach((value, i) => {
        const y = exact(value);
        expect(absoluteError(wide[i]!, y)).toBeLessThanOrEqual(1e-12);
        expect(narrow[i]).toBe(Math.fround(wide[i]!));
        const rounded = Math.fround(y.toNumber());
        const ulp = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(rounded), 2 ** -126))) - 23);
        expect(Math.abs(narrow[i]! - rounded)).toBeLessThanOrEqual(Math.max(ulp, 1e-12));
      });
    },
  );

  test.prop([hardValues(2, 100), hardValues(1, 20), eps])('and so at test time', (learned, seen, eps) => {
    const bn = new BatchNorm(1, precisely({ eps, runningDdof: 0 }));
    bn.forward(tensor(learned, [learned.length, 1]));
    const exact = exactNormalizer(exactMoments(learned), eps);
    const y = bn.infer(tensor(seen, [seen.length, 1])).data;
    seen.forEach((value, i) => {
      const expected = exact(value);
      expect(absoluteError(y[i]!, expected)).toBeLessThanOrEqual(
        1e-12 * Math.max(1, Math.abs(expected.toNumber())),
      );
    });
  });

  test.prop([
    tensors(6),
    eps,
    fc.double({ min: -100, max: 100, noNaN: true }),
    fc.integer({ min: -9, max: 9 }),
  ])('gamma and beta come after; a constant channel is beta, exactly', (x, eps, gamma, beta) => {
    const [plain, scaled] = [{}, {}].map(() => new BatchNorm(x.shape[1]!, precisely({ eps })));
    scaled!.gamma.fill(gamma);
    scaled!.beta.fill(beta);
    const before = plain!.forward(toTensor(x)).data;
    const after = scaled!.forward(toTensor(x));
    after.data.forEach((value, i) => {
      const expected = before[i]! * gamma + beta;
      const size = Math.max(1, Math.abs(gamma), Math.abs(before[i]! * gamma), Math.abs(beta));
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(16 * U * size);
    });
    for (let channel = 0; channel < x.shape[1]!; channel++) {
      const values = channelOf(x, channel);
      if (values.some((value) => value !== values[0])) continue;
      expect(channelOf(after, channel).every((value) => value === beta)).toBe(true);
    }
  });
});

test.prop([tensors(9), fc.infiniteStream(fc.nat())])(
  'permuting the batch permutes what comes out',
  (generated, order) => {
    const x = toTensor(generated);
    const rows = x.shape[0]!;
    const size = x.data.length / rows;
    const permutation = Array.from({ length: rows }, (_, row) => [order.next().value as number, row])
      .sort(([a], [b]) => a! - b!)
      .map(([, row]) => row!);
    const permuted = (data: ArrayLike<number>): number[] =>
      permutation.flatMap((row) => Array.from(data).slice(row * size, (row + 1) * size));
    const bn = (): BatchNorm => new BatchNorm(x.shape[1]!, precisely({ eps: 0 }));
    const expected = permuted(bn().forward(x).data);
    const y = bn().forward(tensor(permuted(x.data), x.shape));
    y.data.forEach((value, at) => {
      expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(
        8 * U * Math.max(1, Math.abs(expected[at]!)),
      );
    });
  },
);

describe('what it hands out', () => {
  test.prop([tensors(3), tensors(3)])(
    'input is not modified, and what was emitted is never written again',
    (a, b) => {
      const shared = [a.shape[1]!, b.shape[1]!];
      fc.pre(shared[0] === shared[1]);
      const bn = new BatchNorm(shared[0]!, { running: { momentum: 0.3 } });
      const [x, z] = [toTensor(a), toTensor(b)];
      const first = bn.forward(x);
      const inferred = bn.infer(x);
      const statistics = [bn.runningMean, bn.runningVariance];
      const copies = [first.data, inferred.data, ...statistics].map((data) => data.slice());
      const moments = JSON.stringify(first.moments);
      bn.forward(z);
      bn.infer(z);
      expect([first.data, inferred.data, ...statistics]).toEqual(copies);
      expect(JSON.stringify(first.moments)).toBe(moments);
      expect([x.data, z.data]).toEqual([a.data, b.data]);
      expect(first.shape).toEqual(a.shape);
    },
  );

  test.prop([tensors(6)])('infer is toAffine().apply, bit for bit; moments are the batch’s own', (x) => {
    const bn = new BatchNorm(x.shape[1]!, precisely({}));
    bn.gamma.fill(3);
    bn.beta.fill(-1);
    const { moments } = bn.forward(toTensor(x));
    expect(bn.infer(toTensor(x)).data).toEqual(bn.toAffine().apply(toTensor(x)).data);
    expect(moments.count[0]).toBe(x.data.length / x.shape[1]!);
  });
});

const modes: fc.Arbitrary<RunningMode> = fc.constantFrom<RunningMode[]>(
  'pooled',
  'average',
  { momentum: 0.1 },
  { momentum: 0 },
  { momentum: 1 },
  { halfLifeRows: 20 },
);

const anyOptions: fc.Arbitrary<BatchNormOptions> = fc.record(
  {
    eps,
    running: modes,
    runningDdof: fc.constantFrom<(0 | 1)[]>(0, 1),
    minValues: fc.integer({ min: 1, max: 6 }),
    affine: fc.boolean(),
    dtype: fc.constantFrom('float32', 'float64'),
    missing: fc.constantFrom('keep', 'mean'),
  },
  { requiredKeys: [] },
);

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e9, max: 1e9, noNaN: true }) },
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const batches = fc.array(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 8,
});

describe('saved and continued', () => {
  test.prop([anyOptions, batches, fc.nat(8)], { numRuns: 300 })(
    'in every mode, resuming after any batch is never having stopped, bit for bit',
    (options, batches, split) => {
      const through = new BatchNorm(2, options);
      let stopped = new BatchNorm(2, options);
      through.gamma[0] = stopped.gamma[0] = 2.5;
      through.beta[1] = stopped.beta[1] = -0;
      batches.forEach((rows, i) => {
        if (i === split) stopped = BatchNorm.fromJSON(JSON.parse(state(stopped)));
        const x = tensor(rows.flat(), [rows.length, 2]);
        expect(stopped.forward(x).data).toEqual(through.forward(x).data);
        expect(stopped.infer(x).data).toEqual(through.infer(x).data);
      });
      expect(state(stopped)).toBe(state(through));
      expect(state(BatchNorm.fromJSON(JSON.parse(state(through))))).toBe(state(through));
      expect(stopped.batches).toBe(through.batches);
    },
  );

  test.prop([anyOptions, batches])(
    'running statistics are never NaN, however wide the data',
    (options, batches) => {
      const bn = new BatchNorm(2, options);
      for (const rows of batches) bn.forward(tensor(rows.flat(), [rows.length, 2]));
      for (const statistic of [...bn.runningMean, ...bn.runningVariance]) expect(statistic).not.toBeNaN();
      for (const mean of bn.runningMean) expect(mean).toBeLessThan(Infinity);
    },
  );
});
