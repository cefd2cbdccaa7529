import { from, map, Observable, of, repeat, retry, Subject, type Subscription, take, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import {
  type FloatArray,
  MaxAbsScaler,
  MinMaxScaler,
  minibatch,
  type StandardizeOptions,
  StandardScaler,
  type StandardScalerOptions,
  standardize,
  type Tensor,
  tensor,
  unbatch,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const first = map((y: { readonly data: FloatArray }) => y.data[0]!);

/** Everything that comes out of synchronous items, an error last. */
function out<T>(
  items: readonly T[],
  scaler?: Parameters<typeof standardize>[0],
  options?: StandardizeOptions<T>,
): unknown[] {
  const seen: unknown[] = [];
  from(items)
    .pipe(standardize<T>(scaler, options))
    .subscribe({ next: (y) => seen.push(y), error: (error: unknown) => seen.push(error) });
  return seen;
}
const values = (emitted: readonly unknown[]): number[] =>
  emitted.map((y) => (y as Tensor).data?.[0] ?? Number.NaN);

describe.each([
  ['options', () => standardize<number>()],
  ['an instance', () => standardize<number>(new StandardScaler(1))],
  ['a function', () => standardize<number>(() => new StandardScaler(1))],
])('marbles: %s', (_name, operator) => {
  const samples = { a: 1, b: 3 };
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-a-|', '-0-|'],
    ['many, each as it comes', 'a-b-|', '0-1-|'],
    ['error', 'a-b#', '0-1#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      const seen = cold<number>(source, samples).pipe(operator(), first);
      expectObservable(seen).toBe(expected, { 0: 0, 1: 1 });
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<number>('a-b-a-b-|', samples);
      expectObservable(source.pipe(operator(), first), '---!').toBe('0-1', { 0: 0, 1: 1 });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    endless.pipe(operator(), take(3)).subscribe();
    expect(produced).toBe(3);
  });

  test('a re-entrant source keeps order, and each row its own score', () => {
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source.pipe(operator()).subscribe(({ sample, data }) => {
      seen.push([sample, data[0]]);
      if (sample < 5) source.next(sample + 2);
    });
    source.next(1);
    const alone = out([1, 3, 5]) as { sample: number; data: FloatArray }[];
    expect(seen).toEqual(alone.map(({ sample, data }) => [sample, data[0]]));
  });
});

describe('order and warm-up', () => {
  const items = [2, 6, 4, 10];
  test.each<[StandardizeOptions<number>, number[]]>([
    // of 2 | 2, 6 | 2, 6, 4 | 2, 6, 4, 10
    [{}, [0, 1, 0, 4.5 / Math.sqrt(8.75)]],
    // of nothing | 2 | 2, 6 | 2, 6, 4
    [{ order: 'transform-then-learn' }, [2, 4, 0, 6 / Math.sqrt(8 / 3)]],
    [{ order: 'transform-then-learn', warmup: 1 }, [4, 0, 6 / Math.sqrt(8 / 3)]],
    [{ warmup: 2 }, [0, 4.5 / Math.sqrt(8.75)]],
    [{ warmup: 4 }, []],
  ])('%j', (options, expected) => {
    const seen = values(out(items, { dtype: 'float64' }, options));
    expect(seen).toHaveLength(expected.length);
    seen.forEach((y, i) => {
      expect(y).toBeCloseTo(expected[i]!, 14);
    });
  });

  test('a row is not in its own score', () => {
    for (const spike of [100, 1e9]) {
      const [y] = values(
        out([1, 2, 3, spike], { dtype: 'float64' }, { order: 'transform-then-learn', warmup: 3 }),
      );
      expect(y).toBeCloseTo((spike - 2) / Math.sqrt(2 / 3), spike === 100 ? 12 : 4);
    }
  });

  test('eval learns nothing, and waits for what others learn', () => {
    const scaler = new StandardScaler(1);
    const before = JSON.stringify(scaler);
    expect(values(out([1, 2], scaler, { mode: 'eval' }))).toEqual([1, 2]);
    expect(JSON.stringify(scaler)).toBe(before);
    expect(out([1, 2], scaler, { mode: 'eval', warmup: 2 })).toEqual([]);
    for (const x of [2, 6]) scaler.update([x]);
    const after = JSON.stringify(scaler);
    for (const order of ['learn-then-transform', 'transform-then-learn'] as const)
      expect(values(out([8, 4], scaler, { mode: 'eval', warmup: 2, order }))).toEqual([2, 0]);
    expect(JSON.stringify(scaler)).toBe(after);
  });

  test('a batch that begins within the warm-up is learned as a whole, and not emitted', () => {
    const batches = [tensor([2, 6], [2, 1]), tensor([2, 6], [2, 1]), tensor([4], [1, 1])];
    expect(out(batches, {}, { warmup: 3 })).toEqual([tensor([0], [1, 1])]);
    expect(out(batches, {}, { warmup: 2 })).toHaveLength(2);
  });
});

describe('samples', () => {
  test('with names, by a function, as arrays of any kind and as numbers', () => {
    const [a, b] = [
      { x: 1, y: 10 },
      { x: 3, y: 30 },
    ];
    const expected = [
      [0, 0],
      [1, 1],
    ];
    const rowsOf = (emitted: readonly unknown[]): number[][] =>
      (emitted as Tensor[]).map(({ data, shape }) => {
        expect(shape).toEqual([data.length]);
        return [...data];
      });
    expect(rowsOf(out([a, b], {}, { features: ['x', 'y'] }))).toEqual(expected);
    expect(rowsOf(out([a, b], {}, { features: ({ x, y }) => [x, y] }))).toEqual(expected);
    expect(rowsOf(out([[1, 10], Int16Array.of(3, 30)]))).toEqual(expected);
    expect(rowsOf(out([1, 3]))).toEqual([[0], [1]]);
  });

  test('leave as float32 rows that know their sample; float64 if asked', () => {
    const sample = { x: 1 };
    expect(out([sample], {}, { features: ['x'] })).toEqual([
      { data: Float32Array.of(0), shape: [1], sample },
    ]);
    expect((out([sample], {}, { features: ['x'] })[0] as { sample: object }).sample).toBe(sample);
    expect(out([5], { dtype: 'float64' })).toEqual([{ data: Float64Array.of(0), shape: [1], sample: 5 }]);
    const scaler = new MaxAbsScaler(1, { dtype: 'float64' });
    expect(out([5], scaler)).toEqual([{ data: Float64Array.of(1), shape: [1], sample: 5 }]);
  });

  test('are scaled in float64, and narrowed after', () => {
    const [, y] = values(out([1e9, 1e9 + 2], {}));
    expect(y).toBe(1);
  });

  test('that were emitted are never written again', () => {
    const seen = out([1, 2, 3]) as Tensor[];
    const copies = seen.map(({ data }) => [...data]);
    const scaler = new StandardScaler(1);
    const kept = out([1, 2, 3], scaler) as Tensor[];
    out([10, 20, 30], scaler);
    expect(kept.map(({ data }) => [...data])).toEqual(copies);
  });

  test('clip', () => {
    expect(values(out([1, 3, 1000, -1000], { clip: 1 }))).toEqual([0, 1, 1, -1]);
  });

  test('reading one may end the subscription: it is not learned from', () => {
    const scaler = new StandardScaler(1);
    const source = new Subject<{ x: number }>();
    const seen: unknown[] = [];
    const subscription: Subscription = source
      .pipe(standardize(scaler, { features: ['x'] }))
      .subscribe((y) => seen.push(y));
    source.next({
      get x() {
        subscription.unsubscribe();
        return 1;
      },
    });
    expect([seen, scaler.rows]).toEqual([[], 0]);
  });
});

describe('missing', () => {
  test.each([null, undefined, Number.NaN])('%s: refused, kept, or the mean', (gap) => {
    const items = [[1], [3], [gap as number], [5]];
    const refused = out(items);
    expect(refused[2]).toMatchObject({ code: 'EVENKEEL_MISSING', row: 2, feature: 0, value: gap });
    const kept = values(out(items, { missing: 'keep' }));
    expect(kept[2]).toBeNaN();
    const filled = values(out(items, { missing: 'mean' }));
    expect(filled[2]).toBe(0);
    expect(filled[3]).toBe(kept[3]);
    const scaler = new MinMaxScaler(1, { missing: 'mean' });
    expect(values(out(items, scaler))).toEqual([0, 1, 0.5, 1]);
    expect(values(out(items, () => new MinMaxScaler(1, { missing: 'keep' })))[2]).toBeNaN();
  });
});

describe('tensors', () => {
  test('a row of unbatch keeps its sample and its type', () => {
    const seen: unknown[] = [];
    from([{ t: 1 }, { t: 3 }])
      .pipe(minibatch({ size: 2, features: ['t'] }), unbatch(), standardize())
      .subscribe((row) => seen.push([row.sample.t, row.data, row.shape]));
    expect(seen).toEqual([
      [1, Float64Array.of(0), [1]],
      [3, Float64Array.of(1), [1]],
    ]);
    expect(out([tensor(Float32Array.of(7), [1])])).toEqual([tensor(Float32Array.of(0), [1])]);
  });

  test('a batch is learned and scaled as a whole, and keeps what it carried', () => {
    const seen: unknown[] = [];
    from([1, 3, 5])
      .pipe(minibatch({ size: 2 }), standardize({ dtype: 'float32' }))
      .subscribe(({ samples, data, shape }) => seen.push([samples, data, shape]));
    expect(seen).toEqual([
      [[1, 3], Float32Array.of(-1, 1), [2, 1]],
      [[5], Float32Array.of(Math.sqrt(1.5)), [1, 1]],
    ]);
  });

  test('of any rank, channels on axis 1', () => {
    const scaler = new MinMaxScaler(2);
    const [y] = out([tensor([0, 1, 2, 4, 10, 11, 12, 14], [1, 2, 2, 2])], scaler) as Tensor[];
    expect([...y!.data]).toEqual([0, 0.25, 0.5, 1, 0, 0.25, 0.5, 1]);
    expect(y!.shape).toEqual([1, 2, 2, 2]);
    expect(scaler.rows).toBe(1);
  });

  test('that do not fit are ShapeErrors', () => {
    for (const bad of [
      { data: Float64Array.of(1, 2), shape: [3] },
      { data: Float64Array.of(1, 2), shape: [] },
      { data: Float64Array.of(1, 2), shape: [2, 2] },
    ]) {
      expect(out<Tensor>([bad])).toEqual([expect.objectContaining({ code: 'EVENKEEL_SHAPE' })]);
    }
    const [, error] = out([tensor([1, 2], [1, 2]), tensor([1, 2, 3], [1, 3])]);
    expect(error).toMatchObject({ code: 'EVENKEEL_SHAPE' });
  });

  test('with a value that cannot be: nothing of the batch is learned, and the first does not say how many features', () => {
    const bad = tensor([1, 2, Infinity, 3, 4, 5], [2, 3]);
    const told: unknown[] = [];
    const onInvalid = (error: Error, item: unknown): unknown => told.push([error, item]);
    const seen = out([bad, tensor([1, 3], [2, 1])], {}, { onInvalid });
    expect(seen).toEqual([tensor([-1, 1], [2, 1])]);
    expect(told).toEqual([
      [expect.objectContaining({ code: 'EVENKEEL_NOT_FINITE', row: 0, feature: 2 }), bad],
    ]);
    expect(out([bad])).toEqual([expect.objectContaining({ code: 'EVENKEEL_NOT_FINITE' })]);
  });
});

describe('invalid samples', () => {
  const items = [[1, 2], 'x', [3], [3, Infinity], [3, 4]] as number[][];
  test('end the stream, by row of the stream, feature and value', () => {
    const scaler = new StandardScaler(2);
    const [, error] = out(items, scaler);
    expect(error).toMatchObject({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1, value: 'x' });
    expect(scaler.rows).toBe(1);
    const named = out([{ a: 1 }, { a: '2' as never }], {}, { features: ['a'] });
    expect(named[1]).toMatchObject({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: 'a', value: '2' });
  });

  test('or are told and left out, and the rest is as if they had not been', () => {
    const told: unknown[] = [];
    const seen = out(items, {}, { onInvalid: ({ code, row }, sample) => told.push([code, row, sample]) });
    expect(told).toEqual([
      ['EVENKEEL_NOT_A_NUMBER', 1, 'x'],
      ['EVENKEEL_ARITY', 2, [3]],
      ['EVENKEEL_NOT_FINITE', 3, [3, Infinity]],
    ]);
    expect(seen).toEqual(out([items[0]!, items[4]!]));
  });

  test('a row tensor at fault is told as it came, and counted among the rows', () => {
    const bad = tensor([Number.NaN], [1]);
    const told: unknown[] = [];
    out([tensor([1], [1]), bad], {}, { onInvalid: ({ row, code }, item) => told.push([row, code, item]) });
    expect(told).toEqual([[1, 'EVENKEEL_MISSING', bad]]);
  });

  test('the arity is the scaler’s, from the first row on', () => {
    for (const scaler of [new StandardScaler(2), () => new StandardScaler(2)]) {
      const [error] = out([[1, 2, 3]], scaler);
      expect(error).toMatchObject({ code: 'EVENKEEL_ARITY', row: 0 });
      const told: unknown[] = [];
      const seen = out(
        [
          [1, 2, 3],
          [1, 2],
        ],
        scaler,
        { onInvalid: ({ row }) => told.push(row) },
      );
      expect([seen.length, told]).toEqual([1, [0]]);
    }
  });

  test('what a function of the user throws is its own error', () => {
    const mine = new Error('mine');
    const features = (): never => {
      throw mine;
    };
    expect(out([1], {}, { features, onInvalid: () => {} })).toEqual([mine]);
    const onInvalid = features;
    expect(out(['x' as never], {}, { onInvalid })).toEqual([mine]);
  });
});

describe('state', () => {
  test('options and functions: fresh for each subscription', () => {
    for (const scaler of [{}, () => new MinMaxScaler(1)]) {
      const scaled = from([1, 3, 2]).pipe(standardize<number>(scaler), first, toArray());
      const seen: number[][] = [];
      for (const _ of [1, 2]) scaled.subscribe((all) => seen.push(all));
      expect(seen[1]).toEqual(seen[0]);
    }
  });

  test('options: the features are those of the first row of each subscription', () => {
    const operator = standardize<number[]>();
    const lengths: number[] = [];
    for (const row of [[1], [1, 2]])
      of(row)
        .pipe(operator)
        .subscribe(({ data }) => lengths.push(data.length));
    expect(lengths).toEqual([1, 2]);
  });

  test('options: as they were when given', () => {
    const options: { clip?: number } & StandardScalerOptions = { clip: 1 };
    const operator = standardize<number>(options);
    options.clip = 1e9;
    const seen: number[] = [];
    from([1, 3, 1e6])
      .pipe(operator, first)
      .subscribe((y) => seen.push(y));
    expect(seen[2]).toBe(1);
  });

  test('an instance outlives retry, repeat and resubscription, and its warm-up with it', () => {
    const scaler = new StandardScaler(1);
    let lives = 0;
    const flaky = new Observable<number>((out) => {
      out.next(lives);
      if (lives++ < 2) out.error(new Error('gone'));
      else out.complete();
    });
    const seen: unknown[] = [];
    const scaled = flaky.pipe(standardize(scaler, { warmup: 2 }));
    scaled.pipe(retry(), repeat(2)).subscribe(({ sample }) => seen.push(sample));
    scaled.subscribe(({ sample }) => seen.push(sample));
    expect(seen).toEqual([2, 3, 4]);
    expect([scaler.rows, scaler.moments.mean[0]]).toEqual([5, 2]);
  });
});

describe('what is asked for is checked at once', () => {
  test.each<[() => unknown, string]>([
    [() => standardize({ eps: 1 } as never), 'options.eps'],
    [() => standardize({ running: 'average' } as never), 'running'],
    [() => standardize(5 as never), 'options'],
    [() => standardize(StandardScaler as never), 'scaler'],
    [() => standardize({}, { order: 'first' } as never), 'order'],
    [() => standardize({}, { warmup: 1.5 }), 'warmup'],
    [() => standardize({}, { warmup: -1 }), 'warmup'],
    [() => standardize({}, { mode: 'test' } as never), 'mode'],
    [() => standardize({}, { onInvalid: 'skip' } as never), 'onInvalid'],
    [() => standardize({}, { features: [] }), 'features'],
    [() => standardize({}, { missing: 'keep' } as never), 'options.missing'],
    [() => standardize(new StandardScaler(2), { features: ['a'] }), 'features'],
  ])('%# %s', (make, option) => {
    expect(thrownBy(make)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test('what a function makes, when it makes it', () => {
    expect(out([1], (() => ({})) as never)).toEqual([
      expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'scaler()' }),
    ]);
    expect(out([{ a: 1 }], () => new StandardScaler(2), { features: ['a'] })).toEqual([
      expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'features' }),
    ]);
  });
});

