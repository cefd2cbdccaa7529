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
import { type KeyedBatch, type MinibatchByOptions, minibatchBy, type SampleError } from '../../src/index.js';

interface Item {
  readonly id: string;
  readonly x: number;
}

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const items = {
  a: { id: 'a', x: 1 },
  A: { id: 'a', x: 2 },
  b: { id: 'b', x: 3 },
  B: { id: 'b', x: 4 },
  c: { id: 'c', x: 5 },
};
const batch = (...samples: Item[]): KeyedBatch<Item> => ({
  data: Float64Array.from(samples, ({ x }) => x),
  shape: [samples.length, 1],
  samples,
  key: samples[0]!.id,
});
const { a, A, b, B, c } = items;
const by = (options: Partial<MinibatchByOptions<Item>> = {}) =>
  minibatchBy<Item>('id', { size: 2, maxKeys: 9, features: ['x'], ...options });
const pending = (clock: VirtualTimeScheduler): number =>
  clock.actions.filter((action) => !action.closed).length;

describe('marbles', () => {
  test.each<[string, string, string, Partial<MinibatchByOptions<Item>>]>([
    ['never', '-', '-', { maxWaitMs: 3 }],
    ['empty', '--|', '--|', { maxWaitMs: 1 }],
    ['a batch a key, as soon as it is full', '-a-b-B-A-|', '-----y-x-|', {}],
    ['what is left leaves in the order it was begun', 'a-b-c|', '-----(123|)', {}],
    ['an error comes after what was gathered', 'ab#', '--(12#)', {}],
    ['partial: drop', 'abA|', '--x|', { partial: 'drop' }],
    ['at the bound, the least recently used leaves early', 'abc|', '--1(23|)', { maxKeys: 2 }],
    ['which is not the first one begun', 'abxc|', '---2(13|)', { maxKeys: 2, size: 3 }],
    ['each waits from its own first row', 'a-b 9ms |', '4ms 1-2 5ms |', { maxWaitMs: 4 }],
    ['a full one does not make others wait', 'ab-B 9ms |', '---y1 8ms |', { maxWaitMs: 4 }],
  ])('%s', (name, source, expected, options) => {
    scheduler().run(({ cold, expectObservable }) => {
      const again = { ...items, x: a };
      const first = name.startsWith('which') ? batch(a, a) : batch(a);
      expectObservable(cold<Item>(source, again).pipe(by(options))).toBe(expected, {
        x: batch(a, A),
        y: batch(b, B),
        1: first,
        2: batch(b),
        3: batch(c),
      });
    });
  });

  test('unsubscribing early ends the source and leaves no timer', () => {
    const time = scheduler();
    time.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-|', items);
      expectObservable(source.pipe(by({ maxWaitMs: 50 })), '----!').toBe('-----');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
    expect(time.actions).toEqual([]);
  });
});

