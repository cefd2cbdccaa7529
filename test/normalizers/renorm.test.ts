import { fc, test as property } from '@fast-check/vitest';
import { BatchNorm, OptionError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { gaussian } from '../oracle/hard-data.js';
import { thrownBy } from '../thrown-by.js';

const limits = { rMax: 1e6, dMax: 1e6 };
const precisely = { eps: 0, dtype: 'float64', runningDdof: 0 } as const;

test('other limits are one norm’s own', () => {
  const [one, other] = [new BatchNorm(1), new BatchNorm(1)];
  one.setRenorm(limits);
  expect([one, other, new BatchNorm(1)].map(({ options }) => options.renorm)).toEqual([limits, false, false]);
});

property.prop([fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 3 }), fc.integer()])(
  'unclipped, a batch is normalized with the running statistics from before it',
  (n, c, seed) => {
    const noise = gaussian(seed);
    const batch = () =>
      tensor(
        Float64Array.from({ length: n * c }, () => 5 + 2 * noise()),
        [n, c],
      );
    const bn = new BatchNorm(c, { ...precisely, renorm: limits });
    const plain = new BatchNorm(c, precisely);
    const first = batch();
    expect(bn.forward(first).data).toEqual(plain.forward(first).data); // nothing was learned yet: nothing is corrected
    for (let i = 0; i < 3; i++) {
      const x = batch();
      const expected = plain.infer(x).data;
      plain.forward(x);
      bn.forward(x).data.forEach((value, at) => {
        expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(
          1e-11 * Math.max(1, Math.abs(expected[at]!)),
        );
      });
    }
    expect(bn.runningVariance).toEqual(plain.runningVariance);
    expect(bn.renormClips).toEqual({ r: new Float64Array(c), d: new Float64Array(c) });
  },
);

property.prop([fc.integer({ min: 3, max: 9 }), fc.integer()])('and so at a large offset', (n, seed) => {
  const noise = gaussian(seed);
  const at = (): ReturnType<typeof tensor> =>
    tensor(
      Float64Array.from({ length: n }, () => 1e9 * (1 / 3) + noise()),
      [n, 1],
    );
  const bn = new BatchNorm(1, { ...precisely, renorm: limits });
  const plain = new BatchNorm(1, precisely);
  const first = at();
  for (const norm of [bn, plain]) norm.forward(first);
  const second = at();
  const expected = plain.infer(second).data;
  bn.forward(second).data.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(
      1e-12 * Math.max(1, Math.abs(expected[i]!)) * 8,
    );
  });
});

property.prop([fc.integer({ min: 2, max: 9 }), fc.integer()])(
  'rMax 1 and dMax 0 are batch norm, and clip all',
  (n, seed) => {
    const noise = gaussian(seed);
    const bn = new BatchNorm(1, { ...precisely, renorm: { rMax: 1, dMax: 0 } });
    const plain = new BatchNorm(1, precisely);
    for (let i = 0; i < 4; i++) {
      const x = tensor(
        Float64Array.from({ length: n }, () => noise()),
        [n, 1],
      );
      expect(bn.forward(x).data).toEqual(plain.forward(x).data);
    }
    expect(bn.renormClips).toEqual({ r: Float64Array.of(3), d: Float64Array.of(3) });
  },
);

describe('clipped', () => {
  /** Mean 0 and variance 1 so far, then a batch of mean 10 and sd 5. */
  const clipped = (rMax: number, dMax: number) => {
    const bn = new BatchNorm(2, { ...precisely, renorm: { rMax, dMax } });
    bn.forward(tensor([-1, -1, 1, 1], [2, 2]));
    const y = bn.forward(tensor([5, -1, 15, 1], [2, 2]));
    return { bn, y: [...y.data] };
  };

  test('r to [1 / rMax, rMax] and d to [-dMax, dMax], channel by channel', () => {
    expect(clipped(2, 3).y).toEqual([1, -1, 5, 1]); // ∓1 · 2 + 3; the other channel needs no correction
    expect(clipped(100, 100).y).toEqual([5, -1, 15, 1]);
    expect(clipped(2, 3).bn.renormClips).toEqual({ r: Float64Array.of(1, 0), d: Float64Array.of(1, 0) });
    expect(clipped(100, 3).bn.renormClips).toEqual({ r: Float64Array.of(0, 0), d: Float64Array.of(1, 0) });
  });

  test('what is clipped is a copy, and is saved', () => {
    const { bn } = clipped(2, 3);
    bn.renormClips.r.fill(9);
    const restored = BatchNorm.fromJSON(JSON.parse(JSON.stringify(bn)));
    expect(restored.renormClips).toEqual({ r: Float64Array.of(1, 0), d: Float64Array.of(1, 0) });
    const x = tensor([7, 8, 9, 10], [2, 2]);
    expect(restored.forward(x)).toEqual(bn.forward(x));
    expect(JSON.stringify(restored)).toBe(JSON.stringify(bn));
  });
});

