import { Moments, StandardScaler, tensor, WindowMoments, type WindowSpan } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { noiseAround } from '../oracle/hard-data.js';
import { SubtractingWindow } from '../oracle/moving-variance.js';
import { exactMoments, relativeError } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const state = (window: WindowMoments): string => JSON.stringify(window);

/** Of rows of one channel. */
function windowOf(span: WindowSpan, values: Iterable<number>): WindowMoments {
  const window = new WindowMoments(1, span);
  for (const x of values) window.update([x]);
  return window;
}

describe('a window of rows', () => {
  test('by hand', () => {
    const window = windowOf({ size: 3 }, [100, 1, 2, 6]);
    expect([window.rows, ...window.count, ...window.mean, ...window.variance(1)]).toEqual([3, 3, 3, 7]);
    expect(window.span).toEqual({ size: 3, stride: 1 });
  });

  test('at a stride above 1 a block leaves with the first row after it', () => {
    const rows: number[] = [];
    const window = new WindowMoments(1, { size: 6, stride: 3 });
    for (let i = 0; i < 10; i++) {
      window.update([i]);
      rows.push(window.rows);
    }
    expect(rows).toEqual([1, 2, 3, 4, 5, 6, 4, 5, 6, 4]);
    expect(window.mean[0]).toBe((6 + 7 + 8 + 9) / 4);
  });

  test('a row with nothing in it, or of no weight, still passes', () => {
    const window = windowOf({ size: 2 }, [5, Number.NaN]);
    window.update([9], 0);
    expect([window.rows, window.count[0], window.mean[0]]).toEqual([2, 0, 0]);
  });

  test('the time of a row does not matter', () => {
    const window = new WindowMoments(1, { size: 2 });
    window.update([1], 1, 50);
    window.update([3], 1, 10);
    expect(window.mean[0]).toBe(2);
  });

  test('a batch is its rows, whatever their type', () => {
    const values = noiseAround(1e6, 40, 3).map(Math.fround);
    for (const span of [{ size: 7 }, { size: 12, stride: 4 }]) {
      for (const data of [values, Float32Array.from(values)]) {
        const window = new WindowMoments(2, span);
        window.updateBatch(tensor(data, [20, 2]));
        const rows = new WindowMoments(2, span);
        for (let i = 0; i < 20; i++) rows.update(values.subarray(2 * i, 2 * i + 2));
        expect(window.rows).toBe(rows.rows);
        rows.variance().forEach((variance, i) => {
          expect(Math.abs(window.variance()[i]! / variance - 1)).toBeLessThan(1e-14);
        });
      }
    }
  });

  test('all positions of a batch are values of their row', () => {
    const window = new WindowMoments(1, { size: 1 });
    window.updateBatch(tensor([1, 2, 3, 5], [2, 1, 2]));
    expect([window.rows, window.count[0], window.mean[0]]).toEqual([1, 2, 4]);
  });
});

describe('a window of time', () => {
  const at = (...rows: [x: number, time: number][]): WindowMoments => {
    const window = new WindowMoments(1, { sizeMs: 30, strideMs: 10 });
    for (const [x, time] of rows) window.update([x], 1, time);
    return window;
  };

  test('has the blocks that begin later than its size before the latest row', () => {
    expect(at([1, 0], [2, 9], [3, 10], [4, 29]).count[0]).toBe(4);
    expect(at([1, 0], [2, 9], [3, 10], [4, 30]).count[0]).toBe(2);
  });

  test('a late row is counted where it belongs, and leaves with its block', () => {
    const window = at([1, 0], [9, 25], [5, 12]);
    expect([window.rows, window.mean[0], window.late]).toEqual([3, 5, 0]);
    window.update([7], 1, 31);
    expect([window.rows, window.mean[0]]).toEqual([3, 7]);
    window.update([3], 1, 40);
    expect([window.rows, window.mean[0]]).toEqual([3, (9 + 7 + 3) / 3]);
  });

  test('a row older than the window is not learned, and counted', () => {
    const window = at([1, 100]);
    const { revision } = window;
    window.update([5], 1, 70);
    window.updateBatch(tensor([6, 7], [2, 1]), 'skip', Float64Array.of(60, 80));
    const other = new Moments(1);
    other.update([50]);
    window.merge(other, 4, 0);
    expect([window.late, window.rows, window.mean[0]]).toEqual([6, 2, 4]);
    expect(window.revision).toBeGreaterThan(revision);
  });

  test('of times before the epoch, and of fractions', () => {
    const window = new WindowMoments(1, { sizeMs: 1 });
    expect(window.span).toEqual({ sizeMs: 1, strideMs: 1 / 64 });
    for (let i = -200; i <= 0; i++) window.update([i], 1, i / 100);
    expect([window.rows, window.mean[0]]).toEqual([99, -49]);
  });

  test('a tensor may tell its times itself', () => {
    const window = new WindowMoments(1, { sizeMs: 64 });
    const x = { ...tensor([1, 3, 8], [3, 1]), times: Float64Array.of(0, 70, 64) };
    window.updateBatch(x);
    expect([window.rows, window.mean[0], window.late]).toEqual([2, 5.5, 0]);
  });
});

