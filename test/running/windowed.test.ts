/** Windows and half-lives of time as running statistics, wherever a normalizer takes these. */
import { BatchNorm, type RunningMode, StandardScaler, type Tensor, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { noiseAround } from '../oracle/hard-data.js';
import { exactMoments } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const timed = (values: readonly number[], ...times: number[]): Tensor & { readonly times: Float64Array } => ({
  ...tensor(values, [values.length, 1]),
  times: Float64Array.from(times),
});
const byTime: RunningMode[] = [{ windowMs: 64 }, { halfLifeMs: 100 }];

/** All that it has learned: what came too late is no part of that. */
const learnedBy = (by: BatchNorm | StandardScaler): string => JSON.stringify(by).replace(/"late":\d+/, '');

describe('batch norm', () => {
  test('by the batches whose last row is among the latest', () => {
    const bn = new BatchNorm(1, { running: { windowRows: 6 }, runningDdof: 0 });
    const values = [...noiseAround(1e9, 40, 5)];
    for (let at = 0; at < 40; at += 4) {
      bn.forward(tensor(values.slice(at, at + 4), [4, 1]));
      const inside = values.slice(Math.max(0, at - 4), at + 4); // the last of the batch before is the fifth
      const exact = exactMoments(inside);
      const learned = { count: [inside.length], mean: bn.runningMean, variance: () => bn.runningVariance };
      expectExact(
        {
          ...learned,
          variance: (ddof = 0) => (ddof === 0 ? bn.runningVariance : [exact.variance(1).toNumber()]),
        },
        exact,
        largestOf(inside),
      );
    }
    expect(bn.batches).toBe(10);
  });

  test('by the batches of the latest while, each as of its latest row', () => {
    const bn = new BatchNorm(1, { running: { windowMs: 100, strideMs: 10 } });
    bn.forward(timed([1, 3], 0, 55));
    bn.forward(timed([5, 9], 149, 100));
    expect(bn.runningMean[0]).toBe(4.5);
    bn.forward(timed([7, 7], 150, 151));
    expect(bn.runningMean[0]).toBe(7);
  });

  test('a batch that is too late is normalized, and counted, but not learned', () => {
    const bn = new BatchNorm(1, { running: { windowMs: 100 }, eps: 0 });
    bn.forward(timed([1, 3], 1000, 1001));
    expect([...bn.forward(timed([50, 90], 5, 6)).data]).toEqual([-1, 1]);
    expect([bn.late, bn.batches, bn.version, bn.runningMean[0]]).toEqual([2, 1, 1, 2]);
  });

  test('a batch that is five hundred half-lives late or more is normalized, and counted, but not learned', () => {
    const bn = new BatchNorm(1, { running: { halfLifeMs: 2 }, eps: 0 });
    bn.forward(timed([1, 3], 2000, 2000));
    const before = learnedBy(bn);
    expect([...bn.forward(timed([50, 90], 5, 1000)).data]).toEqual([-1, 1]);
    expect([bn.late, bn.batches, bn.version, bn.runningMean[0]]).toEqual([2, 1, 1, 2]);
    expect(learnedBy(bn)).toBe(before);
    bn.forward(timed([50, 90], 5, 1001)); // as of its latest row
    expect([bn.late, bn.batches]).toEqual([2, 2]);
    expect(BatchNorm.fromJSON(JSON.parse(JSON.stringify(bn))).late).toBe(2);
  });

  test('with a half-life by time, by hand', () => {
    const bn = new BatchNorm(1, { running: { halfLifeMs: 10 }, runningDdof: 0 });
    bn.forward(timed([1, 3], 0, 2));
    bn.forward(timed([5, 9], 12, 7));
    // As of 12, 1 and 3 weigh a half each. Mean 16/3, M2 = 0.5 * 2 + 8 + 25 * 1 * 2 / 3.
    expect(bn.runningMean[0]).toBeCloseTo(16 / 3, 14);
    expect(bn.runningVariance[0]).toBeCloseTo((1 + 8 + 50 / 3) / 3, 13);
    expect([bn.late, bn.batches]).toEqual([0, 2]);
  });

  test.each(byTime)('%j without times: refused, nothing being learned', (running) => {
    const bn = new BatchNorm(1, { running });
    bn.forward(timed([1, 3], 0, 1));
    const before = JSON.stringify(bn);
    for (const [x, expected] of [
      [tensor([5, 9], [2, 1]), { code: 'EVENKEEL_OPTION', option: 'times' }],
      [timed([5, 9], 2), { code: 'EVENKEEL_SHAPE' }],
      [timed([5, 9], 2, Infinity), { code: 'EVENKEEL_OPTION', option: 'times[1]' }],
    ] as const)
      expect(thrownBy(() => bn.forward(x))).toMatchObject(expected);
    expect(JSON.stringify(bn)).toBe(before);
    expect(bn.infer(tensor([5, 9], [2, 1])).data).toHaveLength(2); // needs none
  });

  test('a mode by rows does not look at times', () => {
    const bn = new BatchNorm(1, { running: { windowRows: 4 } });
    bn.forward({ ...tensor([1, 3], [2, 1]), times: 'never' } as Tensor);
    expect(bn.batches).toBe(1);
  });
});

describe('a scaler', () => {
  test('by the latest rows: right again as soon as an outlier has left', () => {
    const scaler = new StandardScaler(1, { running: { windowRows: 3 } });
    for (const x of [1e17, 1, 3, 5]) scaler.update([x]);
    const plain = new StandardScaler(1);
    for (const x of [1, 3, 5]) plain.update([x]);
    expect(scaler.transform([7])).toEqual(plain.transform([7]));
    expect(scaler.rows).toBe(4);
  });

  test.each(byTime)('%j without a time: refused, nothing being learned', (running) => {
    const scaler = new StandardScaler(1, { running: running as never });
    scaler.update([1], 1, 10);
    const before = JSON.stringify(scaler);
    expect(thrownBy(() => scaler.update([2]))).toMatchObject({ option: 'time' });
    expect(thrownBy(() => scaler.updateBatch(tensor([2, 3], [2, 1])))).toMatchObject({ option: 'times' });
    expect(JSON.stringify(scaler)).toBe(before);
  });

  test('rows that are too late are told, and are no rows learned', () => {
    const scaler = new StandardScaler(1, { running: { windowMs: 100 } });
    scaler.update([1], 1, 1000);
    scaler.update([9], 1, 10);
    scaler.updateBatch(timed([8, 3, 9], 20, 1001, 30));
    expect([scaler.rows, scaler.version, scaler.late, scaler.moments.mean[0]]).toEqual([2, 2, 3, 2]);
    expect(StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler))).late).toBe(3);
  });

  test('row by row of a batch, at any rank', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeMs: 10 } });
    scaler.updateBatch({ ...tensor([1, 3, 5, 9], [2, 1, 2]), times: Float64Array.of(0, 10) } as Tensor);
    expect(scaler.moments.mean[0]).toBeCloseTo(16 / 3, 14);
  });

  test('what is merged before there was a time is as recent as the first row', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeMs: 10 } });
    const other = new StandardScaler(1);
    for (const x of [1, 2]) other.update([x]);
    scaler.moments.merge(other.moments);
    scaler.update([6], 1, 1e12);
    expect(scaler.moments.mean[0]).toBe(3);
  });

  test('merges another’s window into its own', () => {
    const [a, b] = [1, 3].map((x) => {
      const scaler = new StandardScaler(1, { running: { windowRows: 2 } });
      scaler.update([x]);
      return scaler;
    });
    a!.merge(b!);
    expect([a!.rows, a!.moments.mean[0], b!.moments.mean[0]]).toEqual([2, 2, 3]);
  });

  test('a row that is five hundred half-lives late or more is too late, and changes nothing', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeMs: 1 }, ddof: 1 });
    for (const x of [1, 3]) scaler.update([x], 1, 1000);
    const before = learnedBy(scaler);
    scaler.update([9], 1, 500);
    scaler.update([9], 1, -1e12);
    scaler.updateBatch({ ...tensor([8, 9, 9, 8], [2, 1, 2]), times: Float64Array.of(10, 20) } as Tensor);
    expect([scaler.rows, scaler.version, scaler.late]).toEqual([2, 2, 4]);
    expect(learnedBy(scaler)).toBe(before);
    scaler.update([9], 1, 500.5);
    expect([scaler.rows, scaler.late]).toEqual([3, 4]);
    expect(scaler.moments.count[0]).toBe(2); // 2 ** -499.5 more
    expect(learnedBy(scaler)).not.toBe(before);
  });

  test('of a batch, only the rows that are too late are counted as that', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeMs: 1 } });
    scaler.updateBatch(timed([1, 9, 3, 9, 2], 1000, 500, 1000, 100, 1000));
    expect([scaler.rows, scaler.late, scaler.moments.mean[0], scaler.moments.count[0]]).toEqual([3, 2, 2, 3]);
  });

  test('a row is too late where it is in each feature that it has a value of', () => {
    const scaler = new StandardScaler(2, { running: { halfLifeMs: 1 }, missing: 'keep' });
    scaler.update([1, 1], 1, 0);
    scaler.update([5, Number.NaN], 1, 1000);
    scaler.update([9, 3], 1, 0); // of the second feature it is among the latest
    expect([scaler.late, scaler.rows, ...scaler.moments.mean]).toEqual([0, 3, 5, 2]);
    scaler.update([9, Number.NaN], 1, 0);
    scaler.update([Number.NaN, Number.NaN], 1, 0); // has nothing that could be late
    scaler.update([9, 9], 0, 0); // nor has what weighs nothing anyhow
    expect([scaler.late, scaler.rows, ...scaler.moments.mean]).toEqual([1, 4, 5, 2]);
  });

  test('by rows, and in time, none is too late', () => {
    const scaler = new StandardScaler(1, { running: { halfLifeRows: 1e-3 } });
    for (let x = 0; x < 2000; x++) scaler.update([x]);
    expect([scaler.late, scaler.rows]).toEqual([0, 2000]);
    const byTime = new StandardScaler(1, { running: { halfLifeMs: 1 } });
    for (const time of [0, 1e6, 2e6]) byTime.update([time], 1, time);
    expect([byTime.late, byTime.rows, byTime.moments.mean[0]]).toEqual([0, 3, 2e6]);
    byTime.update([1], 1, 0);
    expect(byTime.late).toBe(1);
    byTime.reset();
    expect(byTime.late).toBe(0);
  });
});

