import { fc, test as property } from '@fast-check/vitest';
import {
  asapScheduler,
  concat,
  defer,
  from,
  NEVER,
  Observable,
  of,
  queueScheduler,
  retry,
  Subject,
  take,
  throwError,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import { type Batch, type MinibatchOptions, minibatch, SampleError, tensor } from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const batch = (...samples: number[]): Batch<number> => ({
  data: Float64Array.from(samples),
  shape: [samples.length, 1],
  samples,
});
const values = { a: 1, b: 2, c: 3, d: 4, e: 5 };

describe('minibatch: marbles', () => {
  test('never stays silent, whatever the wait', () => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold<number>('-').pipe(minibatch({ size: 2, maxWaitMs: 3 })), '10ms !').toBe('-');
    });
  });

  test('empty completes without a batch', () => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold<number>('--|').pipe(minibatch({ size: 2, maxWaitMs: 1 }))).toBe('--|');
    });
  });

  test('a single sample leaves at completion', () => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold('a-|', values).pipe(minibatch({ size: 2 }))).toBe('--(x|)', { x: batch(1) });
    });
  });

  test('a batch leaves as soon as it is full, and keeps its samples', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-d-e-|', values);
      const expected = { x: batch(1, 2), y: batch(3, 4), z: batch(5) };
      expectObservable(source.pipe(minibatch({ size: 2 }))).toBe('---x---y---(z|)', expected);
      expectSubscriptions(source.subscriptions).toBe('^----------!');
    });
  });

  test('a batch leaves maxWaitMs after its first row, and the next wait starts at the next row', () => {
    scheduler().run(({ cold, expectObservable }) => {
      const source = cold('a-b 10ms c 9ms |', values);
      const expected = { x: batch(1, 2), y: batch(3) };
      expectObservable(source.pipe(minibatch({ size: 9, maxWaitMs: 5 }))).toBe(
        '5ms x 12ms y 4ms |',
        expected,
      );
    });
  });

  test('count is sooner than time: the wait of a full batch does not close the next one', () => {
    scheduler().run(({ cold, expectObservable }) => {
      const source = cold('ab--c 20ms |', values);
      const expected = { x: batch(1, 2), y: batch(3) };
      expectObservable(source.pipe(minibatch({ size: 2, maxWaitMs: 5 }))).toBe('-x 7ms y 15ms |', expected);
    });
  });

  test('an error comes after what was gathered', () => {
    scheduler().run(({ cold, expectObservable }) => {
      const source = cold('abc-#', values);
      expectObservable(source.pipe(minibatch({ size: 2 }))).toBe('-x--(y#)', { x: batch(1, 2), y: batch(3) });
      expectObservable(source.pipe(minibatch({ size: 2, partial: 'drop' }))).toBe('-x--#', {
        x: batch(1, 2),
      });
    });
  });

  test('partial: drop leaves out the rest', () => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold('abc|', values).pipe(minibatch({ size: 2, partial: 'drop' }))).toBe('-x-|', {
        x: batch(1, 2),
      });
    });
  });

  test('unsubscribing early ends the source and leaves no timer', () => {
    const time = scheduler();
    time.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-d-|', values);
      expectObservable(source.pipe(minibatch({ size: 4, maxWaitMs: 50 })), '----!').toBe('-----');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
    expect(time.actions).toEqual([]);
  });
});