test('limits can be relaxed as training goes on, and are saved as they are', () => {
  const bn = new BatchNorm(1, { ...precisely, renorm: { rMax: 1, dMax: 0 } });
  bn.forward(tensor([-1, 1], [2, 1]));
  expect([...bn.forward(tensor([5, 15], [2, 1])).data]).toEqual([-1, 1]);
  const other = BatchNorm.fromJSON(JSON.parse(JSON.stringify(bn)));
  other.setRenorm(limits);
  expect(other.options.renorm).toEqual(limits);
  expect(BatchNorm.fromJSON(JSON.parse(JSON.stringify(other))).options.renorm).toEqual(limits);
  other.setRenorm(false);
  expect([...other.forward(tensor([5, 15], [2, 1])).data]).toEqual([-1, 1]);
});

test('where neither the batch nor what was learned varies, there is nothing to correct', () => {
  const bn = new BatchNorm(1, { ...precisely, renorm: limits });
  bn.forward(tensor([4, 4], [2, 1]));
  expect([...bn.forward(tensor([4, 4], [2, 1])).data]).toEqual([0, 0]);
  expect([...bn.forward(tensor([5, 5], [2, 1])).data]).toEqual([1e6, 1e6]); // infinitely many sds away, clipped
  expect(bn.renormClips).toEqual({ r: Float64Array.of(0), d: Float64Array.of(1) });
  expect([...bn.backward(tensor([1, 1], [2, 1])).dx.data]).toEqual([0, 0]);
});

test('a channel of too few values is normalized with the running statistics, uncorrected', () => {
  const bn = new BatchNorm(1, { ...precisely, renorm: limits });
  bn.forward(tensor([-1, 1], [2, 1]));
  const x = tensor([3], [1, 1]);
  const y = bn.forward(x);
  expect(y.data).toEqual(bn.infer(x).data);
  expect(bn.renormClips.r).toEqual(Float64Array.of(0));
});

test('at its widest, with the largest gamma and the least sd, nothing leaves float64', () => {
  const bn = new BatchNorm(1, {
    ...precisely,
    renorm: { rMax: 1e40, dMax: 1e40 },
    running: { momentum: 0.5 },
  });
  bn.setRunning({ mean: [0], variance: [0] });
  bn.gamma[0] = 1e100;
  for (const value of bn.forward(tensor([2.5e-162, -2.5e-162], [2, 1])).data) expect(value).not.toBeNaN();
  const constant = new BatchNorm(1, { ...precisely, renorm: { rMax: 1e40, dMax: 1e40 } });
  constant.forward(tensor([0, 0], [2, 1]));
  expect([...constant.forward(tensor([1e-3, -1e-3], [2, 1])).data]).toEqual([1e40, -1e40]);
});

test('what is asked for cannot be changed behind its back', () => {
  const renorm = { rMax: 2, dMax: 1 };
  const bn = new BatchNorm(1, { renorm, running: { momentum: 0.1 } });
  renorm.rMax = -5;
  expect(bn.options.renorm).toEqual({ rMax: 2, dMax: 1 });
  for (const inner of [bn.options, bn.options.renorm, bn.options.running])
    expect(Object.isFrozen(inner)).toBe(true);
});

test('a missing value that is taken for the mean is corrected as the batch’s mean is', () => {
  const bn = new BatchNorm(1, { ...precisely, missing: 'mean', renorm: limits, running: { momentum: 0.5 } });
  bn.beta[0] = 3;
  bn.setRunning({ mean: [0], variance: [1] });
  expect([...bn.forward(tensor([1, 3, Number.NaN], [3, 1])).data]).toEqual([4, 6, 5]);
});

test('test time is not corrected', () => {
  const bn = new BatchNorm(1, { ...precisely, renorm: limits });
  bn.forward(tensor([-1, 1], [2, 1]));
  bn.forward(tensor([5, 15], [2, 1]));
  expect(bn.infer(tensor([5], [1, 1]))).toEqual(bn.toAffine().apply(tensor([5], [1, 1])));
  const { dx } = bn.backward(tensor([1], [1, 1]));
  expect(dx.data[0]).toBe(bn.toAffine().scale[0]);
  expect(bn.backward(tensor([1], [1, 1])).dgamma[0]).toBe(bn.infer(tensor([5], [1, 1])).data[0]);
});

test.each([
  {},
  { rMax: 1 },
  { dMax: 1 },
  { rMax: 0.5, dMax: 1 },
  { rMax: 2, dMax: -1 },
  { rMax: '2', dMax: 1 },
  { rMax: 2, dMax: Infinity },
  { rMax: 1e41, dMax: 1 },
  { rMax: 2, dMax: 1, r: 1 },
  true,
  null,
  5,
])('refused: %j', (renorm) => {
  expect(() => new BatchNorm(1, { renorm } as never)).toThrow(OptionError);
  const bn = new BatchNorm(1);
  expect(() => bn.setRenorm(renorm as never)).toThrow(OptionError);
  expect(bn.options.renorm).toBe(false);
});

test('a damaged count of clips is refused', () => {
  const json = JSON.parse(JSON.stringify(new BatchNorm(1))) as object;
  for (const renormClips of [
    undefined,
    { r: [0] },
    { r: [-1], d: [0] },
    { r: [0.5], d: [0] },
    { r: [0, 0], d: [0] },
  ])
    expect(thrownBy(() => BatchNorm.fromJSON({ ...json, renormClips }))).toBeInstanceOf(StateError);
});
