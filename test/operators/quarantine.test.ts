import { fc, test as property } from '@fast-check/vitest';
import { from, map, Observable, of, retry, Subject, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  type Batch,
  MaxAbsScaler,
  type Quarantined,
  type QuarantineOptions,
  type QuarantineReason,
  type QuarantineStats,
  quarantine,
  type Row,
  StandardScaler,
  type Tensor,
  TensorPool,
  tensor,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

interface Ran<T> {
  readonly rows: (Row | Tensor)[];
  readonly told: Quarantined<T>[];
  readonly invalid: unknown[];
  readonly stats: QuarantineStats;
}

/** All that synchronous items come to. */
function ran<T>(items: readonly T[], options: QuarantineOptions<T> = {}): Ran<T> {
  const [rows, told, invalid]: [Row[], Quarantined<T>[], unknown[]] = [[], [], []];
  const operator = quarantine<T>({
    onQuarantined: (one) => told.push(one),
    onInvalid: ({ code, row, feature }) => invalid.push([code, row, feature]),
    ...options,
  });
  from(items)
    .pipe(operator)
    .subscribe((row) => rows.push(row as Row));
  return { rows, told, invalid, stats: operator.stats };
}
const firsts = (rows: readonly Tensor[]): number[] => rows.map(({ data }) => data[0]!);
const told = <T>({ told }: Ran<T>): unknown[] =>
  told.map(({ feature, value, reason }) => [feature, value, reason]);

describe('marbles', () => {
  const values = { a: 1, b: 99, c: 3 };
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-a-|', '-1-|'],
    ['one put aside', 'a-b-c-|', '1---3-|'],
    ['error', 'a-b#', '1--#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      const seen = cold<number>(source, values).pipe(
        quarantine({ limits: [0, 10] }),
        map(({ data }) => data[0]),
      );
      expectObservable(seen).toBe(expected, { 1: 1, 3: 3 });
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<number>('a-b-a-|', values);
      const seen = source.pipe(
        quarantine({ limits: [0, 10] }),
        map(({ data }) => data[0]),
      );
      expectObservable(seen, '---!').toBe('1---', { 1: 1 });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    endless.pipe(quarantine(), take(3)).subscribe();
    expect(produced).toBe(3);
  });

  test('a re-entrant source keeps order, and each row its own values', () => {
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source.pipe(quarantine()).subscribe(({ sample, data }) => {
      seen.push([sample, data[0]]);
      if (sample < 3) source.next(sample + 1);
    });
    source.next(1);
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test('one that pushes on being told: what was told is told once, and its row has its own values', () => {
    const source = new Subject<number[]>();
    const seen: unknown[] = [];
    const onQuarantined = ({ value }: { value: number }): void => {
      seen.push(value);
      if (value === 20) source.next([1, 2]);
    };
    source
      .pipe(quarantine({ limits: [0, 10], replace: 'value', onQuarantined }))
      .subscribe(({ data }) => seen.push([...data]));
    source.next([20, 30]);
    expect(seen).toEqual([20, [1, 2], 30, [Number.NaN, Number.NaN]]);
  });
});

describe('rows', () => {
  test('a sample leaves as a row that knows it; a row as it came, with what it carried, in float64', () => {
    const sample = { t: 1 };
    const [row] = ran([sample], { features: ['t'] }).rows as Row[];
    expect(row).toEqual({ data: Float64Array.of(1), shape: [1], sample });
    expect(row!.sample).toBe(sample);
    const item = { ...tensor(Float32Array.of(7, 8), [2]), sample, more: 5 };
    expect(ran([item], { features: ['a', 'b'] }).rows).toEqual([
      { data: Float64Array.of(7, 8), shape: [2], sample, more: 5 },
    ]);
    of(sample)
      .pipe(quarantine({ features: ['t'] }))
      .subscribe((y) => expectTypeOf(y).toEqualTypeOf<Row<Batch<{ t: number }>>>());
  });

  test('missing values pass, whatever the limits; what is no number is refused, and a batch too', () => {
    const items = [[1], [null], [undefined], [Number.NaN], ['1'], 'x', [1, 2], tensor([1], [1, 1])];
    const { rows, invalid, stats } = ran(items as number[][], { limits: [0, 1], sd: 1 });
    expect(firsts(rows)).toEqual([1, Number.NaN, Number.NaN, Number.NaN]);
    expect(invalid).toEqual([
      ['EVENKEEL_NOT_A_NUMBER', 4, 0],
      ['EVENKEEL_NOT_A_NUMBER', 5, undefined],
      ['EVENKEEL_ARITY', 6, undefined],
      ['EVENKEEL_NOT_A_NUMBER', 7, undefined],
    ]);
    expect(stats).toMatchObject({ rows: 8, emitted: 4, invalid: 4 });
    const error = vi.fn();
    from(items as number[][])
      .pipe(quarantine())
      .subscribe({ error });
    expect(error).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'EVENKEEL_NOT_A_NUMBER', row: 4 }),
    );
  });

  test('arrays come from the pool, and that of a row put aside goes back', () => {
    const pool = new TensorPool();
    const arrays = new Set();
    from([1, 99, 2])
      .pipe(quarantine({ pool, limits: [0, 10] }))
      .subscribe((row) => {
        arrays.add(row.data);
        pool.give(row);
      });
    expect(arrays.size).toBe(1);
  });
});