describe('minibatch: subscriptions', () => {
  type Act = (source: Subject<number>, stop: () => void) => void;
  test.each<[string, Act]>([
    ['unsubscribe', (_source, stop) => stop()],
    ['complete', (source) => source.complete()],
    ['error', (source) => source.error(new Error('gone'))],
    ['a full batch', (source) => [2, 3].forEach((x) => void source.next(x))],
  ])('no timer is left after %s', (_how, act) => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<number>();
    const subscription = source
      .pipe(minibatch({ size: 3, maxWaitMs: 1000, scheduler: clock }))
      .subscribe({ error: () => {} });
    source.next(1);
    expect(clock.actions.filter((action) => !action.closed).length).toBe(1);
    act(source, () => subscription.unsubscribe());
    expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
  });

  test.each<[string, Act]>([
    ['unsubscribe', (_source, stop) => stop()],
    ['complete', (source) => source.complete()],
    ['error', (source) => source.error(new Error('gone'))],
  ])('no timer is left when reading a sample ends it: %s', (how, act) => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<number>();
    const seen: unknown[] = [];
    const features = (x: number): number[] => {
      if (x === 2) act(source, () => subscription.unsubscribe());
      return [x];
    };
    const subscription = source
      .pipe(minibatch({ size: 3, maxWaitMs: 1000, scheduler: clock, features }))
      .subscribe({ next: ({ samples }) => seen.push(samples), error: () => {} });
    source.next(1);
    source.next(2);
    expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
    expect(seen).toEqual(how === 'unsubscribe' ? [] : [[1]]);
  });

  test('a synchronous source stops as soon as the subscriber has enough', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    const taken: number[][] = [];
    endless.pipe(minibatch({ size: 3 }), take(2)).subscribe((x) => taken.push([...x.data]));
    expect(taken).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(produced).toBe(6);
  });

  test('a re-entrant source keeps its order and loses nothing', () => {
    const source = new Subject<number>();
    const seen: Batch<number>[] = [];
    source.pipe(minibatch({ size: 2 })).subscribe((x) => {
      seen.push(x);
      const last = x.data[1]!;
      if (last < 7) for (const next of [last + 1, last + 2]) source.next(next);
    });
    source.next(0);
    source.next(1);
    expect(seen).toEqual([batch(0, 1), batch(2, 3), batch(4, 5), batch(6, 7)]);
  });

  describe('a row whose reading runs code', () => {
    type Row = readonly number[];
    /** A row that does something when the value at `index` is read, once. */
    const acting = (values: number[], index: number, act: () => void): Row => {
      const value = values[index]!;
      let done = false;
      return Object.defineProperty([...values], index, {
        get: () => {
          if (!done) {
            done = true;
            act();
          }
          return value;
        },
      });
    };
    const pipe = (options: Omit<MinibatchOptions<Row>, 'features'>) => {
      const source = new Subject<Row>();
      const kept: { x: Batch<Row>; was: number[] }[] = [];
      source.pipe(minibatch(options)).subscribe({ next: (x) => kept.push({ x, was: [...x.data] }) });
      /** Rows as their batches have them, once it is seen that these are as they were, and fit their samples. */
      const rows = (): number[][] =>
        kept.flatMap(({ x: { data, samples, shape }, was }) => {
          expect([...data]).toEqual(was);
          const given = samples.map((sample) => [...sample]);
          expect(given.flat()).toEqual(was);
          expect(shape).toEqual([given.length, given[0]!.length]);
          return given;
        });
      return { source, rows };
    };

    test.each([0, 1])('may push another row from value %i: both are there, that one first', (index) => {
      for (const size of [1, 2, 3]) {
        const { source, rows } = pipe({ size });
        source.next([1, 1]);
        source.next(acting([7, 8], index, () => source.next([2, 2])));
        source.next([3, 3]);
        source.complete();
        expect(rows()).toEqual([
          [1, 1],
          [2, 2],
          [7, 8],
          [3, 3],
        ]);
      }
    });

    test('may push the first row, which says how many values there are', () => {
      const onInvalid = vi.fn();
      const { source, rows } = pipe({ size: 2, onInvalid });
      const first = acting([1, 2], 0, () => source.next([7, 8, 9]));
      source.next(first);
      source.next([4, 5, 6]);
      expect(rows()).toEqual([
        [7, 8, 9],
        [4, 5, 6],
      ]);
      expect(onInvalid).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ code: 'EVENKEEL_ARITY', row: 0 }),
        first,
      );
    });

    test.each(['names', 'a function'])('by %s too', (by) => {
      const source = new Subject<{ a: number; b: number }>();
      const seen: number[] = [];
      const features = by === 'names' ? ['a', 'b'] : (x: { a: number; b: number }) => [x.a, x.b];
      const onInvalid = vi.fn();
      source.pipe(minibatch({ size: 2, features, onInvalid })).subscribe(({ data }) => seen.push(...data));
      source.next({ a: 1, b: 1 });
      source.next({
        a: 7,
        get b() {
          for (const x of [2, Number.NaN, 3, 4, 5]) source.next({ a: x, b: x });
          return 8;
        },
      });
      expect(seen).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 7, 8]);
      expect(onInvalid).toHaveBeenCalledOnce();
    });

    test('may push rows to any depth', () => {
      const { source, rows } = pipe({ size: 4 });
      const nested = (depth: number): Row =>
        acting([depth, -depth], depth % 2, () => {
          if (depth < 6) source.next(nested(depth + 1));
          source.next([10 * depth, depth]);
        });
      source.next(nested(1));
      source.next([0, 0]);
      source.complete();
      const expected = [6, 5, 4, 3, 2, 1].flatMap((depth) => [
        [10 * depth, depth],
        [depth, -depth],
      ]);
      expect(rows()).toEqual([...expected, [0, 0]]);
    });

    test('is read once, value by value, and no further than its fault', () => {
      const read: number[] = [];
      const watched = (values: unknown[]): Row =>
        new Proxy(values, {
          get: (target, key) => {
            if (typeof key === 'string' && /^\d+$/.test(key)) read.push(Number(key));
            return Reflect.get(target, key);
          },
        }) as Row;
      from([watched([1, 2, 3]), watched([1, 'x', 3])])
        .pipe(minibatch({ size: 2, onInvalid: () => {} }))
        .subscribe();
      expect(read).toEqual([0, 1, 2, 0, 1]);
    });

    test('may see the batch before it leave', () => {
      const clock = new VirtualTimeScheduler();
      const { source, rows } = pipe({ size: 9, maxWaitMs: 5, scheduler: clock });
      source.next([1, 1]);
      source.next(acting([5, 6], 1, () => clock.flush()));
      source.next([7, 7]);
      source.complete();
      expect(rows()).toEqual([
        [1, 1],
        [5, 6],
        [7, 7],
      ]);
    });
  });

  test('a batch far larger than what is first made room for has every row', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => [i, -i]);
    const seen: Batch<number[]>[] = [];
    from(rows)
      .pipe(minibatch({ size: 3000 }))
      .subscribe((x) => seen.push(x));
    expect(seen).toEqual([{ data: Float64Array.from(rows.flat()), shape: [3000, 2], samples: rows }]);
  });

  test('each subscription has its own rows', () => {
    const source = new Subject<number>();
    const [one, two]: [number[][], number[][]] = [[], []];
    const batches = source.pipe(minibatch({ size: 2 }));
    batches.subscribe((x) => one.push([...x.data]));
    source.next(1);
    batches.subscribe((x) => two.push([...x.data]));
    source.next(2);
    source.next(3);
    expect(one).toEqual([[1, 2]]);
    expect(two).toEqual([[2, 3]]);
  });

  test('under retry, the rows before a failure are emitted, once', () => {
    let lives = 0;
    const flaky = defer(() =>
      concat(of(10 * lives + 1), lives++ < 2 ? throwError(() => new Error('gone')) : of(99)),
    );
    const seen: number[][] = [];
    flaky.pipe(minibatch({ size: 2 }), retry()).subscribe((x) => seen.push([...x.data]));
    expect(seen).toEqual([[1], [11], [21, 99]]);
  });

  test('real time: a batch leaves on the scheduler given, none other', () =>
    new Promise<void>((done) => {
      concat(of(1, 2), NEVER)
        .pipe(minibatch({ size: 9, maxWaitMs: 0, scheduler: asapScheduler }), take(1))
        .subscribe({ next: (x) => expect(x.samples).toEqual([1, 2]), complete: done });
    }));

  test('a scheduler that fires at once closes every batch, not only the first', () => {
    const source = new Subject<number>();
    const seen: number[][] = [];
    source
      .pipe(minibatch({ size: 9, maxWaitMs: 0, scheduler: queueScheduler }))
      .subscribe((x) => seen.push([...x.data]));
    for (const x of [1, 2, 3]) source.next(x);
    expect(seen).toEqual([[1], [2], [3]]);
  });

  test('a batch is never written again: full, partial and by time', () => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<readonly number[]>();
    const kept: { x: Batch<readonly number[]>; was: string }[] = [];
    source
      .pipe(minibatch({ size: 3, maxWaitMs: 5, scheduler: clock }))
      .subscribe((x) => kept.push({ x, was: JSON.stringify([...x.data, x.shape, x.samples]) }));
    for (let i = 0; i < 20; i++) {
      source.next([i, -i]);
      if (i % 5 === 0) clock.flush();
    }
    expect(kept.length).toBeGreaterThan(6);
    for (const { x, was } of kept) expect(JSON.stringify([...x.data, x.shape, x.samples])).toBe(was);
    expect(new Set(kept.map(({ x }) => x.data.buffer)).size).toBe(kept.length);
  });

  test('a size far above what comes costs no memory: it is a bound, not an allocation', async () => {
    const [x] = await new Promise<Batch<number>[]>((done) => {
      from([1, 2, 3])
        .pipe(minibatch({ size: 2 ** 40 }), toArray())
        .subscribe(done);
    });
    expect(x!.data.buffer.byteLength).toBe(24);
  });

  test.each([2 ** 27, 2 ** 40, Number.MAX_SAFE_INTEGER, -1])(
    'nor does a row that says it has %d values',
    (length) => {
      const [seen, told]: [unknown[], unknown[]] = [[], []];
      from([length, 3])
        .pipe(
          minibatch({
            size: 2,
            features: (length) => ({ length, 0: 1, 1: 2, 2: 3 }) as ArrayLike<number>,
            onInvalid: (error) => told.push(error),
          }),
        )
        .subscribe(({ data }) => seen.push([...data]));
      expect(told).toMatchObject([{ code: 'EVENKEEL_ARITY', row: 0 }]);
      expect(seen).toEqual([[1, 2, 3]]);
    },
  );
});

