import { BatchNorm, Moments, StandardScaler, type StandardScalerOptions, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const learned = (options: StandardScalerOptions, ...values: number[]): StandardScaler => {
  const scaler = new StandardScaler(1, options);
  for (const x of values) scaler.update([x]);
  return scaler;
};
const seen = (scaler: StandardScaler, x: number): number => scaler.transform([x])[0]!;

describe('by hand: of 2 and 6', () => {
  test.each<[StandardScalerOptions, number]>([
    [{}, (8 - 4) / 2],
    [{ ddof: 1 }, (8 - 4) / Math.sqrt(8)],
    [{ withMean: false }, 8 / 2],
    [{ withStd: false }, 8 - 4],
    [{ withMean: false, withStd: false }, 8],
    [{ clip: 1.5 }, 1.5],
    [{ clip: 2.5 }, 2],
  ])('%j takes 8 to %d', (options, expected) => {
    expect(seen(learned(options, 2, 6), 8)).toBeCloseTo(expected, 14);
  });

  test('a clip has two ends, and leaves a gap a gap', () => {
    const scaler = learned({ clip: 1.5, missing: 'keep' }, 2, 6);
    expect([...scaler.infer(tensor([-100, 4, 100, Number.NaN], [4, 1])).data]).toEqual([
      -1.5,
      0,
      1.5,
      Number.NaN,
    ]);
  });

  test('a missing value is the mean: 0, or where the mean stays, that', () => {
    expect(seen(learned({ missing: 'mean' }, 2, 6), Number.NaN)).toBe(0);
    expect(seen(learned({ missing: 'mean', withMean: false }, 2, 6), Number.NaN)).toBe(2);
    expect(seen(learned({ missing: 'mean', withMean: false, clip: 1 }, 2, 6), Number.NaN)).toBe(1);
    expect(learned({ missing: 'mean' }, 2, 6).inverse([Number.NaN])[0]).toBe(4);
  });

  test('a weight is that many rows', () => {
    const scaler = new StandardScaler(1);
    scaler.update([2], 3);
    scaler.update([6]);
    expect([scaler.moments.mean[0], scaler.moments.count[0]]).toEqual([3, 4]);
    expect(seen(scaler, 6)).toBeCloseTo(3 / Math.sqrt(3), 14);
  });
});

describe('a constant feature is only centred', () => {
  test('and comes back', () => {
    const scaler = learned({}, 7, 7, 7);
    expect([seen(scaler, 7), seen(scaler, 9), scaler.inverse([2])[0]]).toEqual([0, 2, 9]);
    expect(scaler.toAffine().scale[0]).toBe(1);
  });

  test('one value, with ddof 1 too; nothing at all stays as it is', () => {
    for (const ddof of [0, 1] as const) {
      expect(seen(learned({ ddof }, 5), 6)).toBe(1);
      expect(seen(learned({ ddof }), 6)).toBe(6);
    }
  });

  test('by the biased variance, whatever ddof', () => {
    // Two values: unbiased variance is twice the biased one. Biased: d² <= 2 eps d² + (2 mean eps)², so at d = 2 mean eps.
    const mean = 2 ** 20;
    const step = mean * 2 ** -52;
    expect(learned({ ddof: 1 }, mean - 2 * step, mean + 2 * step).toAffine().scale[0]).toBe(1);
    expect(learned({ ddof: 1 }, mean - 4 * step, mean + 4 * step).toAffine().scale[0]).not.toBe(1);
  });

  test('sooner or later, depending on how many values there are', () => {
    const offset = 2 ** 40;
    const scaler = (n: number): StandardScaler => {
      const one = new StandardScaler(1);
      for (const x of [offset - 2, offset + 2]) one.update([x], n / 2);
      expect(one.moments.variance()[0]).toBe(4);
      return one;
    };
    // An sd of 2 against n * 2^40 * 2^-52.
    expect([2 ** 12, 2 ** 13].map((n) => scaler(n).toAffine().scale[0])).toEqual([1 / 2, 1]);
    expect([2 ** 12, 2 ** 13].map((n) => seen(scaler(n), offset + 6))).toEqual([3, 6]);
  });

  test('a variance that leaves float64 is none to scale by', () => {
    const scaler = learned({}, 1e200, -1e200);
    expect(scaler.moments.variance()[0]).toBe(Infinity);
    expect(seen(scaler, 5)).toBe(5);
  });
});

describe('with a half-life', () => {
  test('a row is a row, however much it weighs', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeRows: 1 } });
    scaler.update([0], 4);
    scaler.update([6]);
    expect([scaler.moments.count[0], scaler.moments.mean[0]]).toEqual([3, 2]);
    scaler.update([100], 0); // passes by, and ages what there is
    scaler.update([2]);
    expect(scaler.moments.count[0]).toBe(3 / 4 + 1);
  });

  test('a gap ages a feature, and teaches it nothing', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeRows: 1 }, missing: 'keep' });
    for (const x of [0, Number.NaN, 4]) scaler.update([x]);
    expect([scaler.moments.count[0], scaler.moments.mean[0]]).toEqual([1.25, 3.2]);
  });

  test('rows of a tensor age one another', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeRows: 1 } });
    scaler.forward(tensor([0, 6], [2, 1]));
    expect([scaler.moments.count[0], scaler.moments.mean[0]]).toEqual([1.5, 4]);
  });

  test('it follows; a pool does not', () => {
    const values = [...Array<number>(50).fill(0), ...Array.from({ length: 50 }, (_, i) => 100 + (i % 2))];
    const [follows, pools] = [learned({ running: { halfLifeRows: 5 } }, ...values), learned({}, ...values)];
    expect(Math.abs(seen(follows, 100.5))).toBeLessThan(1);
    expect(seen(pools, 100.5)).toBeCloseTo(1, 1);
    expect(follows.moments.mean[0]).toBeGreaterThan(99);
    expect(pools.moments.mean[0]).toBeCloseTo(50.25, 12);
  });

  test('its statistics, of rows one by one, are what batch norm’s running ones are of batches of one', () => {
    const running = { halfLifeRows: 3 };
    const bn = new BatchNorm(1, { running });
    const scaler = new StandardScaler(1, { running, ddof: 1 });
    for (const x of [3, 1, 4, 1, 5, 9, 2, 6]) {
      bn.forward(tensor([x], [1, 1]));
      scaler.update([x]);
    }
    expect(scaler.toAffine().center[0]).toBe(bn.runningMean[0]);
    expect(scaler.toAffine().scale[0]).toBe(1 / Math.sqrt(bn.runningVariance[0]!));
  });
});