describe('reasons', () => {
  test('not finite', () => {
    const all = ran([1, Infinity, -Infinity, 2]);
    expect(firsts(all.rows)).toEqual([1, 2]);
    expect(told(all)).toEqual([
      [0, Infinity, 'not finite'],
      [0, -Infinity, 'not finite'],
    ]);
    expect(all.told[0]!.sample).toBe(Infinity);
  });

  test('limits: by name, by index, one pair for all; the ends are within', () => {
    const items = [
      { a: 0, b: 5 },
      { a: 10, b: 5.5 },
      { a: 10.5, b: 5 },
      { a: -1, b: -9e99 },
    ];
    const by = (options: QuarantineOptions<(typeof items)[number]>): unknown[] => told(ran(items, options));
    const features = ['a', 'b'];
    expect(by({ features, limits: { a: [0, 10] } })).toEqual([
      ['a', 10.5, 'limits'],
      ['a', -1, 'limits'],
    ]);
    expect(by({ features, limits: { b: [-Infinity, 5] } })).toEqual([['b', 5.5, 'limits']]);
    const all = [
      [1, 10.5, 'limits'],
      [1, -1, 'limits'],
    ];
    expect(by({ features: ({ a, b }) => [b, a], limits: { 1: [0, 10] } })).toEqual(all);
    expect(by({ features: ({ a }) => [0, a], limits: [0, 10] })).toEqual(all);
  });

  test('a row for its first value, or each value; the sums are the same', () => {
    const items = [[1, 1], [99, Infinity], [2, 99], tensor([3, 4], [2])];
    const whole = ran<unknown>(items, { limits: [0, 10] });
    expect(told(whole)).toEqual([
      [0, 99, 'limits'],
      [1, 99, 'limits'],
    ]);
    expect(whole.stats).toEqual({
      rows: 4,
      emitted: 2,
      quarantined: 2,
      replaced: 0,
      invalid: 0,
      dropped: 0,
      features: { 0: { 'not finite': 0, limits: 1, sd: 0 }, 1: { 'not finite': 0, limits: 1, sd: 0 } },
    });
    const single = ran<unknown>(items, { limits: [0, 10], replace: 'value' });
    expect(single.rows.map(({ data }) => [...data])).toEqual([
      [1, 1],
      [Number.NaN, Number.NaN],
      [2, Number.NaN],
      [3, 4],
    ]);
    expect(single.stats).toMatchObject({
      emitted: 4,
      quarantined: 0,
      replaced: 3,
      features: { 0: { limits: 1 }, 1: { 'not finite': 1, limits: 1 } },
    });
  });

  const around = Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1)); // mean 0, deviation 1
  test('sd: by what was let through before, after the warm-up, at any offset', () => {
    for (const offset of [0, 1e9]) {
      const items = [...around, 3.2, 2.9].map((x) => x + offset);
      expect(told(ran(items, { sd: 3 }))).toEqual([[0, 3.2 + offset, 'sd']]);
    }
    expect(told(ran([...around.slice(0, 29), 9], { sd: 3 }))).toEqual([]);
    expect(told(ran([...around.slice(0, 30), 9], { sd: 3 }))).toEqual([[0, 9, 'sd']]);
    expect(told(ran([...around.slice(0, 2), 9], { sd: 3, warmup: 2 }))).toEqual([[0, 9, 'sd']]);
  });

  test('a value that was put aside is in no statistics', () => {
    const spikes = around.flatMap((x, i) => (i < 30 ? [x] : [x, 1e300]));
    expect(firsts(ran(spikes, { sd: 3 }).rows)).toEqual(around);
    expect(told(ran([...spikes, 3.2], { sd: 3 })).at(-1)).toEqual([0, 3.2, 'sd']);
    expect(told(ran([...spikes, 2.9], { sd: 3 })).at(-1)).toEqual([0, 1e300, 'sd']);
  });

  test('a feature without spread is not judged', () => {
    expect(ran([...Array(50).fill(5), 6], { sd: 3 }).stats).toMatchObject({ quarantined: 0 });
  });

  test('a level that shifts is put aside until it has come readmit times in a row, and then is the level', () => {
    const shifted = around.map((x) => x + 100);
    const all = ran([...around, ...shifted, 0], { sd: 5 });
    expect(firsts(all.rows)).toEqual([...around, ...shifted.slice(29)]);
    expect(all.told.at(-1)).toMatchObject({ value: 0, reason: 'sd' });
    expect(firsts(ran([...around, ...shifted], { sd: 5, readmit: Infinity }).rows)).toEqual(around);
    expect(firsts(ran([...around, 100, 100, 0, 100, 100], { sd: 5, readmit: 3 }).rows)).toEqual([
      ...around,
      0,
    ]);
  });

  test('what was put aside for another value makes no level, however often it came', () => {
    const items = around.map((x) => [x, 0.5]);
    const { rows, stats } = ran([...items, ...Array(3).fill([1000, 99]), [1, 0.5], [5e5, 0.5]], {
      limits: { 1: [0, 1] },
      sd: 3,
      readmit: 3,
    });
    expect(firsts(rows)).toEqual([...around, 1]);
    expect(stats).toMatchObject({ quarantined: 4, features: { 0: { sd: 3 }, 1: { limits: 1 } } });
  });

  test('each feature has a level of its own', () => {
    const items = around.map((x) => [x, x]);
    const shifted = around.map((x) => [x + 100, x]);
    const { stats, rows } = ran([...items, ...shifted, [100, 100]], { sd: 5, replace: 'value' });
    expect(stats.features).toMatchObject({ 0: { sd: 29 }, 1: { sd: 1 } });
    expect(rows.map(({ data }) => data[1])).toEqual([...around, ...around, Number.NaN]);
  });
});