describe('minibatch: samples', () => {
  const rows = <T>(samples: readonly T[], options: Partial<Parameters<typeof minibatch<T>>[0]>): unknown => {
    const seen: unknown[] = [];
    from(samples)
      .pipe(minibatch<T>({ size: 2, ...options }))
      .subscribe({ next: (x) => seen.push([x.shape, ...x.data]), error: (e) => seen.push(e) });
    return seen;
  };

  test('numbers, arrays, typed arrays, rows `[C]`, named features and functions', () => {
    const expected = [[[2, 2], 1, 2, 3, 4]];
    expect(rows([1, 2], {})).toEqual([[[2, 1], 1, 2]]);
    expect(
      rows(
        [
          [1, 2],
          [3, 4],
        ],
        {},
      ),
    ).toEqual(expected);
    expect(rows([Float32Array.of(1, 2), Float64Array.of(3, 4)], {})).toEqual(expected);
    expect(rows([tensor([1, 2], [2]), tensor(Float32Array.of(3, 4), [2])], {})).toEqual(expected);
    expect(
      rows(
        [
          { b: 2, a: 1 },
          { a: 3, b: 4 },
        ],
        { features: ['a', 'b'] },
      ),
    ).toEqual(expected);
    expect(rows([{ v: [1, 2] }, { v: [3, 4] }], { features: (s) => s.v })).toEqual(expected);
  });

  test('batches are float64 unless asked otherwise', () => {
    const [x] = rows([0.1, 0.2], {}) as [[unknown, number, number]];
    expect(x[1]).toBe(0.1);
    const [y] = rows([0.1, 0.2], { dtype: 'float32' }) as [[unknown, number, number]];
    expect(y[1]).toBe(Math.fround(0.1));
  });

  test('missing: kept as NaN where asked', () => {
    expect(
      rows(
        [
          [1, null],
          [undefined, Number.NaN],
        ],
        { missing: 'keep' } as never,
      ),
    ).toEqual([[[2, 2], 1, Number.NaN, Number.NaN, Number.NaN]]);
    expect(rows([null, 1], { missing: 'keep' } as never)).toEqual([[[2, 1], Number.NaN, 1]]);
    expect(rows(['', 1], { missing: 'keep' } as never)).toMatchObject([
      { code: 'EVENKEEL_NOT_A_NUMBER', value: '' },
    ]);
    expect(rows([null, 1], { missing: 'keep', features: ['a'] } as never)).toMatchObject([
      { code: 'EVENKEEL_NOT_A_NUMBER', value: null },
    ]);
  });

  const bad: [unknown, Partial<SampleError>, object?][] = [
    [Number.NaN, { code: 'EVENKEEL_MISSING', row: 1, feature: 0, value: Number.NaN }],
    [null, { code: 'EVENKEEL_MISSING', row: 1, feature: 0, value: null }],
    [undefined, { code: 'EVENKEEL_MISSING', row: 1, feature: 0, value: undefined }],
    [[null], { code: 'EVENKEEL_MISSING', row: 1, feature: 0, value: null }],
    [[undefined], { code: 'EVENKEEL_MISSING', row: 1, feature: 0, value: undefined }],
    [new Array(1), { code: 'EVENKEEL_MISSING', row: 1, feature: 0, value: undefined }],
    [Infinity, { code: 'EVENKEEL_NOT_FINITE', row: 1, feature: 0, value: Infinity }],
    [[-Infinity], { code: 'EVENKEEL_NOT_FINITE', row: 1, feature: 0, value: -Infinity }],
    ['1', { code: 'EVENKEEL_NOT_A_NUMBER', row: 1, value: '1' }],
    [['1'], { code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: 0, value: '1' }],
    [[[1]], { code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: 0 }],
    [1n, { code: 'EVENKEEL_NOT_A_NUMBER', row: 1, value: 1n }],
    [true, { code: 'EVENKEEL_NOT_A_NUMBER', row: 1, value: true }],
    [
      { 0: 1, length: 1 },
      { code: 'EVENKEEL_NOT_A_NUMBER', row: 1 },
    ],
    [[], { code: 'EVENKEEL_ARITY', row: 1, feature: undefined }],
    [[1, 2], { code: 'EVENKEEL_ARITY', row: 1, feature: undefined }],
    [new DataView(new ArrayBuffer(8)), { code: 'EVENKEEL_NOT_A_NUMBER', row: 1 }],
  ];

  test.each(bad)('%# refuses %o, naming where', (value, error) => {
    const seen = rows([5, value], {}) as [unknown, SampleError];
    expect(seen[0]).toEqual([[1, 1], 5]);
    expect(seen[1]).toBeInstanceOf(RangeError);
    expect(seen[1]).toMatchObject(error);
  });

  test.each(bad)('%# leaves out %o where onInvalid takes it', (value, error) => {
    const onInvalid = vi.fn();
    expect(rows([5, value, 6], { onInvalid })).toEqual([[[2, 1], 5, 6]]);
    expect(onInvalid).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(error), value);
  });

  test('among rows of several values, a lone sample is named as it came', () => {
    const code = 'EVENKEEL_ARITY';
    expect(rows<unknown>([[1, 2], 5], {})).toMatchObject([[[1, 2], 1, 2], { code, row: 1, value: 5 }]);
    expect(rows<unknown>([[1, 2], null], {})).toMatchObject([[[1, 2], 1, 2], { code, row: 1, value: null }]);
    expect(rows<unknown>([[1, 2], '34'], {})).toMatchObject([
      [[1, 2], 1, 2],
      { code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: undefined, value: '34' },
    ]);
  });

  test('names the feature by name', () => {
    const seen = rows([{ a: 1 }, { a: 1, b: 'x' }], { features: ['a', 'b'], onInvalid: 'error' } as never);
    expect(seen).toMatchObject([{ code: 'EVENKEEL_MISSING', row: 0, feature: 'b', value: undefined }]);
    expect(rows([null, 7], { features: ['a'] } as never)).toMatchObject([
      { code: 'EVENKEEL_NOT_A_NUMBER', value: null },
    ]);
  });

  test('a function may give any array-like; what else it gives is named as it is', () => {
    const given = (row: unknown): unknown => rows<unknown>([{ a: 1 }], { features: () => row as number[] });
    expect(given({ length: 2, 0: 5, 1: 6 })).toEqual([[[1, 2], 5, 6]]);
    for (const value of ['abc', 5, null, undefined, {}, { length: -0.5 }]) {
      expect(given(value)).toMatchObject([{ code: 'EVENKEEL_NOT_A_NUMBER', row: 0, value }]);
    }
  });

  test('a value that float32 cannot hold is refused, not turned into Infinity', () => {
    const beyond = 2 ** 128 - 2 ** 103; // halfway from float32's last to 2^128: rounds up
    const last = beyond * (1 - Number.EPSILON / 2);
    expect([Math.fround(last) < Infinity, Math.fround(beyond)]).toEqual([true, Infinity]);
    for (const value of [1e39, beyond, -beyond])
      expect(rows([value], { dtype: 'float32' })).toMatchObject([{ code: 'EVENKEEL_NOT_FINITE', value }]);
    expect(rows([last, -last], { dtype: 'float32' })).toEqual([
      [[2, 1], Math.fround(last), Math.fround(-last)],
    ]);
  });

  test('__proto__ from JSON is data, never a prototype', () => {
    const hostile = JSON.parse('{"__proto__": {"a": 5}}');
    expect(rows([hostile], { features: ['a'] })).toMatchObject([{ code: 'EVENKEEL_MISSING', feature: 'a' }]);
    expect(rows([{ x: 1 }], { features: ['__proto__'] })).toMatchObject([{ code: 'EVENKEEL_NOT_A_NUMBER' }]);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  test('an exception in features or onInvalid is an error notification', () => {
    const oops = new Error('oops');
    const fail = (): never => {
      throw oops;
    };
    expect(rows([1], { features: fail })).toEqual([oops]);
    expect(rows([1, 'x'], { onInvalid: fail } as never)).toEqual([[[1, 1], 1], oops]);
  });

  test('an exception in features is its own, whatever it is: not an invalid sample', () => {
    const onInvalid = vi.fn();
    for (const oops of [new Error('oops'), new SampleError('EVENKEEL_MISSING', 77, 'q', 2)]) {
      const features = (x: number): number[] => {
        if (x === 2) throw oops;
        return [x];
      };
      expect(rows([1, 2, 3], { features, onInvalid })).toEqual([[[1, 1], 1], oops]);
    }
    const getter = Object.defineProperty([0], 0, {
      get: () => {
        throw oops;
      },
    });
    const oops = new Error('oops');
    expect(rows<unknown>([[1], getter, [3]], { onInvalid })).toEqual([[[1, 1], 1], oops]);
    expect(onInvalid).not.toHaveBeenCalled();
  });

  test('nor is one in a getter, of an array or by name', () => {
    const onInvalid = vi.fn();
    const oops = new SampleError('EVENKEEL_MISSING', 77, 'q', 2);
    const get = (): never => {
      throw oops;
    };
    for (const [sample, features] of [
      [Object.defineProperty([0], 0, { get }), undefined],
      [Object.defineProperty({}, 'a', { get }), ['a']],
    ] as const) {
      expect(rows<unknown>([sample], features ? { features, onInvalid } : { onInvalid })).toEqual([oops]);
    }
    expect(onInvalid).not.toHaveBeenCalled();
  });

  test.each(['features', 'onInvalid'])('an exception in %s never reaches the producer', (option) => {
    const oops = new Error('oops');
    const fail = (x: unknown): number[] => {
      if (x !== 1) throw oops;
      return [1];
    };
    const source = new Subject<unknown>();
    const seen: unknown[] = [];
    source
      .pipe(minibatch({ size: 5, [option]: option === 'features' ? fail : () => fail(0) }))
      .subscribe({ next: ({ samples }) => seen.push(samples), error: (e) => seen.push(e) });
    source.next(1);
    source.next('x');
    expect(seen).toEqual([[1], oops]);
    expect(source.observed).toBe(false);
  });

  test('faults are counted as rows, whatever their kind', () => {
    const told: unknown[] = [];
    const onInvalid = ({ row, code }: SampleError): void => void told.push([row, code]);
    expect(rows<unknown>([[1], 'x', [2, 3], null, {}, 'y', [4]], { size: 9, onInvalid })).toEqual([
      [[2, 1], 1, 4],
    ]);
    expect(told).toEqual([
      [1, 'EVENKEEL_NOT_A_NUMBER'],
      [2, 'EVENKEEL_ARITY'],
      [3, 'EVENKEEL_MISSING'],
      [4, 'EVENKEEL_NOT_A_NUMBER'],
      [5, 'EVENKEEL_NOT_A_NUMBER'],
    ]);
  });

  test('a first row that is refused does not say how many values there are', () => {
    const onInvalid = (): void => {};
    const bad = [Number.NaN, 1];
    expect(rows([bad, [1, 2, 3], [4, 5, 6]], { onInvalid })).toEqual([[[2, 3], 1, 2, 3, 4, 5, 6]]);
  });

  test('names are those that were given, whatever becomes of the array', () => {
    const features = ['a'];
    const operator = minibatch<{ a: number }>({ size: 1, features });
    features[0] = 'b';
    const seen: unknown[] = [];
    of({ a: 5 })
      .pipe(operator)
      .subscribe(({ data }) => seen.push(...data));
    expect(seen).toEqual([5]);
  });
});

describe('minibatch: options', () => {
  test.each([
    ['size', 0],
    ['size', 1.5],
    ['size', -1],
    ['size', '8'],
    ['size', Number.NaN],
    ['maxWaitMs', -1],
    ['maxWaitMs', 2 ** 31],
    ['maxWaitMs', '5'],
    ['maxWaitMs', Infinity],
    ['partial', 'keep'],
    ['onInvalid', 'skip'],
    ['missing', 'mean'],
    ['dtype', 'float16'],
    ['features', 'a'],
    ['features', []],
    ['features[1]', ['a', 'a']],
    ['features[0]', ['']],
    ['features[0]', [1]],
    ['scheduler', {}],
    ['scheduler', null],
    ['options.sise', 3],
  ])('%s = %o is refused at once', (option, value) => {
    const key = option.replace('options.', '').replace(/\[.*/, '');
    expect(() => minibatch({ size: 2, [key]: value } as never)).toThrow(
      expect.objectContaining({ code: 'EVENKEEL_OPTION', option }),
    );
  });
});

describe('event times', () => {
  interface Reading {
    readonly x: number;
    readonly at: number | Date;
  }
  const readings: Reading[] = [
    { x: 1, at: 5 },
    { x: 2, at: new Date(3) },
    { x: 3, at: 9 },
  ];
  const timesOf = (options: MinibatchOptions<Reading>): unknown[] => {
    const seen: unknown[] = [];
    from(readings)
      .pipe(minibatch({ features: ['x'], ...options }))
      .subscribe({ next: ({ times }) => seen.push(times), error: (error: unknown) => seen.push(error) });
    return seen;
  };

  test('are those of the rows of each batch, by name or by a function; else there are none', () => {
    const expected = [Float64Array.of(5, 3), Float64Array.of(9)];
    expect(timesOf({ size: 2, timestamp: 'at' })).toEqual(expected);
    expect(timesOf({ size: 2, timestamp: ({ at }) => at })).toEqual(expected);
    expect(timesOf({ size: 2 })).toEqual([undefined, undefined]);
  });

  test('a sample without one is refused like any other, and is no row', () => {
    const timestamp = ({ x, at }: Reading): number => (x === 2 ? Number.NaN : Number(at));
    expect(timesOf({ size: 3, timestamp })).toEqual([
      Float64Array.of(5),
      expect.objectContaining({
        code: 'EVENKEEL_NOT_A_NUMBER',
        row: 1,
        feature: 'timestamp',
        value: Number.NaN,
      }),
    ]);
    const onInvalid = vi.fn();
    expect(timesOf({ size: 3, timestamp, onInvalid })).toEqual([Float64Array.of(5, 9)]);
    expect(onInvalid).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ row: 1 }), readings[1]);
  });

  test('a time no Date could be is none', () => {
    expect(timesOf({ size: 3, timestamp: () => 8.65e15 })).toEqual([
      expect.objectContaining({ code: 'EVENKEEL_NOT_A_NUMBER', row: 0, value: 8.65e15 }),
    ]);
  });

  test('stay with their rows when reading one pushes another', () => {
    const source = new Subject<Reading>();
    const seen: unknown[] = [];
    source
      .pipe(minibatch({ size: 2, features: ['x'], timestamp: 'at' }))
      .subscribe(({ data, times }) => seen.push([[...data], [...times!]]));
    source.next({
      get x() {
        source.next({ x: 7, at: 70 });
        return 1;
      },
      at: 10,
    });
    expect(seen).toEqual([
      [
        [7, 1],
        [70, 10],
      ],
    ]);
  });

  test.each(['', 5, null])('as %j are refused at once', (timestamp) => {
    expect(thrownBy(() => minibatch({ size: 1, timestamp: timestamp as never }))).toMatchObject({
      code: 'EVENKEEL_OPTION',
      option: 'timestamp',
    });
  });
});

