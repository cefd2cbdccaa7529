import { OptionError, Quantiles, SampleError, ShapeError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { uniform } from '../oracle/hard-data.js';
import { exactQuantile, placesOff, sorted } from '../oracle/ranks.js';
import { absoluteError } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const state = (quantiles: Quantiles): string => JSON.stringify(quantiles);

function of(values: ArrayLike<number>): Quantiles {
  const quantiles = new Quantiles(1);
  quantiles.updateBatch(tensor(Float64Array.from(values), [values.length, 1]));
  return quantiles;
}

/** What is kept of a channel: how many values on each level, level 0 first. */
const levels = (quantiles: Quantiles, channel = 0): number[] =>
  (quantiles.toJSON() as { sketches: { levels: number[][] }[] }).sketches[channel]!.levels.map(
    ({ length }) => length,
  );
const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('by hand', () => {
  test('row, weight, batch, merge', () => {
    const quantiles = new Quantiles(2);
    expect([...quantiles.quantile(0.5)]).toEqual([Number.NaN, Number.NaN]);
    quantiles.update([1, 10]);
    quantiles.update(Float32Array.of(4, Number.NaN), 2);
    expect([[...quantiles.count], [...quantiles.quantile(0.5)], [...quantiles.quantile(0.25)]]).toEqual([
      [3, 1],
      [4, 10],
      [2.5, 10],
    ]);
    quantiles.updateBatch(tensor([3, 2, 30, Number.NaN], [1, 2, 2]));
    const other = new Quantiles(2);
    other.update([-7, 20]);
    quantiles.merge(other);
    expect([...quantiles.count]).toEqual([6, 3]);
    expect(quantiles.quantiles([0, 0.5, 1]).map(({ values }) => [...values])).toEqual([
      [-7, 10],
      [2.5, 20],
      [4, 30],
    ]);
  });

  test('numpy.nanquantile of numpy 1.24 gives these', () => {
    const a = of([3.5, -1.25, 1e9 + 0.1, 7, 7, 0.1, 2.7, -8.3, 1e9, 0.3]);
    const b = of([1.7e12 + 0.1, Number.NaN, 1.7e12 + 0.7, 1.7e12 + 0.3, Number.NaN, 1.7e12 + 0.9]);
    expect(
      a.quantiles([0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 0.99, 1]).map(({ values }) => values[0]),
    ).toEqual([-8.3, -1.955, 0.15, 0.3, 3.1, 7, 1000000000.01, 1000000000.0910001, 1000000000.1]);
    expect(b.quantiles([0.05, 0.25, 0.5, 0.75, 0.95]).map(({ values }) => values[0])).toEqual([
      1700000000000.1301, 1700000000000.25, 1700000000000.5, 1700000000000.75, 1700000000000.8699,
    ]);
  });

  test('neighbours further apart than float64 reaches', () => {
    expect([...of([-1.5e308, 1.5e308]).quantile(0.5), ...of([-1.5e308, 1.5e308]).quantile(0.75)]).toEqual([
      0, 7.5e307,
    ]);
  });

  test.each([0, 0.25, 0.5, 1 - 1e-9])(
    'the second word of the quantile %d of the largest numbers is a number',
    (q) => {
      const values = [-Number.MAX_VALUE, -7.066087511225053e307, 0]; // differences fit, two words of them do not
      const [words] = of(values).quantiles([q]);
      const rest = exactQuantile(Float64Array.from(values), q).minus(words!.values[0]!);
      expect(absoluteError(words!.low[0]!, rest)).toBeLessThanOrEqual(Number.MAX_VALUE * Number.EPSILON);
    },
  );
});

test.each([0.9, 0.3, 0.7, 0.1, 0.5])(
  'the place of %d among eleven is taken as it is, not as it is rounded, beside an outlier',
  (q) => {
    const values = Float64Array.from({ length: 11 }, (_, i) => (i < 9 ? i : 1e15 * i + 1));
    const exact = exactQuantile(values, q); // 0.9 is a little more than nine tenths, 0.3 a little less than three
    const [words] = of(values).quantiles([q]);
    const error = exact.minus(words!.values[0]!).minus(words!.low[0]!).abs();
    expect(error.toNumber()).toBeLessThanOrEqual(1e-31 * Math.max(1, exact.abs().toNumber()));
  },
);

describe('exact to 4096 values, and bounded beyond', () => {
  const ramp = Float64Array.from({ length: 4096 }, (_, i) => ((i * 1117) % 4096) - 1000);

  test('the 4097th makes the first difference', () => {
    const quantiles = of(ramp);
    expect([quantiles.rankError()[0], quantiles.quantile(1 / 3)[0], ...levels(quantiles)]).toEqual([
      0, 365, 4096,
    ]);
    quantiles.update([9999]);
    expect(levels(quantiles)).toEqual([1, 2048]);
    // One step of 1, either way: Hoeffding's bound of it.
    expect(quantiles.rankError(0.9)[0]).toBeCloseTo(Math.sqrt(2 * Math.log(20)) / 4097, 15);
    expect([quantiles.quantile(0)[0], quantiles.quantile(1)[0]]).toEqual([-1000, 9999]);
  });

  test.each([
    ['the least first', [-1e9, 1e9]],
    ['the greatest first', [1e9, -1e9]],
  ])('the ends are exact however long ago they were: %s', (_, ends) => {
    const quantiles = of([...ends, ...Array.from({ length: 100_000 }, (_, i) => i % 1000)]);
    expect([quantiles.quantile(0)[0], quantiles.quantile(1)[0]]).toEqual([-1e9, 1e9]);
    expect(quantiles.quantile(1e-3)[0]).toBeLessThan(10);
  });

  test('no more than 4096 numbers are kept, at the bound promised, whatever the weights', () => {
    const next = uniform(1);
    const quantiles = new Quantiles(1);
    for (let power = 0; power <= 45; power++) {
      for (let i = 0; i < 40; i++) {
        quantiles.update([next()], Math.floor(2 ** power * (1 + next())));
        quantiles.update([next()]);
        expect(total(levels(quantiles))).toBeLessThanOrEqual(4096);
        expect(quantiles.rankError()[0]).toBeLessThanOrEqual(0.006);
      }
    }
    expect(levels(quantiles).length).toBeGreaterThan(35);
  });

  test('nothing is dropped for a weight that is large', () => {
    const quantiles = new Quantiles(1);
    quantiles.update([1], 2 ** 40 + 1);
    quantiles.update([2], 3 * 2 ** 38 - 1);
    quantiles.update([3], 5);
    const n = 2 ** 40 + 3 * 2 ** 38 + 5;
    expect([quantiles.count[0], quantiles.rankError()[0]]).toEqual([n, 0]);
    const at = (place: number): number => quantiles.quantile(place / (n - 1))[0]!;
    expect([at(2 ** 40), at(2 ** 40 + 1), at(n - 6), at(n - 5)]).toEqual([1, 2, 2, 3]);
  });
});

describe('the coins are fair', () => {
  const n = 50_000;
  const places = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

  test.each([
    ['ascending', (i: number) => i],
    ['descending', (i: number) => n - i],
    ['interleaved', (i: number) => (i * 7919) % n],
  ])(
    'errors of many sketches are of either sign, and as wide as the bound takes them for: %s',
    (_, order) => {
      const offs: number[] = [];
      const steps: number[] = [];
      for (let seed = 0; seed < 60; seed++) {
        const next = uniform(seed);
        const values = Float64Array.from({ length: n }, (_, i) => order(i) + next() / 2);
        const quantiles = of(values);
        const ordered = sorted(values);
        // rankError is this times the standard deviation of the steps, over n.
        steps.push((quantiles.rankError(0.5)[0]! * n) / Math.sqrt(2 * Math.log(4)));
        quantiles.quantiles(places).forEach(({ values: [value] }, i) => {
          offs.push(placesOff(ordered, value!, places[i]!));
        });
      }
      const sd = Math.sqrt(total(steps.map((step) => step ** 2)) / steps.length);
      const mean = total(offs) / offs.length;
      const rms = Math.sqrt(total(offs.map((off) => off ** 2)) / offs.length);
      expect(Math.abs(mean)).toBeLessThan((4 * sd) / Math.sqrt(steps.length)); // quantiles of one sketch err together
      expect(rms).toBeLessThan(sd);
      expect(rms).toBeGreaterThan(sd / 5); // the bound is no idle one
    },
  );

  test('shards of other data toss other coins: their errors do not add up', () => {
    const shards = 256;
    const each = 6000;
    const whole = new Quantiles(1);
    for (let shard = 0; shard < shards; shard++) {
      whole.merge(of(Float64Array.from({ length: each }, (_, i) => i + shard / shards)));
    }
    const ordered = Float64Array.from({ length: shards * each }, (_, i) => i / shards);
    const [bound] = whole.rankError(1 - 1e-9);
    const fractions = Array.from({ length: 199 }, (_, i) => (i + 1) / 200);
    whole.quantiles(fractions).forEach(({ values: [value] }, i) => {
      expect(Math.abs(placesOff(ordered, value!, fractions[i]!))).toBeLessThanOrEqual(
        bound! * shards * each + 1,
      );
    });
    expect(bound).toBeLessThan(0.01);
  });

  test('asking changes nothing', () => {
    const quantiles = of(Float64Array.from({ length: 5000 }, uniform(4)));
    const before = state(quantiles);
    quantiles.quantiles([0, 0.5, 1]);
    quantiles.rankError();
    expect(state(quantiles)).toBe(before);
  });

  test('the same data gives the same sketch', () => {
    const values = Float64Array.from({ length: 30_000 }, uniform(3));
    expect(state(of(values))).toBe(state(of(values)));
  });
});

test('the revision grows with whatever changes the sketch', () => {
  const quantiles = new Quantiles(1);
  const steps = [
    () => quantiles.update([1]),
    () => quantiles.updateBatch(tensor([2], [1, 1])),
    () => quantiles.merge(of([3])),
  ];
  for (const step of steps) {
    const before = quantiles.revision;
    step();
    expect(quantiles.revision).toBeGreaterThan(before);
  }
});

describe('refusals', () => {
  test.each([0, -1, 1.5, Number.NaN, '2', null, undefined])('channels: %s', (channels) => {
    expect(thrownBy(() => new Quantiles(channels as number))).toMatchObject({
      name: 'OptionError',
      option: 'channels',
      value: channels,
    });
  });

  test.each([
    ['weight', -1],
    ['weight', 0.5],
    ['weight', 2 ** 53],
    ['weight', Number.NaN],
    ['weight', Infinity],
    ['weight', '1'],
    ['q', -0.1],
    ['q', 1.1],
    ['q', Number.NaN],
    ['q', '0.5'],
    ['fractions', 0.5],
    ['fractions[1]', 2],
    ['confidence', 1],
    ['confidence', -0.1],
    ['confidence', Number.NaN],
  ])('%s: %s', (option, value) => {
    const quantiles = of([1, 2]);
    const before = state(quantiles);
    const actions: Record<string, (value: never) => unknown> = {
      weight: (value) => quantiles.update([1], value),
      q: (value) => quantiles.quantile(value),
      fractions: (value) => quantiles.quantiles(value),
      'fractions[1]': (value) => quantiles.quantiles([0.5, value]),
      confidence: (value) => quantiles.rankError(value),
    };
    const error = thrownBy(() => actions[option]!(value as never));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option, value });
    expect(state(quantiles)).toBe(before);
  });

  test.each([
    ['EVENKEEL_ARITY', [1]],
    ['EVENKEEL_ARITY', [1, 2, 3]],
    ['EVENKEEL_ARITY', 5],
    ['EVENKEEL_ARITY', null],
    ['EVENKEEL_NOT_A_NUMBER', [1, '2']],
    ['EVENKEEL_NOT_A_NUMBER', [1, null]],
    ['EVENKEEL_NOT_FINITE', [1, Infinity]],
    ['EVENKEEL_NOT_FINITE', [1, -Infinity]],
  ])('%s: the row %j', (code, row) => {
    const quantiles = new Quantiles(2);
    const error = thrownBy(() => quantiles.update(row as number[]));
    expect(error).toBeInstanceOf(SampleError);
    expect(error).toMatchObject({ code, row: 0 });
    expect(thrownBy(() => quantiles.update(row as number[], 0))).toMatchObject({ code });
    expect([...quantiles.count]).toEqual([0, 0]);
  });

  test('an infinity in a batch is named by row, feature and value', () => {
    const quantiles = new Quantiles(2);
    const error = thrownBy(() => quantiles.updateBatch(tensor([1, 2, 3, 4, 5, 6, -Infinity, 8], [2, 2, 2])));
    expect(error).toMatchObject({ code: 'EVENKEEL_NOT_FINITE', row: 1, feature: 1, value: -Infinity });
    expect([...quantiles.count]).toEqual([0, 0]);
  });

  test('a missing value of a batch, where that is asked for', () => {
    const quantiles = new Quantiles(2);
    quantiles.updateBatch(tensor([1, 2], [1, 2]), 'error');
    const before = state(quantiles);
    const gap = tensor([1, 2, 3, 4, 5, 6, Number.NaN, 8], [2, 2, 2]);
    const error = thrownBy(() => quantiles.updateBatch(gap, 'error'));
    expect(error).toMatchObject({ code: 'EVENKEEL_MISSING', row: 1, feature: 1, value: Number.NaN });
    expect(thrownBy(() => quantiles.updateBatch(gap, 'keep' as never))).toMatchObject({ option: 'missing' });
    expect(state(quantiles)).toBe(before);
    quantiles.updateBatch(gap, 'skip');
    expect([...quantiles.count]).toEqual([5, 4]);
  });

  test('other channels, and what is no Quantiles', () => {
    expect(thrownBy(() => new Quantiles(2).merge(new Quantiles(3)))).toBeInstanceOf(ShapeError);
    expect(thrownBy(() => new Quantiles(2).merge({ channels: 2 } as Quantiles))).toBeInstanceOf(OptionError);
    expect(thrownBy(() => new Quantiles(2).updateBatch(tensor([1, 2, 3], [1, 3])))).toBeInstanceOf(
      ShapeError,
    );
  });

  test('more values than there are whole numbers', () => {
    const quantiles = new Quantiles(2);
    quantiles.update([1, Number.NaN], Number.MAX_SAFE_INTEGER);
    const before = state(quantiles);
    const batch = tensor([1, 2], [1, 2]);
    for (const action of [
      () => quantiles.update([1, Number.NaN]),
      () => quantiles.updateBatch(batch),
      () => quantiles.merge(quantiles),
    ])
      expect(thrownBy(action)).toBeInstanceOf(OptionError);
    quantiles.update([1, 1], 0);
    quantiles.update([Number.NaN, Number.NaN]);
    expect(state(quantiles)).toBe(before);
    expect(state(Quantiles.fromJSON(JSON.parse(before)))).toBe(before);
  });
});