describe('a spike in the warm-up', () => {
  const clean = Array.from({ length: 30 }, (_, i) => 20 + (i % 3) / 10);
  test('passes, wherever it is, and hides nothing that comes after it', () => {
    for (let at = 0; at < 30; at++) {
      const all = ran([...clean.with(at, 1e9), 20.1, 1e9, 25, 20.2, 20], { sd: 4 });
      expect(told(all)).toEqual([
        [0, 1e9, 'sd'],
        [0, 25, 'sd'],
      ]);
      expect(all.stats).toMatchObject({ rows: 35, emitted: 33 });
    }
  });

  test('nor do any three in thirty', () => {
    for (const spikes of [
      [1e300, -1e9],
      [1e9, 1e9, 1e9],
      [40, 1e9, -1e300],
      [-1e9, -1e9, -300],
    ]) {
      const values = clean.map((x, i) => spikes[(i - 1) / 9] ?? x);
      expect(told(ran([...values, 20.1, 1e9, 40, 20], { sd: 4 }))).toEqual([
        [0, 1e9, 'sd'],
        [0, 40, 'sd'],
      ]);
    }
  });

  test('what comes seldom, by coarse steps or as a state of its own, is none', () => {
    const steps = Array.from({ length: 30 }, (_, i): number => (i % 6 ? 0 : 1));
    expect(told(ran([...steps, ...steps, 9, 1], { sd: 4 }))).toEqual([[0, 9, 'sd']]);
    const spoilt = steps.with(1, 1e9).with(2, -1e6);
    expect(told(ran([...spoilt.with(0, 0), ...steps, 9, 1], { sd: 4 }))).toEqual([[0, 9, 'sd']]);
    const states = clean.map((x, i) => (i % 5 ? x : x + 1000));
    expect(told(ran([...states, ...states, 1e9, 1020], { sd: 4 }))).toEqual([[0, 1e9, 'sd']]);
  });

  test('where nine tenths are equal nothing is judged, until they no longer are', () => {
    const flat = Array(30).fill(5).with(3, 1e9).with(9, 6).with(20, -1e3);
    const all = ran([...flat, ...flat, ...clean, 1e9, 25, 20], { sd: 4 });
    expect(told(all)).toEqual([
      [0, 1e9, 'sd'],
      [0, 25, 'sd'],
    ]);
    expect(told(ran([5, 5, 6, 7, 1e9], { sd: 4, warmup: 1 }))).toEqual([[0, 1e9, 'sd']]);
  });

  test('nor does one in what makes a new level, and a new level too short is a warm-up that goes on', () => {
    const risen = clean.map((x) => x + 100);
    const shifted = [...clean, ...risen.with(7, 1e9)];
    expect(told(ran([...shifted, 125, 120], { sd: 4 })).slice(29)).toEqual([[0, 125, 'sd']]);
    const early = [...clean, ...risen.slice(0, 3), 1e9, ...risen.slice(4), 125];
    expect(told(ran(early, { sd: 4, readmit: 3 }))).toEqual([
      [0, risen[0], 'sd'],
      [0, risen[1], 'sd'],
      [0, 125, 'sd'],
    ]);
  });

  test('a scaler has learned it', () => {
    const scaler = new StandardScaler(1, { missing: 'keep' });
    expect(told(ran([...clean.with(3, 1e9), 1e8], { sd: 4, scaler }))).toEqual([]);
  });

  /** A warm-up of whole numbers, in any order, with a tenth of spikes anywhere among them. */
  const size = fc
    .oneof(fc.double({ min: 1e6, max: 1e300, noNaN: true }), fc.double({ min: 0, max: 1e4, noNaN: true }))
    .chain((x) => fc.constantFrom(x, -x));
  const spoilt = fc
    .integer({ min: 10, max: 50 })
    .chain((length) => fc.tuple(fc.constant(length), fc.array(size, { maxLength: Math.floor(length / 10) })))
    .chain(([length, spikes]) => {
      const clean = Array.from({ length: length - spikes.length }, (_, i) => i);
      const values = fc.shuffledSubarray([...clean, ...spikes], { minLength: length, maxLength: length });
      return fc.record({ spikes: fc.constant(spikes), clean: fc.constant(clean), values });
    });

  property.prop([spoilt, fc.double({ min: 3, max: 8, noNaN: true })], { numRuns: 1000 })(
    'as if it had not been, where it is far out; of any size it hides nothing far from the rest',
    ({ spikes, clean, values }, sd) => {
      const n = clean.length;
      const range = n - 1;
      const isApart = spikes.every((x) => Math.abs(x) >= 1e6);
      // What is near lies within the range, or so far from it.
      const span = range * (1 + 2 * sd * 0.608);
      const far = isApart ? sd * Math.sqrt((n * n - 1) / 12) : span + sd * (span / 2); // of 0 … n - 1
      const outside = [range / 2 + far * (1 + 1e-9), range / 2 - far * (1 + 1e-9)];
      const passing = isApart ? [range / 2 + far * (1 - 1e-9), range / 2 - far * (1 - 1e-9)] : [0, range];
      const options = { sd, warmup: values.length };
      expect(told(ran([...values, ...outside], options))).toEqual(outside.map((x) => [0, x, 'sd']));
      for (const one of passing) expect(told(ran([...values, one], options))).toEqual([]);
    },
  );
});