describe('subscriptions', () => {
  test.each<[string, (source: Subject<Item>, stop: () => void) => void]>([
    ['unsubscribe', (_source, stop) => stop()],
    ['complete', (source) => source.complete()],
    ['error', (source) => source.error(new Error('gone'))],
    ['full batches', (source) => [A, B].forEach((item) => void source.next(item))],
  ])('one timer for all, and none after %s', (_how, act) => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<Item>();
    const operator = by({ maxWaitMs: 1000, scheduler: clock });
    const subscription = source.pipe(operator).subscribe({ error: () => {} });
    source.next(a);
    source.next(b);
    expect([pending(clock), operator.stats.keys]).toEqual([1, 2]);
    act(source, () => subscription.unsubscribe());
    expect([pending(clock), operator.stats.keys]).toEqual([0, 0]);
    expect(operator.stats).toMatchObject({ held: 0 });
  });

  test('a synchronous source stops as soon as the subscriber has enough', () => {
    let produced = 0;
    const endless = new Observable<Item>((out) => {
      while (!out.closed) out.next({ id: String(produced % 2), x: produced++ });
    });
    const taken: number[][] = [];
    endless.pipe(by(), take(2)).subscribe((x) => taken.push([...x.data]));
    expect(taken).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(produced).toBe(4);
  });

  test('so it does among those that leave at the end', () => {
    const seen: unknown[] = [];
    from([a, b, c])
      .pipe(by(), take(2))
      .subscribe({ next: ({ key }) => seen.push(key), complete: () => seen.push('complete') });
    expect(seen).toEqual(['a', 'b', 'complete']);
  });

  test('a re-entrant source keeps the order of each key and loses nothing', () => {
    for (const maxKeys of [1, 2, 9]) {
      const source = new Subject<Item>();
      const seen: Item[] = [];
      let pushed = 0;
      const push = (): void => {
        const x = pushed++;
        source.next({ id: x % 3 === 0 ? 'a' : 'b', x });
      };
      source.pipe(by({ maxKeys })).subscribe(({ samples }) => {
        seen.push(...samples);
        for (let i = 0; i < 3 && pushed < 20; i++) push();
      });
      for (let i = 0; i < 3; i++) push();
      source.complete();
      for (const id of ['a', 'b']) {
        const xs = seen.filter((item) => item.id === id).map(({ x }) => x);
        expect(xs).toEqual(xs.toSorted((p, q) => p - q));
      }
      expect(seen.map(({ x }) => x).sort((p, q) => p - q)).toEqual(
        Array.from({ length: pushed }, (_, x) => x),
      );
    }
  });

  test('reading a key or a row may push other rows', () => {
    const source = new Subject<Item>();
    const seen: number[][] = [];
    source.pipe(by()).subscribe(({ data }) => seen.push([...data]));
    source.next({
      get id() {
        source.next({ id: 'a', x: 1 });
        return 'a';
      },
      get x() {
        source.next({ id: 'a', x: 2 });
        return 3;
      },
    });
    source.complete();
    expect(seen).toEqual([[1, 2], [3]]);
  });

  test('a sample pushed while a batch leaves makes no other leave early', () => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<Item>();
    const seen: unknown[] = [];
    source.pipe(by({ size: 9, maxWaitMs: 100, scheduler: clock })).subscribe(({ key }) => {
      seen.push([key, clock.now()]);
      if (key === 'a') source.next(c);
    });
    clock.schedule(() => source.next(a), 0);
    clock.schedule(() => source.next(b), 90);
    clock.flush();
    expect(seen).toEqual([
      ['a', 100],
      ['b', 190],
      ['c', 200],
    ]);
  });

  test('a scheduler that fires at once closes every batch', () => {
    const source = new Subject<Item>();
    const seen: number[][] = [];
    source
      .pipe(by({ size: 9, maxWaitMs: 0, scheduler: queueScheduler }))
      .subscribe((x) => seen.push([...x.data]));
    for (const item of [a, b, A]) source.next(item);
    expect(seen).toEqual([[1], [3], [2]]);
  });

  test('real time', () =>
    new Promise<void>((done) => {
      concat(of(a, b), NEVER)
        .pipe(by({ size: 9, maxWaitMs: 0, scheduler: asapScheduler }), take(2), toArray())
        .subscribe({ next: (all) => expect(all).toEqual([batch(a), batch(b)]), complete: done });
    }));

  test('a clock that was set back delays no batch, nor does a timer that is early', () => {
    for (const jump of [-3_600_000, -1]) {
      const timers: (() => void)[] = [];
      let now = 1e12;
      const clock = new VirtualTimeScheduler();
      vi.spyOn(clock, 'now').mockImplementation(() => now);
      vi.spyOn(clock, 'schedule').mockImplementation((work) => {
        timers.push(work as () => void);
        return NEVER.subscribe();
      });
      const source = new Subject<Item>();
      const seen: unknown[] = [];
      source.pipe(by({ maxWaitMs: 100, scheduler: clock })).subscribe(({ key }) => seen.push(key));
      source.next(a);
      source.next(b);
      now += 100 + jump;
      timers.shift()!();
      expect(seen).toEqual(['a']);
      timers.shift()!();
      expect([seen, timers]).toEqual([['a', 'b'], []]);
    }
  });

  test('each subscription has its own rows; figures are of all', () => {
    const source = new Subject<Item>();
    const operator = by({ maxKeys: 1 });
    const [one, two]: [unknown[], unknown[]] = [[], []];
    source.pipe(operator).subscribe(({ data }) => one.push([...data]));
    source.next(a);
    const told: unknown[] = [];
    operator.stats$.subscribe((stats) => told.push(stats));
    source.pipe(operator).subscribe(({ data }) => two.push([...data]));
    source.next(A);
    source.next(b);
    expect([one, two]).toEqual([[[1, 2]], [[2]]]);
    const none = { dropped: 0, invalid: 0 };
    const last = { ...none, rows: 5, emitted: 3, held: 2, keys: 2, batches: 2, early: 1 };
    expect(operator.stats).toEqual(last);
    expect(told).toEqual([
      { ...none, rows: 1, emitted: 0, held: 1, keys: 1, batches: 0, early: 0 },
      { ...none, rows: 2, emitted: 2, held: 0, keys: 0, batches: 1, early: 0 },
      last,
    ]);
  });

  test('under retry, the rows before a failure are emitted, once', () => {
    let lives = 0;
    const flaky = defer(() => concat(of(a, b), lives++ < 1 ? throwError(() => new Error('gone')) : of(B)));
    const seen: unknown[] = [];
    flaky.pipe(by(), retry()).subscribe(({ data }) => seen.push([...data]));
    expect(seen).toEqual([[1], [3], [3, 4], [1]]);
  });
});

