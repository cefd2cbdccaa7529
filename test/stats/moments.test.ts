import { Moments, OptionError, SampleError, ShapeError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { expectExact, largestOf, MEAN_ULPS, VARIANCE_ERROR } from '../oracle/expect-exact.js';
import { hardData, uniform } from '../oracle/hard-data.js';
import { exactMoments, relativeError, ulpError } from '../oracle/rational.js';
import { chan, type Estimate, welford } from '../oracle/textbook.js';
import { byBatches, byRows, byTree } from '../oracle/ways.js';
import { thrownBy } from '../thrown-by.js';

describe.each(hardData(100_000))('$name', ({ values }) => {
  const exact = exactMoments(values);
  const largest = largestOf(values);

  test('by rows', () => expectExact(byRows(values), exact, largest));
  test.each([1, 2, 7, 64, 4096, 100_000])('by batches of %i', (size) => {
    expectExact(byBatches(values, size), exact, largest);
  });
  test('merged in a lopsided tree', () => expectExact(byTree(values, 1, uniform(1)), exact, largest));
  test('merged in a balanced tree', () =>
    expectExact(
      byTree(values, 3, () => 0.5),
      exact,
      largest,
    ));
});

describe('the bounds can be failed', () => {
  /** A merge of what Moments knows with the low words dropped: Chan's, in one word. */
  function chanTree(values: Float64Array, leaf: number): Estimate {
    if (values.length <= leaf) {
      const { count, m2 } = exactMoments(values); // leaves beyond reproach: the merge is at fault
      return { count: count.toNumber(), mean: byRows(values).mean[0]!, m2: m2.toNumber() };
    }
    const half = values.length >> 1;
    return chan(chanTree(values.subarray(0, half), leaf), chanTree(values.subarray(half), leaf));
  }
  const holds = ({ count, mean, m2 }: Estimate, values: Float64Array): [mean: boolean, variance: boolean] => {
    const exact = exactMoments(values);
    return [
      ulpError(mean, exact.mean) <= MEAN_ULPS,
      relativeError(m2 / count, exact.variance()) <= VARIANCE_ERROR,
    ];
  };
  const offset = (name: string): Float64Array => hardData(10_000).find((set) => set.name === name)!.values;

  test.each(['mean/sd 1e9', 'epoch ms, 1 ms apart', 'outlier 1e9 first'])('by plain Welford: %s', (name) => {
    expect(holds(welford(offset(name)), offset(name))).not.toEqual([true, true]);
  });
  test.each(['NumAcc3', 'NumAcc4', 'mean/sd 1e6', 'mean/sd 1e9', 'epoch ms, 1 ms apart'])(
    'by plain Welford, in the variance: %s',
    (name) => {
      expect(holds(welford(offset(name)), offset(name))[1]).toBe(false);
    },
  );
  test.each(['mean/sd 1e6', 'mean/sd 1e9'])('by a merge that drops the low words: %s', (name) => {
    expect(holds(chanTree(offset(name), 64), offset(name))[1]).toBe(false);
  });
});

describe('by hand', () => {
  test('row, weight, batch, merge, ddof', () => {
    const moments = new Moments(2);
    expect([...moments.variance()]).toEqual([Number.NaN, Number.NaN]);
    moments.update([1, 10]);
    moments.update(Float32Array.of(4, 40), 2);
    expect([[...moments.count], [...moments.mean], [...moments.variance()]]).toEqual([
      [3, 3],
      [3, 30],
      [2, 200],
    ]);
    expect([...moments.variance(1)]).toEqual([3, 300]);
    expect([...moments.variance(3)]).toEqual([Number.NaN, Number.NaN]);
    moments.updateBatch(tensor([3, 3, 30, 30], [1, 2, 2]));
    expect([...moments.count]).toEqual([5, 5]);
    expect([...moments.variance()]).toEqual([6 / 5, 120]);
  });

  test('a spread beyond float64 is an infinite variance, and the mean stays right', () => {
    for (const moments of [
      byRows([1e300, -1e300, 3e300]),
      byBatches(Float64Array.of(1e300, -1e300, 3e300), 3),
    ]) {
      expect([moments.mean[0], moments.variance()[0]]).toEqual([1e300, Infinity]);
      moments.decay(0.5);
      moments.update([1]);
      expect(moments.variance()[0]).toBe(Infinity);
      expect(Moments.fromJSON(JSON.parse(JSON.stringify(moments))).variance()[0]).toBe(Infinity);
    }
  });

  test('a variance just within float64 is finite', () => {
    const moments = byRows([1e152, -1e152, 3e152]);
    expectExact(moments, exactMoments([1e152, -1e152, 3e152]), 3e152);
    moments.decay(0.5);
    expectExact(moments, exactMoments([1e152, -1e152, 3e152], [0.5, 0.5, 0.5]), 3e152);
  });

  test('decayed to nothing is empty', () => {
    const moments = byRows([1, 2, 3e300, -3e300]);
    moments.decay(0);
    expect(JSON.stringify(moments)).toBe(JSON.stringify(new Moments(1)));
  });

  test('decayed a channel for itself', () => {
    const moments = new Moments(2);
    moments.updateBatch(tensor([1, 1, 3, 3], [2, 2]));
    moments.decay(Float64Array.of(0.5, 1));
    expect([[...moments.count], [...moments.mean], [...moments.variance(0.5)]]).toEqual([
      [1, 2],
      [2, 2],
      [2, 2 / 1.5],
    ]);
    const before = JSON.stringify(moments);
    expect(thrownBy(() => moments.decay(Float64Array.of(0.5)))).toBeInstanceOf(ShapeError);
    expect(thrownBy(() => moments.decay(Float64Array.of(0.5, 1.5)))).toMatchObject({ option: 'factor[1]' });
    expect(thrownBy(() => moments.decay(Float64Array.of(Number.NaN, 1)))).toMatchObject({
      option: 'factor[0]',
    });
    expect(JSON.stringify(moments)).toBe(before);
  });
});

describe('refusals', () => {
  test.each([0, -1, 1.5, Number.NaN, Infinity, '2', null, undefined, 2n, {}])('channels: %s', (channels) => {
    expect(thrownBy(() => new Moments(channels as number))).toMatchObject({
      name: 'OptionError',
      code: 'EVENKEEL_OPTION',
      option: 'channels',
      value: channels,
    });
  });

  test.each([
    ['weight', -1],
    ['weight', Number.NaN],
    ['weight', Infinity],
    ['weight', '1'],
    ['ddof', -1],
    ['ddof', Number.NaN],
    ['factor', 1.1],
    ['factor', -0.1],
    ['factor', Number.NaN],
  ])('%s: %s', (option, value) => {
    const moments = byRows([1, 2]);
    const before = JSON.stringify(moments);
    const action = {
      weight: () => moments.update([1], value as number),
      ddof: () => moments.variance(value as number),
      factor: () => moments.decay(value as number),
    }[option]!;
    expect(thrownBy(action)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
    expect(JSON.stringify(moments)).toBe(before);
  });

  test('the variance is written where it is asked for', () => {
    const moments = byRows([1, 3]);
    const out = Float64Array.of(7);
    expect(moments.variance(1, out)).toBe(out);
    expect([...out]).toEqual([2]);
    expect(moments.variance(2, out)).toEqual(Float64Array.of(Number.NaN));
    for (const bad of [new Float64Array(2), [0]])
      expect(thrownBy(() => moments.variance(0, bad as never))).toBeInstanceOf(ShapeError);
  });

  test('what is not Moments, or of other channels, is not merged', () => {
    expect(thrownBy(() => new Moments(2).merge(new Moments(3)))).toBeInstanceOf(ShapeError);
    expect(thrownBy(() => new Moments(2).merge({ channels: 2 } as Moments))).toBeInstanceOf(OptionError);
    expect(thrownBy(() => new Moments(2).updateBatch(tensor([1, 2, 3], [1, 3])))).toBeInstanceOf(ShapeError);
  });

  test('an infinity in a batch is named by row, feature and value', () => {
    const moments = new Moments(2);
    const bad = tensor([1, 2, 3, 4, 5, 6, -Infinity, 8], [2, 2, 2]);
    const error = thrownBy(() => moments.updateBatch(bad));
    expect(error).toBeInstanceOf(SampleError);
    expect(error).toMatchObject({ code: 'EVENKEEL_NOT_FINITE', row: 1, feature: 1, value: -Infinity });
    expect([...moments.count]).toEqual([0, 0]);
  });

  test('a missing value of a batch, where that is asked for', () => {
    const moments = new Moments(2);
    moments.updateBatch(tensor([1, 2], [1, 2]), 'error');
    const before = JSON.stringify(moments);
    const gap = tensor([1, 2, 3, 4, 5, 6, Number.NaN, 8], [2, 2, 2]);
    const error = thrownBy(() => moments.updateBatch(gap, 'error'));
    expect(error).toBeInstanceOf(SampleError);
    expect(error).toMatchObject({ code: 'EVENKEEL_MISSING', row: 1, feature: 1, value: Number.NaN });
    expect(thrownBy(() => moments.updateBatch(gap, 'keep' as never))).toMatchObject({ option: 'missing' });
    expect(JSON.stringify(moments)).toBe(before);
    moments.updateBatch(gap, 'skip');
    expect([...moments.count]).toEqual([5, 4]);
  });
});

describe('saved state', () => {
  const good = (): Record<string, unknown> =>
    JSON.parse(JSON.stringify(byRows([1e9, -0, 5e-324, 1e9 + 1]))) as Record<string, unknown>;

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['text', '{}'],
    ['an array', []],
    ['an empty object', {}],
    ['another kind', { ...good(), kind: 'BatchNorm' }],
    ['another version', { ...good(), version: 2 }],
    ['no channels', { ...good(), channels: 0 }],
    ['fractional channels', { ...good(), channels: 1.5 }],
    ['more channels than numbers', { ...good(), channels: 2 }],
    ['far more channels than there is memory', { ...good(), channels: Number.MAX_SAFE_INTEGER }],
    ['a plane that is missing', { ...good(), m2Low: undefined }],
    ['a plane that is no array', { ...good(), mean: { 0: 1, length: 1 } }],
    ['text for a number', { ...good(), mean: ['1'] }],
    ['null for a number', { ...good(), mean: [null] }],
    ['NaN', { ...good(), mean: ['NaN'] }],
    ['an infinite mean', { ...good(), mean: ['Infinity'] }],
    ['an infinite count', { ...good(), count: ['Infinity'] }],
    ['a negative count', { ...good(), count: [-1] }],
    ['a negative M2', { ...good(), m2: [-1e-9] }],
    ['a low word larger than its high word can leave', { ...good(), meanLow: [1e6] }],
    ['a low word that makes M2 negative', { ...good(), m2: [1], m2Low: [-9] }],
    ['a mean of nothing', { ...good(), count: [0] }],
    ['a low word below an infinite M2', { ...good(), m2: ['Infinity'], m2Low: [1] }],
    ['a name of Object.prototype', { ...good(), mean: ['constructor'] }],
    ['__proto__ for a number', { ...good(), mean: ['__proto__'] }],
  ])('%s is refused', (_, json) => {
    const error = thrownBy(() => Moments.fromJSON(json));
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ code: 'EVENKEEL_STATE' });
  });

  test('__proto__ keys borne by JSON change nothing', () => {
    const text = JSON.stringify(good());
    const poison = '"__proto__":{"polluted":true,"kind":"Evil","count":[9],"update":1}';
    const moments = Moments.fromJSON(JSON.parse(`{${poison},${text.slice(1)}`));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(moments)).toBe(text);
    expect(Object.getPrototypeOf(moments)).toBe(Moments.prototype);
    expect(thrownBy(() => Moments.fromJSON(JSON.parse(`{"__proto__":${text}}`)))).toBeInstanceOf(StateError);
  });

  test('what was saved is no longer tied to the statistic', () => {
    const moments = byRows([1, 2]);
    const saved = moments.toJSON();
    const text = JSON.stringify(saved);
    moments.update([3]);
    expect(JSON.stringify(saved)).toBe(text);
    const copy = Moments.fromJSON(saved);
    copy.update([4]);
    expect(JSON.stringify(saved)).toBe(text);
  });
});

test('a row whose reading updates another statistic leaves both right', () => {
  const [a, b] = [new Moments(2), new Moments(2)];
  const row = {
    length: 2,
    0: 5,
    get 1(): number {
      b.update([100, 200]);
      return 7;
    },
  };
  a.update(row);
  expect([...a.mean]).toEqual([5, 7]);
  expect([...b.mean]).toEqual([100, 200]);
});

test('more channels than a statistic can hold are refused by code', () => {
  expect(() => new Moments(2 ** 32)).toThrow(
    expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'channels' }),
  );
});