describe('a scaler', () => {
  const around = Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1));
  test('learns what is let through, and outlives the subscription', () => {
    const scaler = new StandardScaler(1, { missing: 'keep' });
    expect(told(ran([...around, 50], { sd: 4, scaler }))).toEqual([[0, 50, 'sd']]);
    expect([scaler.rows, scaler.moments.mean[0]]).toEqual([40, 0]);
    expect(told(ran([50], { sd: 4, scaler }))).toEqual([[0, 50, 'sd']]);
    const saved = StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
    expect(told(ran([50], { sd: 4, scaler: saved }))).toEqual([[0, 50, 'sd']]);
    let lives = 0;
    const flaky = new Observable<number>((out) => {
      out.next(50);
      if (lives++ < 2) out.error(new Error('gone'));
      else out.complete();
    });
    const onQuarantined = vi.fn();
    flaky.pipe(quarantine({ sd: 4, scaler, onQuarantined }), retry()).subscribe();
    expect(onQuarantined).toHaveBeenCalledTimes(3);
  });

  test('forgets as it says: at a new level it is let through until it has caught up', () => {
    const running = { halfLifeRows: 100 };
    const scaler = new StandardScaler(1, { missing: 'keep', running });
    const shifted = Array.from({ length: 100 }, (_, i) => 100 + (i % 2));
    const { stats, rows } = ran([...around, ...shifted], { sd: 4, readmit: 10, scaler });
    expect(stats.quarantined).toBe(9);
    expect(firsts(rows)).toEqual([...around, ...shifted.slice(9)]);
    expect(told(ran([1e5], { sd: 4, scaler }))).toEqual([[0, 1e5, 'sd']]);
  });

  test('gives the number of features', () => {
    const scaler = new StandardScaler(2, { missing: 'mean' });
    expect(ran([[1], [1, 2]], { sd: 4, scaler })).toMatchObject({
      invalid: [['EVENKEEL_ARITY', 0, undefined]],
      stats: { emitted: 1 },
    });
  });
});