describe('what has left leaves no trace', () => {
  const size = 50;
  const noise = noiseAround(3, 2 * size, 7);
  const values = [1e17, ...noise];
  const inside = noise.slice(-size);
  const exact = exactMoments(inside);

  test('where a variance that subtracts stays wrong for good', () => {
    const subtracting = new SubtractingWindow(size);
    const ours = new WindowMoments(1, { size });
    for (const x of values) {
      subtracting.update(x);
      ours.update([x]);
    }
    expect(relativeError(ours.variance()[0]!, exact.variance())).toBeLessThanOrEqual(1e-14);
    expect(relativeError(ours.mean[0]!, exact.mean)).toBeLessThanOrEqual(2 ** -52);
    expect(relativeError(subtracting.variance, exact.variance())).toBeGreaterThan(0.5);
    for (let i = 0; i < 100 * size; i++) subtracting.update(noise[i % size]!);
    const later = exactMoments(noise.slice(0, size));
    expect(relativeError(subtracting.variance, later.variance())).toBeGreaterThan(0.5);
  });

  test('even if it was beyond float64', () => {
    const window = windowOf({ size }, [Number.MAX_VALUE, -Number.MAX_VALUE, ...noise]);
    expect(relativeError(window.variance()[0]!, exact.variance())).toBeLessThanOrEqual(1e-14);
  });

  test('at an offset of 1e9 of the spread', () => {
    const far = noiseAround(1e9, 300, 9);
    const window = windowOf({ size: 100 }, far);
    const expected = exactMoments(far.slice(-100)).variance(1);
    expect(relativeError(window.variance(1)[0]!, expected)).toBeLessThanOrEqual(1e-14);
  });
});

describe('the moments of a window', () => {
  test('are to be read: to be taught they refuse, and nothing is lost in silence', () => {
    const window = windowOf({ size: 2 }, [1, 3]);
    const { moments } = window;
    const before = JSON.stringify(moments);
    for (const teach of [
      () => moments.update([5]),
      () => moments.updateBatch(tensor([5], [1, 1])),
      () => moments.merge(new Moments(1)),
      () => moments.decay(0.5),
    ])
      expect(thrownBy(teach)).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'moments' });
    expect(JSON.stringify(moments)).toBe(before);
  });

  test('are those of a scaler’s window too', () => {
    const scaler = new StandardScaler(1, { running: { windowRows: 2 } });
    scaler.update([1]);
    expect(thrownBy(() => scaler.moments.update([5]))).toMatchObject({ option: 'moments' });
    expect(scaler.moments.mean[0]).toBe(1);
  });

  test('a clone stays as it is, and learns; so does what is read from their JSON', () => {
    const window = windowOf({ size: 2 }, [1, 3]);
    const { moments } = window;
    const copies = [moments.clone(), Moments.fromJSON(JSON.parse(JSON.stringify(moments)))];
    const { revision } = moments;
    window.update([5]);
    expect(window.moments).toBe(moments);
    expect([moments.mean[0], moments.revision > revision]).toEqual([4, true]);
    for (const copy of copies) {
      expect(copy.mean[0]).toBe(2);
      copy.update([5]);
      expect(copy.mean[0]).toBe(3);
    }
  });
});

describe('what is refused changes nothing', () => {
  const byTime = (): WindowMoments => {
    const window = new WindowMoments(2, { sizeMs: 64 });
    window.update([1, 2], 1, 10);
    return window;
  };
  const batch = tensor([1, 2, 3, 4], [2, 2]);

  test.each<[name: string, (window: WindowMoments) => void, object]>([
    ['no time', (w) => w.update([1, 2]), { option: 'time' }],
    ['a time that is none', (w) => w.update([1, 2], 1, Number.NaN), { option: 'time' }],
    ['a time no Date could be', (w) => w.update([1, 2], 1, 8.65e15), { option: 'time' }],
    ['a weight', (w) => w.update([1, 2], -1, 20), { option: 'weight' }],
    ['an infinity', (w) => w.update([1, Infinity], 1, 200), { code: 'EVENKEEL_NOT_FINITE', feature: 1 }],
    ['a row of another arity', (w) => w.update([1], 1, 200), { code: 'EVENKEEL_ARITY' }],
    ['a batch of no times', (w) => w.updateBatch(batch), { option: 'times' }],
    [
      'times that are no Float64Array',
      (w) => w.updateBatch(batch, 'skip', [1, 2] as never),
      { option: 'times' },
    ],
    [
      'times of other rows',
      (w) => w.updateBatch(batch, 'skip', Float64Array.of(1)),
      { code: 'EVENKEEL_SHAPE' },
    ],
    [
      'one time that is none',
      (w) => w.updateBatch(batch, 'skip', Float64Array.of(100, NaN)),
      { option: 'times[1]' },
    ],
    [
      'a missing value',
      (w) => w.updateBatch(tensor([1, NaN], [1, 2]), 'error', Float64Array.of(99)),
      { code: 'EVENKEEL_MISSING' },
    ],
    [
      'an infinity in a batch',
      (w) => w.updateBatch(tensor([1, 2, 3, -Infinity], [2, 2]), 'skip', Float64Array.of(90, 99)),
      { code: 'EVENKEEL_NOT_FINITE', row: 1, feature: 1 },
    ],
    ['other channels', (w) => w.merge(new Moments(1)), { code: 'EVENKEEL_SHAPE' }],
    ['what is no statistic', (w) => w.merge({} as never), { option: 'other' }],
    ['half a row', (w) => w.merge(new Moments(2), 0.5, 20), { option: 'rows' }],
    ['rows of no time', (w) => w.merge(new Moments(2), 1), { option: 'time' }],
  ])('%s', (_name, act, expected) => {
    const window = byTime();
    const before = [state(window), window.revision];
    expect(thrownBy(() => act(window))).toMatchObject(expected);
    expect([state(window), window.revision]).toEqual(before);
  });

  test('times beyond 2^53 strides', () => {
    const window = new WindowMoments(1, { sizeMs: 2 ** -6 });
    expect(thrownBy(() => window.update([1], 1, 8e15))).toMatchObject({ option: 'time' });
  });
});