test('moments are live, and merging into them is to learn', () => {
  const scaler = learned({}, 2);
  expect(seen(scaler, 4)).toBe(2);
  const other = new Moments(1);
  other.update([6]);
  scaler.moments.merge(other);
  expect(seen(scaler, 4)).toBe(0);
  expect(seen(scaler, 6)).toBe(1);
  scaler.update([4]);
  expect(scaler.moments.count[0]).toBe(3);
  const restored = StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
  restored.moments.merge(other);
  expect([restored.moments.count[0], scaler.moments.count[0]]).toEqual([4, 3]);
});

test('options are as they were when given', () => {
  const running = { halfLifeRows: 1 };
  const options = { running, clip: 9 };
  const scaler = new StandardScaler(1, options);
  running.halfLifeRows = 1e9;
  options.clip = 0.1;
  for (const x of [0, 6]) scaler.update([x]);
  expect(scaler.moments.count[0]).toBe(1.5);
  expect(Math.abs(seen(scaler, 6))).toBeGreaterThan(0.5);
});

test('a clip is no affine; inverse undoes what is one', () => {
  const scaler = learned({ clip: 1 }, 2, 6);
  expect(thrownBy(() => scaler.toAffine())).toMatchObject({
    code: 'EVENKEEL_OPTION',
    option: 'clip',
    value: 1,
  });
  expect(scaler.inverse([2])[0]).toBe(8);
  const { center, scale } = learned({}, 2, 6).toAffine();
  expect([center[0], scale[0]]).toEqual([4, 0.5]);
});

test.each<[object, string, RegExp]>([
  [{ running: 'average' }, 'running', /no variance of its own/],
  [{ running: { momentum: 0.1 } }, 'running', /no variance of its own/],
  [{ running: 'batch' }, 'running', /halfLifeRows/],
  [{ running: { halfLifeRows: 0 } }, 'running.halfLifeRows', /finite/],
  [{ running: null }, 'running', /halfLifeRows/],
  [{ ddof: 2 }, 'ddof', /0, 1/],
  [{ withMean: 1 }, 'withMean', /true, false/],
  [{ withStd: 'no' }, 'withStd', /true, false/],
  [{ clip: -1 }, 'clip', /from 0/],
  [{ clip: Number.POSITIVE_INFINITY }, 'clip', /finite/],
  [{ clip: true }, 'clip', /finite/],
  [{ with_mean: true }, 'options.with_mean', /withMean/],
])('%j', (options, option, message) => {
  const error = thrownBy(() => new StandardScaler(1, options)) as Error;
  expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  expect(error.message).toMatch(message);
});

test('a variance that leaves float64, of weights that all but vanish, is no spread to scale by', () => {
  const scaler = new StandardScaler(1, { running: { halfLifeRows: 4 }, ddof: 1 });
  scaler.update([0]);
  scaler.update([-0.375], 1.5e-323);
  expect(scaler.toAffine().scale[0]).toBe(1);
});