describe('callbacks and figures', () => {
  test('what onQuarantined throws ends the stream', () => {
    const mine = new Error('mine');
    const onQuarantined = (): never => {
      throw mine;
    };
    const error = vi.fn();
    of(Infinity).pipe(quarantine({ onQuarantined })).subscribe({ error });
    expect(error).toHaveBeenCalledExactlyOnceWith(mine);
  });

  test('the figures are of all subscriptions, and followed as they change', () => {
    const operator = quarantine<number>({ limits: [0, 1] });
    const seen: number[][] = [];
    operator.stats$.subscribe(({ rows, emitted, quarantined }) => seen.push([rows, emitted, quarantined]));
    for (const _ of [1, 2]) from([1, 2]).pipe(operator).subscribe();
    expect(seen).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [2, 1, 1],
      [3, 2, 1],
      [4, 2, 2],
    ]);
  });
});

test.each<[QuarantineOptions<number>, string]>([
  [{ limit: [0, 1] } as never, 'options.limit'],
  [{ limits: [1, 0] }, 'limits'],
  [{ limits: [0] } as never, 'limits'],
  [{ limits: [0, Number.NaN] }, 'limits'],
  [{ limits: 5 } as never, 'limits'],
  [{ limits: { a: [0, 1] } }, 'limits.a'],
  [{ limits: { '01': [0, 1] } }, 'limits.01'],
  [{ features: ['a'], limits: { b: [0, 1] } }, 'limits.b'],
  [{ features: ['a'], limits: { a: 1 } } as never, 'limits.a'],
  [{ features: [] }, 'features'],
  [{ sd: 0 }, 'sd'],
  [{ sd: Infinity }, 'sd'],
  [{ warmup: 3 }, 'sd'],
  [{ readmit: 3 }, 'sd'],
  [{ scaler: new StandardScaler(1, { missing: 'keep' }) }, 'sd'],
  [{ sd: 3, warmup: 0 }, 'warmup'],
  [{ sd: 3, warmup: 65_537 }, 'warmup'],
  [{ sd: 3, readmit: 0 }, 'readmit'],
  [{ sd: 3, readmit: 65_537 }, 'readmit'],
  [{ sd: 3, scaler: new StandardScaler(1) }, 'scaler'],
  [{ sd: 3, scaler: new MaxAbsScaler(1) } as never, 'scaler'],
  [{ sd: 3, scaler: new StandardScaler(1, { missing: 'keep', running: { halfLifeMs: 5 } }) }, 'scaler'],
  [{ sd: 3, scaler: new StandardScaler(2, { missing: 'keep' }), features: ['a'] }, 'features'],
  [{ replace: 'all' } as never, 'replace'],
  [{ onQuarantined: 'log' } as never, 'onQuarantined'],
  [{ onInvalid: 'skip' } as never, 'onInvalid'],
  [{ pool: {} } as never, 'pool'],
])('%# is checked at once: %s', (options, option) => {
  expect(thrownBy(() => quarantine(options))).toMatchObject({ code: 'EVENKEEL_OPTION', option });
});