describe('event times', () => {
  const readings = [
    { x: 1, at: 0 },
    { x: 3, at: 10 },
    { x: 9, at: 1000 },
    { x: 11, at: 1005 },
  ];
  const options = { features: ['x'], timestamp: 'at' };
  const window = { running: { windowMs: 64 }, dtype: 'float64' } as const;

  test('are told to the scaler: samples, rows and batches', () => {
    expect(values(out(readings, window, options))).toEqual([0, 1, 0, 1]);
    const rows = readings.map(({ x, at }) => ({ ...tensor([x], [1]), at }));
    expect(values(out(rows, window, { timestamp: ({ at }) => at }))).toEqual([0, 1, 0, 1]);
    const seen: number[] = [];
    from(readings)
      .pipe(minibatch({ size: 2, ...options }), standardize(window))
      .subscribe(({ data, times }) => seen.push(...data, times!.length));
    expect(seen).toEqual([-1, 1, 2, -1, 1, 2]);
  });

  test('of a batch of other rows, or of none, are errors, and nothing was learned', () => {
    const scaler = new StandardScaler(1, window);
    const batch = tensor([1, 3], [2, 1]);
    expect(out([batch], scaler)).toEqual([expect.objectContaining({ option: 'times' })]);
    expect(out([readings[0]!.x], scaler)).toEqual([expect.objectContaining({ option: 'timestamp' })]);
    expect(scaler.rows).toBe(0);
  });

  test('transform before learning too', () => {
    const order = 'transform-then-learn';
    expect(values(out(readings, window, { ...options, order, warmup: 1 }))).toEqual([2, 7, 2]);
  });

  test('a sample without one is refused like any other', () => {
    const bad = { x: 5, at: undefined as never };
    const told: unknown[] = [];
    const onInvalid = ({ row, feature }: { row: number; feature?: unknown }, sample: unknown): unknown =>
      told.push([row, feature, sample]);
    const items = [readings[0]!, bad, readings[1]!];
    expect(values(out(items, window, { ...options, onInvalid }))).toEqual([0, 1]);
    expect(told).toEqual([[1, 'at', bad]]);
    expect(out(items, window, options)[1]).toMatchObject({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1 });
  });
});