describe('options', () => {
  test.each<[object, string]>([
    [{ windowRows: 0 }, 'running.windowRows'],
    [{ windowRows: 10, strideRows: 3 }, 'running.windowRows'],
    [{ windowRows: 10, strideRows: 0 }, 'running.strideRows'],
    [{ windowMs: -1 }, 'running.windowMs'],
    [{ windowMs: 10, strideMs: 3 }, 'running.windowMs'],
    [{ windowMs: 10, strideMs: Number.NaN }, 'running.strideMs'],
    [{ halfLifeMs: 0 }, 'running.halfLifeMs'],
    [{ halfLifeMs: '1' }, 'running.halfLifeMs'],
    [{ halfLifeMs: 5, halfLifeRows: 5 }, 'running'],
    [{ windowMs: 10, strideRows: 1 }, 'running'],
    [{ strideRows: 1 }, 'running'],
    [{ windowRow: 1 }, 'running.windowRow'],
  ])('%j', (running, option) => {
    for (const make of [
      () => new BatchNorm(1, { running: running as never }),
      () => new StandardScaler(1, { running: running as never }),
    ])
      expect(thrownBy(make)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test('are kept with their defaults', () => {
    const running = (mode: RunningMode): RunningMode => new BatchNorm(1, { running: mode }).options.running;
    expect(running({ windowRows: 5 })).toEqual({ windowRows: 5, strideRows: 1 });
    expect(running({ windowMs: 640 })).toEqual({ windowMs: 640, strideMs: 10 });
  });

  test('saved state of another window is refused', () => {
    const json = JSON.parse(JSON.stringify(new BatchNorm(1, { running: { windowRows: 5 } })));
    json.options.running.windowRows = 6;
    expect(thrownBy(() => BatchNorm.fromJSON(json))).toMatchObject({ code: 'EVENKEEL_STATE' });
    const fading = JSON.parse(JSON.stringify(new BatchNorm(1, { running: { halfLifeMs: 5 } })));
    for (const other of [{ asOf: ['Infinity'] }, { late: -1 }, { late: undefined }])
      expect(
        thrownBy(() => BatchNorm.fromJSON({ ...fading, running: { ...fading.running, ...other } })),
      ).toMatchObject({ code: 'EVENKEEL_STATE' });
  });
});