test('an index beyond the features is told at the first row', () => {
  const error = vi.fn();
  of([1])
    .pipe(quarantine({ limits: { 1: [0, 1] } }))
    .subscribe({ error });
  expect(error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'limits.1' }),
  );
});

/** The middle one of these, or the mean of the middle two. */
const middle = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return (sorted[Math.floor(at)]! + sorted[Math.ceil(at)]!) / 2;
};

/** Those of a warm-up from which a level starts; undefined where they have no spread. */
function startOf(values: readonly number[], sd: number): number[] | undefined {
  const away = (x: number): number => Math.abs(x - middle(values));
  const most = values.map(away).sort((a, b) => b - a)[Math.floor(values.length / 10)]!;
  const near = values.filter((x) => away(x) <= Math.max(1, sd * 0.6079568319117692) * most);
  return new Set(near).size > 1 ? near : undefined;
}

/** As the documentation has it, by lists of all values. */
function reference(
  items: readonly (readonly unknown[])[],
  options: Required<Model>,
): Omit<Ran<unknown>, 'rows'> & { rows: number[][] } {
  const { limits, sd, warmup, readmit, replace } = options;
  const levels: (number[] | undefined)[] = [undefined, undefined];
  const warmUps: number[][] = [[], []];
  const runs: number[][] = [[], []];
  const features = [0, 1].map(() => ({ 'not finite': 0, limits: 0, sd: 0 }));
  const rows: number[][] = [];
  const told: Quarantined<unknown>[] = [];
  let [invalid, quarantined, replaced] = [0, 0, 0];
  const isFar = (values: readonly number[] = [], x: number): boolean => {
    const n = values.length;
    const sum = values.reduce((a, b) => a + b, 0);
    const squares = values.reduce((a, b) => a + b * b, 0);
    const spread = n * squares - sum * sum; // whole numbers all
    return (n * x - sum) ** 2 > sd * sd * spread;
  };
  for (const sample of items) {
    if (sample.some((value) => typeof value === 'string')) {
      invalid++;
      continue;
    }
    const row = sample.map((value) => (value ?? Number.NaN) as number);
    const moving: number[] = [];
    const faults = row.flatMap((value, i): [number, QuarantineReason][] => {
      if (Math.abs(value) === Infinity) return [[i, 'not finite']];
      if (Number.isNaN(value)) return [];
      if (limits && (value < limits[0] || value > limits[1])) return [[i, 'limits']];
      if (!isFar(levels[i], value)) runs[i] = [];
      else if (runs[i]!.length + 1 < readmit) {
        runs[i]!.push(value);
        return [[i, 'sd']];
      } else moving.push(i);
      return [];
    });
    for (const [i, reason] of replace === 'row' ? faults.slice(0, 1) : faults) {
      features[i]![reason]++;
      told.push({ sample, feature: i, value: row[i]!, reason });
    }
    if (replace === 'row' && faults.length > 0) {
      quarantined++;
      continue;
    }
    replaced += faults.length;
    for (const i of moving) [levels[i], warmUps[i], runs[i]] = [undefined, runs[i]!, []];
    for (const [i] of faults) row[i] = Number.NaN;
    for (const [i, value] of row.entries()) {
      if (Number.isNaN(value)) continue;
      (levels[i] ?? warmUps[i]!).push(value);
      if (levels[i] || warmUps[i]!.length < Math.max(2, warmup)) continue;
      levels[i] = startOf(warmUps[i]!, sd);
      warmUps[i] = [];
    }
    rows.push(row);
  }
  const stats = {
    rows: items.length,
    emitted: rows.length,
    quarantined,
    replaced,
    invalid,
    dropped: 0,
    features: { ...features },
  };
  return { rows, told, invalid: Array(invalid).fill(expect.anything()), stats: stats as never };
}