describe('samples', () => {
  test('with keys by a function, numbers and text apart', () => {
    const seen: unknown[] = [];
    from([1, 2, 1, 2])
      .pipe(minibatchBy((x) => (x === 1 ? 7 : '7'), { size: 9, maxKeys: 2 }))
      .subscribe(({ key, data }) => seen.push([key, ...data]));
    expect(seen).toEqual([
      [7, 1, 1],
      ['7', 2, 2],
    ]);
  });

  test('without a key, or that cannot be rows, are told, and take nobody’s place', () => {
    const told: unknown[] = [];
    const onInvalid = ({ code, row, feature, value }: SampleError): void =>
      void told.push([code, row, feature, value]);
    const operator = minibatchBy<unknown>('id', { size: 2, maxKeys: 1, features: ['x'], onInvalid });
    const seen: unknown[] = [];
    from([a, { x: 1 }, { id: Number.NaN, x: 1 }, { id: 'b', x: 'x' }, null, A])
      .pipe(operator)
      .subscribe(({ samples }) => seen.push(samples));
    expect(seen).toEqual([[a, A]]);
    expect(told).toEqual([
      ['EVENKEEL_KEY', 1, 'id', undefined],
      ['EVENKEEL_KEY', 2, 'id', Number.NaN],
      ['EVENKEEL_NOT_A_NUMBER', 3, 'x', 'x'],
      ['EVENKEEL_KEY', 4, 'id', undefined],
    ]);
    expect(operator.stats).toMatchObject({ rows: 6, emitted: 2, invalid: 4, held: 0, early: 0 });
  });

  test('without a key end the stream by default, what was gathered before', () => {
    const seen: unknown[] = [];
    from([a, { x: 1 } as unknown as Item, b])
      .pipe(by())
      .subscribe({
        next: ({ key }) => seen.push(key),
        error: ({ code, message }) => seen.push(code, message),
      });
    expect(seen).toEqual(['a', 'EVENKEEL_KEY', 'row 1, feature "id" is not a key: undefined']);
  });
});

test.each([
  ['maxKeys', 0],
  ['maxKeys', undefined],
  ['size', 1.5],
  ['maxWaitMs', -1],
  ['options.maxKey', 3],
])('%s = %o is refused at once', (option, value) => {
  const key = option.replace('options.', '');
  expect(() => by({ [key]: value })).toThrow(expect.objectContaining({ code: 'EVENKEEL_OPTION', option }));
});

test.each([[''], [1], [undefined]])('nor is %o a key', (key) => {
  expect(() => minibatchBy(key as never, { size: 1, maxKeys: 1 })).toThrow(
    expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'key' }),
  );
});