describe('saved state', () => {
  interface Saved {
    [name: string]: unknown;
    sketches: Record<string, unknown>[];
  }
  const good = (): Saved => JSON.parse(state(of([1e9, 5e-324, 1e9 + 1]))) as Saved;
  const long = (): Saved => JSON.parse(state(of(Float64Array.from({ length: 5000 }, (_, i) => i)))) as Saved;
  const sketch = (changes: object, from = good()): unknown => ({
    ...from,
    sketches: [{ ...from.sketches[0], ...changes }],
  });

  test('good ones are taken', () => {
    for (const json of [good(), long(), sketch({}), JSON.parse(state(new Quantiles(3)))])
      expect(state(Quantiles.fromJSON(json))).toBe(JSON.stringify(json));
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an array', []],
    ['another kind', { ...good(), kind: 'Moments' }],
    ['another version', { ...good(), version: 2 }],
    ['no channels', { ...good(), channels: 0 }],
    ['more channels than sketches', { ...good(), channels: 2 }],
    ['far more channels than there is memory', { ...good(), channels: Number.MAX_SAFE_INTEGER }],
    ['no sketches', { ...good(), sketches: {} }],
    ['a sketch that is none', { ...good(), sketches: [null] }],
    ['a hole where a sketch belongs', { ...good(), sketches: new Array(1) }],
    ['a hole where a level belongs', sketch({ levels: new Array(1) })],
    ['a sketch of another kind', sketch({ kind: 'Sketch' })],
    ['levels that are no array', sketch({ levels: { 0: [1] } })],
    ['no levels', sketch({ levels: [] })],
    ['a level that is no array', sketch({ levels: [5] })],
    ['text for a value', sketch({ levels: [[1e9, '5', 1e9 + 1]] })],
    ['NaN for a value', sketch({ levels: [[5e-324, 1e9, 1e9 + 1, 'NaN']] })],
    ['an infinity for a value', sketch({ max: 'Infinity', levels: [[5e-324, 'Infinity']] })],
    ['a value below the least', sketch({ levels: [[-1, 5e-324, 1e9 + 1]] })],
    ['a value above the greatest', sketch({ levels: [[5e-324, 1e9 + 1, 2e9]] })],
    ['a least value that never was', sketch({ min: -1 })],
    ['a greatest value that never was', sketch({ max: 2e9 })],
    ['infinite ends', sketch({ min: '-Infinity', max: 'Infinity' }, long())],
    ['an infinite least value', sketch({ min: '-Infinity' }, long())],
    ['no least value', sketch({ min: 'NaN' })],
    ['ends of nothing', sketch({ levels: [[]] })],
    ['an empty top level', sketch({ levels: [[5e-324, 1e9, 1e9 + 1], []] })],
    ['more levels than numbers go', sketch({ levels: [...Array(53).fill([]), [5e-324, 1e9 + 1]] })],
    ['more values than whole numbers', sketch({ levels: [...Array(52).fill([]), [5e-324, 1e9 + 1]] })],
    ['more values than there is room', sketch({ levels: [Array(4097).fill(5)], min: 5, max: 5 })],
    ['negative squares', sketch({ squares: -1 }, long())],
    ['squares of nothing', sketch({ squares: 1 })],
    ['squares beyond what there can be', sketch({ squares: 1e4 }, long())],
    ['a hash that is none', sketch({ hash: 2 ** 31 })],
    ['a fraction of a hash', sketch({ hash: 0.5 })],
    ['no hash', sketch({ hash: undefined })],
  ])('%s is refused', (_, json) => {
    const error = thrownBy(() => Quantiles.fromJSON(json));
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ code: 'EVENKEEL_STATE' });
  });

  test('no more squares than the bound promised has room for', () => {
    const most = Math.floor((0.006 * 5000) ** 2 / (2 * Math.log(2 / 0.01)));
    const [bound] = Quantiles.fromJSON(sketch({ squares: most }, long())).rankError();
    expect(bound).toBeLessThanOrEqual(0.006);
    expect(thrownBy(() => Quantiles.fromJSON(sketch({ squares: most + 1 }, long())))).toBeInstanceOf(
      StateError,
    );
  });

  test('what was saved is no longer tied to the sketch', () => {
    const quantiles = of([1, 2]);
    const saved = quantiles.toJSON();
    const text = JSON.stringify(saved);
    quantiles.update([3]);
    const copy = Quantiles.fromJSON(saved);
    copy.update([4]);
    expect(JSON.stringify(saved)).toBe(text);
  });
});

test('a row whose reading updates the same sketch leaves it right', () => {
  const quantiles = new Quantiles(2);
  const row = {
    length: 2,
    0: 5,
    get 1(): number {
      quantiles.update([100, 200]);
      return 7;
    },
  };
  quantiles.update(row);
  expect(quantiles.quantiles([0, 1]).map(({ values }) => [...values])).toEqual([
    [5, 7],
    [100, 200],
  ]);
});