describe('options', () => {
  test.each<[unknown, string]>([
    [{}, 'size'],
    [{ size: 0 }, 'size'],
    [{ size: 2.5 }, 'size'],
    [{ size: 10, stride: 3 }, 'size'],
    [{ size: 10, stride: 20 }, 'size'],
    [{ size: 10, stride: 0 }, 'stride'],
    [{ size: 2 ** 27 }, 'size'],
    [{ sizeMs: 0 }, 'sizeMs'],
    [{ sizeMs: Infinity }, 'sizeMs'],
    [{ sizeMs: 10, strideMs: 3 }, 'sizeMs'],
    [{ strideMs: 3 }, 'sizeMs'],
    [{ sizeMs: 10, strideMs: '5' }, 'strideMs'],
    [{ size: 10, sizeMs: 10 }, 'span'],
    [{ size: 10, strides: 1 }, 'span.strides'],
    [null, 'span'],
  ])('%j', (span, option) => {
    expect(thrownBy(() => new WindowMoments(1, span as WindowSpan))).toMatchObject({
      code: 'EVENKEEL_OPTION',
      option,
    });
  });

  test('channels', () => {
    expect(thrownBy(() => new WindowMoments(0, { size: 1 }))).toMatchObject({ option: 'channels' });
  });

  test('a size that is a multiple up to rounding', () => {
    expect(new WindowMoments(1, { sizeMs: 0.3, strideMs: 0.1 }).span).toEqual({ sizeMs: 0.3, strideMs: 0.1 });
  });
});

describe('saved state that cannot be', () => {
  const saved = (): object => {
    const window = new WindowMoments(1, { sizeMs: 40, strideMs: 10 });
    for (const [x, time] of [
      [1, 0],
      [2, 10],
      [3, 20],
      [4, 30],
      [5, 40],
    ] as const)
      window.update([x], 1, time);
    return JSON.parse(state(window));
  };

  test.each<[string, object]>([
    ['kind', { kind: 'Moments' }],
    ['span', { span: { size: 3 } }],
    ['span', { span: null }],
    ['keys, not one after the other', { keys: [3, 2, 1] }],
    ['keys, beyond the newest', { keys: [1, 2, 4] }],
    ['keys, of fewer blocks', { keys: [1, 2] }],
    ['keys, not whole', { keys: [1, 2, 2.5] }],
    ['rows', { rows: [1, 1, -1] }],
    ['newest', { newest: 'NaN' }],
    ['newest, too far on', { newest: 99 }],
    ['newestRows', { newestRows: 0.5 }],
    ['front', { front: 4 }],
    ['middle', { middle: 4 }],
    ['raw', { raw: 9 }],
    ['late', { late: undefined }],
    ['passed', { passed: -1 }],
    ['fewer rows passed than are there', { passed: 1 }],
    ['count, of fewer', { count: [] }],
    ['count, negative', { count: new Array(6).fill(-1) }],
    ['a mean of nothing', { count: new Array(6).fill(0) }],
  ])('%s', (_name, damage) => {
    const json = saved();
    expect(state(WindowMoments.fromJSON(structuredClone(json)))).toBe(JSON.stringify(json));
    expect(thrownBy(() => WindowMoments.fromJSON({ ...json, ...damage }))).toMatchObject({
      code: 'EVENKEEL_STATE',
    });
  });

  test('of rows: more passed than the newest block tells, or fewer', () => {
    const json = JSON.parse(state(windowOf({ size: 3 }, [1, 2, 3, 4, 5])));
    for (const passed of [3, 4, 6])
      expect(thrownBy(() => WindowMoments.fromJSON({ ...json, passed }))).toMatchObject({
        code: 'EVENKEEL_STATE',
        message: expect.stringContaining('WindowMoments.newest'),
      });
  });
});
