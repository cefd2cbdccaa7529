import { describe, expect, test } from 'vitest';
import { applyAffine, clampAll, fillMissing } from '../../src/kernels/apply.js';
import { batchMoments, wideMoments } from '../../src/kernels/batch-moments.js';
import { decayMoments } from '../../src/kernels/decay-moments.js';
import { findInfinite, findNonFinite } from '../../src/kernels/find.js';
import { mergeMoments } from '../../src/kernels/merge-moments.js';
import { PLANES } from '../../src/kernels/planes.js';
import { variances } from '../../src/kernels/variances.js';

const of = (...values: number[]): Float64Array => Float64Array.of(...values);

describe('find', () => {
  test.each([Float32Array, Float64Array])('%o', (Floats) => {
    expect(findInfinite(Floats.of(1, Number.NaN, -Infinity, Infinity))).toBe(2);
    expect(findNonFinite(Floats.of(1, Number.NaN, -Infinity))).toBe(1);
    expect(findInfinite(Floats.of(1, Number.NaN))).toBe(-1);
    expect(findNonFinite(new Floats(0))).toBe(-1);
    expect(findNonFinite(Floats.of(1, Number.NaN), 1)).toBe(-1);
    expect(findInfinite(Floats.of(1, Infinity), 1)).toBe(-1);
  });
});

describe('apply', () => {
  test('walks [n, c, l]', () => {
    const y = new Float64Array(8);
    applyAffine(of(1, 2, 3, 4, 5, 6, 7, 8), 2, 2, 2, of(1, 3, 1, 10, 0, 1), y, false);
    expect([...y]).toEqual([0, 1, 1, 11, 4, 5, 41, 51]);
  });
  test('fills what is missing, by channel', () => {
    const y = of(1, Number.NaN, Number.NaN, 4);
    fillMissing(y, 2, 2, 1, [8, 9]);
    expect([...y]).toEqual([1, 9, 8, 4]);
  });
  test('clamps at either end, and leaves a NaN', () => {
    const y = of(-5, -1, 0, 2, 7, Number.NaN);
    clampAll(y, -1, 2);
    expect([...y]).toEqual([-1, -1, 0, 2, 2, Number.NaN]);
  });
});

describe('moments', () => {
  const statistic = (...values: number[]): Float64Array => {
    const out = new Float64Array(PLANES);
    batchMoments(Float64Array.from(values), values.length, 1, 1, out);
    return out;
  };
  test('of a batch, merged, decayed: count, mean and M2 with nothing in the low words', () => {
    const a = statistic(1, 3);
    expect([...a]).toEqual([2, 0, 2, 0, 2, 0]);
    mergeMoments(a, statistic(4, Number.NaN, 8), 1);
    expect([...a]).toEqual([4, 0, 4, 0, 26, 0]);
    decayMoments(a, 1, of(0.5));
    expect([...a]).toEqual([2, 0, 4, 0, 13, 0]);
  });
  test('the variance of a count, or an M2, that cannot be split', () => {
    const out = new Float64Array(4);
    const zeros = [0, 0, 0, 0];
    const planes = [
      [2 ** 1023, 4, 1e-320, 4],
      zeros,
      zeros,
      zeros,
      [2 ** 990, 8e307, 1e-320, Infinity],
      zeros,
    ];
    variances(Float64Array.from(planes.flat()), 4, 0, out);
    expect([...out]).toEqual([2 ** -33, 2e307, 1, Infinity]);
  });
  test('the low words hold what the high ones cannot', () => {
    const [count, , mean, meanLow] = statistic(1e16, 1, 0);
    expect([count, mean! * 3 + meanLow! * 3]).toEqual([3, 1e16]);
    expect(statistic(1, 2 ** -60)[3]).not.toBe(0);
  });
  test('sums beyond float64 come out not finite, and value by value they do not', () => {
    const values = of(1.5e308, 1.5e308);
    const out = new Float64Array(PLANES);
    batchMoments(values, 2, 1, 1, out);
    expect(findNonFinite(out)).toBeGreaterThanOrEqual(0);
    wideMoments(values, 2, 1, 1, out);
    expect([...out]).toEqual([2, 0, 1.5e308, 0, 0, 0]);
  });
});
