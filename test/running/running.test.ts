import { BatchNorm, type RunningMode, type Tensor, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { type PoolMode, startPool } from '../../src/running/running-mode.js';
import { uniform } from '../oracle/hard-data.js';
import { thrownBy } from '../thrown-by.js';

const modes: RunningMode[] = [
  'pooled',
  'average',
  { momentum: 0.25 },
  { halfLifeRows: 2 },
  { windowRows: 4 },
  { windowRows: 6, strideRows: 3 },
];

describe.each(modes)('%j', (running) => {
  test('before anything was learned: mean 0, variance 1', () => {
    const bn = new BatchNorm(2, { running });
    expect([[...bn.runningMean], [...bn.runningVariance]]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test('what was handed out is not the state', () => {
    const bn = new BatchNorm(1, { running });
    bn.forward(tensor([1, 3], [2, 1]));
    const before = JSON.stringify(bn);
    bn.runningMean[0] = 99;
    bn.runningVariance[0] = 99;
    bn.toAffine().center[0] = 99;
    expect(JSON.stringify(bn)).toBe(before);
  });

  test('channels learn each for themselves', () => {
    const both = new BatchNorm(2, { running, missing: 'keep' });
    const alone = new BatchNorm(1, { running, missing: 'keep' });
    for (const [a, b] of [
      [1, 3],
      [2, 8],
      [5, 4],
    ] as const) {
      both.forward(tensor([a, Number.NaN, b, Number.NaN], [2, 2]));
      alone.forward(tensor([a, b], [2, 1]));
    }
    expect([both.runningMean[0], both.runningVariance[0]]).toEqual([
      alone.runningMean[0],
      alone.runningVariance[0],
    ]);
    expect([both.runningMean[1], both.runningVariance[1]]).toEqual([0, 1]);
  });
});

describe('by hand: batches of 1, 3 and of 5, 9', () => {
  const after = (running: RunningMode, runningDdof: 0 | 1 = 1): number[] => {
    const bn = new BatchNorm(1, { running, runningDdof });
    bn.forward(tensor([1, 3], [2, 1]));
    bn.forward(tensor([5, 9], [2, 1]));
    return [bn.runningMean[0]!, bn.runningVariance[0]!];
  };

  test.each<[RunningMode, 0 | 1, number[]]>([
    ['pooled', 1, [4.5, 35 / 3]],
    ['pooled', 0, [4.5, 35 / 4]],
    ['average', 1, [4.5, (2 + 8) / 2]],
    ['average', 0, [4.5, (1 + 4) / 2]],
    [{ momentum: 0.5 }, 1, [0.5 * 1 + 0.5 * 7, 0.5 * (0.5 + 0.5 * 2) + 0.5 * 8]],
    [{ momentum: 0.5 }, 0, [4, 0.5 * 1 + 0.5 * 4]],
    [{ momentum: 1 }, 1, [7, 8]],
    [{ momentum: 0 }, 1, [0, 1]],
    // Two rows are one half-life: 1 and 3 weigh a half each. Mean 16/3, M2 = 0.5 * 2 + 8 + 25 * 1 * 2 / 3.
    [{ halfLifeRows: 2 }, 0, [16 / 3, (1 + 8 + 50 / 3) / 3]],
    // The weights' sum is 3, the sum of their squares 2.5.
    [{ halfLifeRows: 2 }, 1, [16 / 3, (1 + 8 + 50 / 3) / (3 - 2.5 / 3)]],
  ])('%j, ddof %i', (running, ddof, expected) => {
    after(running, ddof).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 13);
    });
  });
});

describe('a channel that falls silent', () => {
  const row = (...values: number[]): Tensor => tensor(values, [1, values.length]);

  test.each<[halfLifeRows: number, runningDdof: 0 | 1]>([
    [10, 1],
    [10, 0],
    [0.5, 1],
  ])('keeps what it knew: half-life %d, ddof %i', (halfLifeRows, runningDdof) => {
    const bn = new BatchNorm(2, { running: { halfLifeRows }, runningDdof, missing: 'keep' });
    for (const value of [1, 5, 2, 8, 3, 3, 9]) bn.forward(row(value, 1000 + value));
    const before = [bn.runningMean[1], bn.runningVariance[1]];
    for (let i = 0; i < 20_000; i++) bn.forward(row(i % 3, Number.NaN));
    expect([bn.runningMean[1], bn.runningVariance[1]]).toEqual(before);
  });

  test('has faded by as many rows when it speaks again', () => {
    const alone = new BatchNorm(1, { running: { halfLifeRows: 2 }, missing: 'keep' });
    for (const value of [10, 20, Number.NaN, Number.NaN, Number.NaN, 30]) alone.forward(row(value));
    // the weights of 10, 20 and 30, at half as much after two rows
    const weights = [2 ** -2.5, 2 ** -2, 1];
    const sum = (of: (i: number) => number): number => weights.reduce((total, w, i) => total + w * of(i), 0);
    const mean = sum((i) => [10, 20, 30][i]!) / sum(() => 1);
    const m2 = sum((i) => ([10, 20, 30][i]! - mean) ** 2);
    const squares = weights.reduce((total, w) => total + w * w, 0);
    expect(alone.runningMean[0]).toBeCloseTo(mean, 13);
    expect(alone.runningVariance[0]).toBeCloseTo(m2 / (sum(() => 1) - squares / sum(() => 1)), 12);
  });

  test('starts anew after five hundred half-lives', () => {
    const bn = new BatchNorm(1, { running: { halfLifeRows: 1 }, missing: 'keep' });
    bn.forward(row(10));
    bn.forward(row(20));
    for (let i = 0; i < 600; i++) bn.forward(row(Number.NaN));
    expect(bn.runningVariance[0]).toBeCloseTo(50, 12);
    bn.forward(row(1));
    expect([bn.runningMean[0], bn.runningVariance[0]]).toEqual([1, 1]);
    bn.forward(row(3));
    expect(bn.runningVariance[0]).toBeCloseTo(2, 14);
  });
});

test.each([1, 2, 5])('the variance is unbiased: a half-life of %i rows', (halfLifeRows) => {
  const random = uniform(halfLifeRows);
  let sum = 0;
  const runs = 4000;
  for (let run = 0; run < runs; run++) {
    const bn = new BatchNorm(1, { running: { halfLifeRows } });
    for (let i = 0; i < 8 * halfLifeRows; i++) bn.forward(tensor([random()], [1, 1]));
    sum += bn.runningVariance[0]!;
  }
  // Of uniform numbers the variance is 1/12; with a count less one it comes out 32% too large at a half-life of one row.
  expect(Math.abs((12 * sum) / runs - 1)).toBeLessThan(0.05);
});

test('only a batch that taught something counts', () => {
  const [average, pooled] = ['average' as const, 'pooled' as const].map(
    (running) => new BatchNorm(2, { running, missing: 'keep' }),
  );
  for (const bn of [average!, pooled!]) {
    bn.forward(tensor([1, 2], [1, 2]));
    bn.forward(tensor([Number.NaN, Number.NaN], [1, 2]));
    bn.forward(tensor([1, Number.NaN, 3, Number.NaN], [2, 2]));
  }
  expect([average!.batches, pooled!.batches]).toEqual([1, 2]);
});

test('of means that swing, an average is right to the last word', () => {
  const bn = new BatchNorm(1, { running: 'average', eps: 0, dtype: 'float64' });
  for (const at of [1e9, 1e9, -2e9]) bn.forward(tensor([at, at + 1], [2, 1]));
  expect(bn.runningMean[0]).toBe(0.5);
  expect(Math.abs(bn.infer(tensor([0.5], [1, 1])).data[0]!)).toBeLessThan(1e-12);
});

describe('batches too wide for float64', () => {
  const wide = tensor([1e200, -1e200, 1e200, 1e200], [4, 1]);
  const tame = tensor([1, 3], [2, 1]);

  test('a momentum of 0 takes nothing of them, one of 1 keeps nothing', () => {
    const [none, all] = [0, 1].map((momentum) => new BatchNorm(1, { running: { momentum } }));
    for (const bn of [none!, all!]) {
      bn.forward(wide);
      bn.forward(tame);
    }
    expect([none!.runningMean[0], none!.runningVariance[0]]).toEqual([0, 1]);
    expect([all!.runningMean[0], all!.runningVariance[0]]).toEqual([2, 2]);
  });

  test('means at both ends of float64 average', () => {
    const bn = new BatchNorm(1, { running: 'average' });
    bn.forward(tensor([1.7e308, 1.7e308], [2, 1]));
    bn.forward(tensor([-1.7e308, -1.7e308], [2, 1]));
    expect([bn.runningMean[0], bn.runningVariance[0]]).toEqual([0, 0]);
  });

  test('an average of far means and next to no spread is still one to normalize with', () => {
    for (const minValues of [2, 3]) {
      const bn = new BatchNorm(1, { running: 'average', minValues, eps: 0, dtype: 'float64' });
      for (const batch of [
        [1e308, 1e308],
        [3, 3],
        [5e-160, 6e-160],
      ])
        bn.forward(tensor(batch, [2, 1]));
      expect(bn.batches).toBe(3);
      const center = bn.runningMean[0]!;
      expect([...bn.infer(tensor([center], [1, 1])).data]).toEqual([0]);
    }
  });

  test('what has no spread it can name maps to beta', () => {
    const bn = new BatchNorm(1);
    expect([...bn.forward(wide).data]).toEqual([0, 0, 0, 0]);
    expect([...bn.infer(wide).data]).toEqual([0, 0, 0, 0]);
  });
});

test.each<PoolMode>(['pooled', { halfLifeRows: 2 }, { windowRows: 9 }])(
  '%j: a batch with a missing value is refused whole, where that is asked for',
  (mode) => {
    const pool = startPool(mode, 2, 1);
    pool.updateBatch(tensor([1, 2, 3, 5], [2, 2]), 'error');
    const before = [JSON.stringify(pool), pool.revision];
    const gap = tensor([1, 2, 3, 4, 5, 6, Number.NaN, 8], [2, 2, 2]);
    for (const x of [gap, tensor(gap.data, [4, 2])])
      expect(thrownBy(() => pool.updateBatch(x, 'error'))).toMatchObject({ code: 'EVENKEEL_MISSING' });
    expect([JSON.stringify(pool), pool.revision]).toEqual(before);
    pool.updateBatch(gap);
    expect(JSON.stringify(pool)).not.toBe(before[0]);
  },
);