describe('what became of the rows', () => {
  type Step = number | 'invalid' | 'unreadable' | 'wait' | 'resubscribe';
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.integer() },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Step>('invalid', 'unreadable', 'wait', 'resubscribe'),
    },
  );
  const unreadable = {
    get x(): number {
      throw new Error('broken');
    },
  };

  property.prop([
    fc.array(step, { maxLength: 30 }),
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom('emit', 'drop'),
    fc.boolean(),
  ])('adds up at every moment, over all subscriptions', (steps, size, partial, completes) => {
    const clock = new VirtualTimeScheduler();
    const told = vi.fn();
    const operator = minibatch<{ readonly x: unknown }>({
      size,
      maxWaitMs: 5,
      partial: partial as 'emit' | 'drop',
      features: ['x'],
      onInvalid: told,
      scheduler: clock,
    });
    let [rows, emitted, invalid, batches] = [0, 0, 0, 0];
    const adds = (): void => {
      const { stats } = operator;
      expect(stats.emitted + stats.dropped + stats.invalid + stats.held).toBe(stats.rows);
      expect(stats).toMatchObject({ rows, emitted, invalid, batches });
    };
    let source = new Subject<{ readonly x: unknown }>();
    const begin = () =>
      source.pipe(operator).subscribe({
        next({ samples }) {
          emitted += samples.length;
          batches++;
        },
        error: () => {},
      });
    let subscription = begin();
    const resubscribe = (): void => {
      subscription.unsubscribe();
      expect(operator.stats.held).toBe(0);
      source = new Subject();
      subscription = begin();
    };
    for (const now of steps) {
      if (now === 'wait') {
        clock.maxFrames = clock.frame + 5;
        clock.schedule(() => {}, 5);
        clock.flush();
      } else if (now === 'resubscribe') resubscribe();
      else {
        rows++;
        if (typeof now !== 'number') invalid++;
        source.next(now === 'unreadable' ? unreadable : { x: now });
        if (now === 'unreadable') resubscribe(); // it has ended that one
      }
      adds();
    }
    if (completes) source.complete();
    else subscription.unsubscribe();
    adds();
    expect(operator.stats.held).toBe(0);
    if (completes && partial === 'emit') expect(source.observed).toBe(false);
  });
});