interface Model {
  readonly limits: readonly [number, number] | undefined;
  readonly sd: number;
  readonly warmup: number;
  readonly readmit: number;
  readonly replace: 'row' | 'value';
}
const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.constantFrom(60, -60, 1000) },
  fc.constantFrom(Infinity, -Infinity, Number.NaN, null, undefined),
);
/** Rows about a level, one stretch after the other. */
const stretch = fc
  .tuple(
    fc.constantFrom(0, 0, 40, 500),
    fc.constantFrom(1, 1, 0), // how far its whole numbers lie apart
    fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 14 }),
  )
  .map(([level, step, rows]) =>
    rows.map(([a, b]) => [typeof a === 'number' ? a * (Math.abs(a) > 3 ? 1 : step) + level : a, b]),
  );
const invalidRow = fc.constant([['x', 1]]);
const stream = fc
  .array(fc.oneof({ weight: 8, arbitrary: stretch }, invalidRow), { maxLength: 4 })
  .map((stretches) => stretches.flat() as unknown[][]);
const model = fc.record<Model>({
  limits: fc.constantFrom(undefined, [-100, 100], [0, Infinity]),
  sd: fc.constantFrom(1.3123456789, 2.128379167), // none that the deviation of whole numbers could be
  warmup: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 10, max: 12 })),
  readmit: fc.constantFrom(1, 2, 3, 5, Infinity),
  replace: fc.constantFrom('row', 'value'),
});

property.prop([stream, model], { numRuns: 10_000 })('it is the reference', (items, options) => {
  const { limits, ...rest } = options;
  const all = ran(items as number[][], limits ? { ...rest, limits } : rest);
  const expected = reference(items, options);
  expect(all.rows.map(({ data }) => [...data])).toEqual(expected.rows);
  expect(all.told).toEqual(expected.told);
  expect(all.invalid).toEqual(expected.invalid);
  const { stats } = all;
  expect(stats).toEqual({
    ...expected.stats,
    features: Object.keys(stats.features).length ? expected.stats.features : {},
  });
  const counted = Object.values(stats.features).flatMap((reasons) => Object.values(reasons));
  expect(counted.reduce((a, b) => a + b, 0)).toBe(stats.quarantined + stats.replaced);
  expect(stats.rows).toBe(items.length);
});
