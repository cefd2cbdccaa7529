import {
  concat,
  defer,
  from,
  Observable,
  of,
  repeat,
  retry,
  Subject,
  take,
  throwError,
  VirtualTimeScheduler,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  BatchNorm,
  KeyedNormalizers,
  type KeyedOptions,
  type KeyStore,
  MinMaxScaler,
  minibatchBy,
  type NormalizeByOptions,
  type Normalizer,
  normalizeBy,
  type SampleError,
  StandardScaler,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { byHand } from './store-by-hand.js';

interface Item {
  readonly id: string;
  readonly x: number;
}
const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const items = { a: { id: 'a', x: 1 }, A: { id: 'a', x: 3 }, b: { id: 'b', x: 5 }, B: { id: 'b', x: 1 } };
const { a, A, b, B } = items;
const features = ['x'];
/** What is seen of an emission. */
const shown = ({ key, data }: { key: unknown; data: ArrayLike<number> }): string =>
  `${key} ${[...Array.from(data)]}`;
const pending = (clock: VirtualTimeScheduler): number =>
  clock.actions.filter((action) => !action.closed).length;

/** All that comes out of synchronous items, an error's code last. */
function out<T, N extends Normalizer = StandardScaler>(
  given: readonly T[],
  keyed: KeyedOptions<N> | KeyedNormalizers<N>,
  options?: NormalizeByOptions<T>,
): unknown[] {
  const seen: unknown[] = [];
  from(given)
    .pipe(normalizeBy<T, N>('id' as never, keyed, options))
    .subscribe({ next: (y) => seen.push(shown(y as never)), error: ({ code }) => seen.push(code) });
  return seen;
}

describe.each([
  ['options', () => normalizeBy<Item>('id', { maxKeys: 9 }, { features })],
  ['an instance', () => normalizeBy<Item>('id', new KeyedNormalizers({ maxKeys: 9 }), { features })],
  ['a store', () => normalizeBy<Item>('id', { maxKeys: 1, store: new Map() }, { features })],
])('marbles: %s', (_name, operator) => {
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['each by its own key', 'abAB|', '0011|'],
    ['error', 'a-A#', '0-1#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      const seen: string[] = [];
      const signs = new Observable<number>((out) =>
        cold<Item>(source, items)
          .pipe(operator())
          .subscribe({
            next: ({ key, sample, data }) => {
              seen.push(`${key}${sample.id}`);
              out.next(Math.abs(data[0]!));
            },
            error: (error) => out.error(error),
            complete: () => out.complete(),
          }),
      );
      expectObservable(signs).toBe(expected, { 0: 0, 1: 1 });
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Item>('a-A-b-|', items);
      expectObservable(source.pipe(operator(), take(2)), '---!').toBe('0-(1|)', {
        0: { data: Float32Array.of(0), shape: [1], sample: a, key: 'a' },
        1: { data: Float32Array.of(1), shape: [1], sample: A, key: 'a' },
      });
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<Item>((out) => {
      while (!out.closed) out.next({ id: String(produced % 2), x: produced++ });
    });
    endless.pipe(operator(), take(3)).subscribe();
    expect(produced).toBe(3);
  });

  test('a re-entrant source keeps order, and each row its own score', () => {
    const source = new Subject<Item>();
    const seen: string[] = [];
    const rows = Array.from({ length: 9 }, (_, x) => ({ id: x % 2 ? 'a' : 'b', x: x * x }));
    source.pipe(operator()).subscribe((y) => {
      seen.push(shown(y));
      const next = rows[seen.length];
      if (next) source.next(next);
    });
    source.next(rows[0]!);
    expect(seen).toEqual(out(rows, { maxKeys: 9 }, { features }));
  });
});

describe('state', () => {
  test('options: fresh for each subscription; an instance outlives it', () => {
    const twice = (keyed: KeyedOptions | KeyedNormalizers): number => {
      const seen: number[] = [];
      of(a, A)
        .pipe(normalizeBy('id', keyed, { features }), repeat(2))
        .subscribe(({ data }) => seen.push(data[0]!));
      return seen[2]!;
    };
    expect(twice({ maxKeys: 9 })).toBe(0);
    const keyed = new KeyedNormalizers({ maxKeys: 9 });
    expect(twice(keyed)).toBeCloseTo(-Math.SQRT1_2, 6);
    expect(keyed.get('a')?.rows).toBe(4);
  });

  test('options with a store: what is in hand at an end is where the next subscription finds it', () => {
    let lives = 0;
    const flaky = defer(() => concat(of(a), lives++ < 2 ? throwError(() => new Error('gone')) : of(A)));
    const seen: unknown[] = [];
    const store = new Map();
    flaky
      .pipe(normalizeBy('id', { maxKeys: 9, store }, { features }), retry())
      .subscribe({ next: ({ data }) => seen.push(data[0]), complete: () => seen.push('complete') });
    expect(seen).toEqual([0, 0, 0, Math.fround(1.5 / Math.sqrt(0.75)), 'complete']);
    expect(StandardScaler.fromJSON(store.get('a')).rows).toBe(4);
    const stop = new Subject<Item>();
    const subscription = stop.pipe(normalizeBy('id', { maxKeys: 9, store }, { features })).subscribe();
    stop.next(A);
    subscription.unsubscribe();
    expect(StandardScaler.fromJSON(store.get('a')).rows).toBe(5);
  });

  test('without a store the least recently used are forgotten, and counted', () => {
    const operator = normalizeBy<Item>('id', { maxKeys: 2 }, { features });
    const told: unknown[] = [];
    operator.stats$.subscribe(({ keys }) => told.push(keys));
    const rows = [a, b, A, { id: 'c', x: 0 }, A, B];
    const seen: unknown[] = [];
    from(rows)
      .pipe(operator)
      .subscribe((y) => seen.push(shown(y)));
    expect(seen).toEqual(['a 0', 'b 0', 'a 1', 'c 0', `a ${Math.fround(Math.SQRT1_2)}`, 'b 0']);
    const items = { items: 6, emitted: 6, withheld: 0, invalid: 0, dropped: 0, waiting: 0 };
    const keys = { keys: 0, created: 4, restored: 0, evicted: 2, forgotten: 2, writing: 0, failed: 0 };
    expect(operator.stats).toEqual({ ...items, ...keys });
    expect(told).toEqual([0, 1, 2, 2, 2, 2, 2, 0]);
  });

  test('idle ones go by one timer, on the scheduler given, which unsubscribing ends', () => {
    const clock = new VirtualTimeScheduler();
    const keyed = new KeyedNormalizers({ maxKeys: 9, idleMs: 10, store: new Map() });
    const source = new Subject<Item>();
    const operator = normalizeBy<Item>('id', keyed, { features, scheduler: clock });
    const subscription = source.pipe(operator).subscribe();
    const at = (frame: number, act: () => void): void => void clock.schedule(act, frame - clock.frame);
    const keys: number[] = [];
    at(0, () => source.next(a));
    at(4, () => source.next(b));
    at(6, () => source.next(A));
    for (const frame of [13, 14.5, 15.5, 16.5]) at(frame, () => keys.push(keyed.stats.keys));
    at(20, () => source.next(B));
    clock.maxFrames = 20;
    clock.flush();
    expect(keys).toEqual([2, 1, 1, 0]);
    expect(keyed.stats).toMatchObject({ keys: 1, created: 2, restored: 1, evicted: 2, forgotten: 0 });
    expect(pending(clock)).toBe(1);
    subscription.unsubscribe();
    expect(pending(clock)).toBe(0);
  });

  test('a row that cannot be learned takes nobody’s place, whoever finds that out', () => {
    const told: unknown[] = [];
    const onInvalid = ({ code, row, feature }: SampleError): void => void told.push([code, row, feature]);
    const refusing = new KeyedNormalizers({
      maxKeys: 1,
      normalizer: (_key, features) => new MinMaxScaler(features),
    });
    const rows = [a, { id: 'b', x: Number.NaN }, { id: 'b', x: 'x' }, { x: 1 }, A];
    expect(out<unknown, MinMaxScaler>(rows, refusing, { features, onInvalid })).toEqual(['a 0', 'a 1']);
    expect(told).toEqual([
      ['EVENKEEL_MISSING', 1, 'x'],
      ['EVENKEEL_NOT_A_NUMBER', 2, 'x'],
      ['EVENKEEL_KEY', 3, 'id'],
    ]);
    expect(refusing.stats).toMatchObject({ keys: 1, created: 1, evicted: 0 });
    expect(out<unknown>([a, { id: 'b' }], { maxKeys: 1 }, { features })).toEqual(['a 0', 'EVENKEEL_MISSING']);
  });

  test('a key that came back with other features refuses the row', () => {
    const store = new Map([['a', new StandardScaler(2).toJSON()]]);
    expect(out([a], { maxKeys: 1, store }, { features })).toEqual(['EVENKEEL_ARITY']);
  });
});

describe('order, warm-up and mode, of each key', () => {
  const rows = [a, b, A, B, { id: 'a', x: 5 }];
  test.each<[NormalizeByOptions<Item>, unknown[]]>([
    [{ warmup: 1, order: 'transform-then-learn' }, ['a 2', 'b -4', 'a 3']],
    [{ warmup: 2 }, [`a ${2 / Math.sqrt(8 / 3)}`]],
  ])('%j', (options, expected) => {
    const normalizer = { dtype: 'float64' } as const;
    expect(out(rows, { maxKeys: 9, normalizer }, { features, ...options })).toEqual(expected);
  });

  test('eval learns nothing, and an unseen key takes nobody’s place', () => {
    const store = new Map();
    const keyed = new KeyedNormalizers({ maxKeys: 1, store });
    out([b, B, a, A], keyed, { features });
    const before = JSON.stringify([keyed.get('a'), store.get('b')]);
    expect(out([{ id: 'c', x: 7 }, A, B, A], keyed, { features, mode: 'eval' })).toEqual([
      'c 7',
      'a 1',
      'b -1',
      'a 1',
    ]);
    expect(JSON.stringify([keyed.get('a'), store.get('b')])).toBe(before);
    expect(keyed.stats).toMatchObject({ created: 2, keys: 1 });
  });
});

describe('items', () => {
  test('rows and batches of tensors keep what they carry', () => {
    const row = { ...tensor([1], [1]), id: 'a', note: 'first' };
    const batch = { ...tensor([3, 5], [2, 1]), id: 'a' };
    const seen: unknown[] = [];
    from<(Tensor & { id: string })[]>([row, batch])
      .pipe(normalizeBy('id', { maxKeys: 1 }))
      .subscribe((y) => seen.push(y));
    expect(seen).toMatchObject([
      { id: 'a', key: 'a', note: 'first', shape: [1], data: Float64Array.of(0) },
      { id: 'a', key: 'a', shape: [2, 1], data: Float64Array.of(0, 2 / Math.sqrt(8 / 3)) },
    ]);
  });

  test('what is emitted says its version, by any normalizer', () => {
    const x = Object.assign(tensor([1, 3], [2, 1]), { id: 'a' });
    const normalizer = (_key: unknown, channels: number) => new BatchNorm(channels);
    const of2 = of(x, x);
    const seen: unknown[] = [];
    const next = (y: object): void => void seen.push(Object(y).version);
    of2.pipe(normalizeBy('id', { maxKeys: 9, normalizer }, { version: true })).subscribe(next);
    of2.pipe(normalizeBy('id', { maxKeys: 9 }, { version: true })).subscribe(next);
    of2.pipe(normalizeBy('id', { maxKeys: 9 })).subscribe(next);
    expect(seen).toEqual([1, 2, 2, 4, undefined, undefined]);
  });

  test('batches of minibatchBy, by any normalizer', () => {
    const norms = new KeyedNormalizers({
      maxKeys: 9,
      normalizer: (_key, channels) => new BatchNorm(channels, { eps: 0, dtype: 'float64' }),
    });
    const seen: unknown[] = [];
    from([a, b, A, B])
      .pipe(minibatchBy('id', { size: 2, maxKeys: 9, features }), normalizeBy('key', norms))
      .subscribe(({ samples, ...y }) => seen.push(shown(y), samples));
    expect(seen).toEqual(['a -1,1', [a, A], 'b 1,-1', [b, B]]);
    expect(norms.get('b')?.runningMean[0]).toBe(3);
  });

  test('a batch that is refused is told, and its key not begun', () => {
    const onInvalid = vi.fn();
    const keyed = new KeyedNormalizers({ maxKeys: 1 });
    const bad = { ...tensor([1, Number.NaN], [2, 1]), id: 'a' };
    expect(out<unknown>([bad], keyed, { onInvalid })).toEqual([]);
    expect(onInvalid).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'EVENKEEL_MISSING', row: 1 }),
      bad,
    );
    expect(keyed.stats.created).toBe(0);
  });

  test('a norm takes no samples, nor an order', () => {
    const norms = { maxKeys: 1, normalizer: (_key: unknown, channels: number) => new BatchNorm(channels) };
    expect(out<unknown, BatchNorm>([a], norms, { features })).toEqual(['EVENKEEL_OPTION']);
    const batch = { ...tensor([1, 2], [2, 1]), id: 'a' };
    expect(out<unknown, BatchNorm>([batch], norms, { order: 'transform-then-learn' })).toEqual([
      'EVENKEEL_OPTION',
    ]);
  });
});

describe('a store that answers later', () => {
  const pipe = (options: Partial<KeyedOptions> & { store: KeyStore }, shared = false) => {
    const source = new Subject<Item>();
    const seen: string[] = [];
    const keyed = { maxKeys: 1, ...options };
    const operator = normalizeBy<Item>('id', shared ? new KeyedNormalizers(keyed) : keyed, { features });
    const subscription = source.pipe(operator).subscribe({
      next: (y) => seen.push(shown(y)),
      error: ({ code, message }) => seen.push(`${code}: ${message}`),
      complete: () => seen.push('complete'),
    });
    return { source, seen, operator, subscription };
  };

  test('items of a key wait for its state in order, others go on, and so does the end', async () => {
    const { store, next, waiting } = byHand();
    const { source, seen, operator } = pipe({ store, maxKeys: 9 });
    for (const item of [a, b, A]) source.next(item);
    expect(operator.stats).toMatchObject({ waiting: 3, keys: 0 });
    source.complete();
    expect(waiting()).toEqual(['get a', 'get b']);
    await next();
    expect(seen).toEqual(['a 0', 'a 1']);
    await next();
    expect(seen).toEqual(['a 0', 'a 1', 'b 0']);
    expect(waiting()).toEqual(['set b', 'set a']); // what was in hand at the end
    await next();
    await next();
    expect(seen.at(-1)).toBe('complete');
    expect(operator.stats).toMatchObject({ waiting: 0, writing: 0, created: 2, dropped: 0 });
  });

  test('an error waits too', async () => {
    const { store, next } = byHand();
    const { source, seen } = pipe({ store, maxKeys: 9 }, true);
    source.next(a);
    source.error(new Error('gone'));
    expect(seen).toEqual([]);
    await next();
    expect(seen).toEqual(['a 0', 'undefined: gone']);
  });

  test('a state on its way to the store is still in hand', async () => {
    const { store, next, waiting } = byHand();
    const { source, seen, operator } = pipe({ store });
    source.next(a);
    await next();
    source.next(b);
    await next();
    expect(waiting()).toEqual(['set a']);
    source.next(A); // at once, though neither written nor to be read
    expect(seen).toEqual(['a 0', 'b 0', 'a 1']);
    expect(waiting()).toEqual(['set a', 'set b']);
    expect(operator.stats).toMatchObject({ restored: 1, evicted: 2, writing: 2, keys: 2 });
  });

  test('a state that cannot be written stays in hand, and is told', async () => {
    const { store, next, states } = byHand();
    const keyed = new KeyedNormalizers({ maxKeys: 1, store });
    const source = new Subject<Item>();
    const seen: unknown[] = [];
    source
      .pipe(normalizeBy('id', keyed, { features }), retry({ delay: (error) => of(seen.push(error)) }))
      .subscribe((y) => seen.push(shown(y)));
    source.next(a);
    await next();
    source.next(b);
    await next();
    const cause = new Error('disk full');
    await next(cause);
    expect(seen.slice(2)).toEqual([
      expect.objectContaining({ code: 'EVENKEEL_STORE', place: 'key "a"', cause }),
    ]);
    expect(states.size).toBe(0);
    source.next(A);
    expect(seen[3]).toBe('a 1');
    expect(keyed.stats).toMatchObject({ failed: 1, restored: 0 });
  });

  test('nor is one made up that cannot be read: what waited for it is told of and left out', async () => {
    const { store, next } = byHand();
    const { source, seen, operator } = pipe({ store, maxKeys: 9 }, true);
    for (const item of [a, b, A]) source.next(item);
    await next(new Error('down'));
    expect(seen).toEqual([]); // b still waits
    await next();
    expect(seen).toEqual([
      'b 0',
      'EVENKEEL_STORE: key "a": its state could not be read, and 2 that waited for it left out',
    ]);
    expect(operator.stats).toMatchObject({ dropped: 2, failed: 1, created: 1 });
  });

  test('what may wait is bounded', async () => {
    for (const overflow of ['error', 'drop-newest'] as const) {
      const { store, next } = byHand();
      const { source, seen, operator } = pipe({ store, maxWaiting: 2, overflow, maxKeys: 9 }, true);
      for (const item of [a, b, A, B]) source.next(item);
      await next();
      await next();
      const rest = [
        'EVENKEEL_OVERFLOW: what waits for states, or to be written: more than maxWaiting 2 would have to be held',
      ];
      expect(seen).toEqual(['a 0', 'b 0', ...(overflow === 'error' ? rest : [])]);
      expect(operator.stats.dropped).toBe(overflow === 'error' ? 1 : 2); // an error ends it at the first
    }
  });

  test('so is what is being written', async () => {
    const { store, next } = byHand();
    const { source, seen, operator } = pipe({ store, maxWaiting: 1, overflow: 'drop-newest' });
    source.next(a);
    await next();
    source.next(b);
    await next();
    source.next({ id: 'c', x: 1 });
    expect(operator.stats).toMatchObject({ writing: 1, dropped: 1, keys: 2 });
    await next();
    source.next({ id: 'c', x: 1 });
    await next();
    expect(seen).toEqual(['a 0', 'b 0', 'c 0']);
  });

  test('unsubscribing leaves out what waits, and counts it', async () => {
    const { store, next, states } = byHand();
    const { source, seen, operator, subscription } = pipe({ store }, true);
    source.next(a);
    subscription.unsubscribe();
    await next();
    expect([seen, states.size]).toEqual([[], 0]);
    expect(operator.stats).toMatchObject({ keys: 0, created: 0, waiting: 0, dropped: 1 });
  });

  test('so it does with states of its own, whose figures are final then', async () => {
    const { store, next } = byHand();
    const { source, operator, subscription } = pipe({ store });
    source.next(a);
    source.next(A);
    subscription.unsubscribe();
    expect(operator.stats).toMatchObject({ waiting: 0, dropped: 2 });
    await next();
    expect(operator.stats).toMatchObject({ keys: 0, waiting: 0, dropped: 2 });
  });

  test('one that fails while a subscription begins is its error', () => {
    const clock = new VirtualTimeScheduler();
    const held = new Map();
    let isFull = false;
    const store: KeyStore = {
      get: (key) => held.get(key),
      set(key, state) {
        if (isFull) throw new Error('disk full');
        held.set(key, state);
      },
    };
    const keyed = new KeyedNormalizers({ maxKeys: 9, idleMs: 100, store });
    const operator = normalizeBy<Item>('id', keyed, { features, scheduler: clock });
    of(a).pipe(operator).subscribe();
    const seen: string[] = [];
    const source = vi.fn(() => of(b));
    clock.schedule(() => {
      isFull = true;
      defer(source)
        .pipe(operator)
        .subscribe({ next: (y) => seen.push(shown(y)), error: ({ code }) => seen.push(code) });
    }, 1000);
    clock.flush();
    expect([seen, source.mock.calls.length]).toEqual([['EVENKEEL_STORE'], 0]);
  });

  test('what an item in waiting throws is an error notification', async () => {
    const { store, next } = byHand(new Map([['a', { kind: 'other' }]]));
    const { source, seen } = pipe({ store }, true);
    source.next(a);
    await next();
    expect(seen).toEqual(['EVENKEEL_STATE: state: kind must be "StandardScaler", got "other"']);
  });

  test('a store that throws does so in the stream', () => {
    const oops = (): never => {
      throw new Error('down');
    };
    const store = new Map();
    expect(out([a], { maxKeys: 1, store: { get: oops, set: () => {} } }, { features })).toEqual([
      'EVENKEEL_STORE',
    ]);
    const keyed = new KeyedNormalizers({ maxKeys: 1, store: { get: (key) => store.get(key), set: oops } });
    expect(out([a, b, B], keyed, { features })).toEqual(['a 0', 'b 0', 'EVENKEEL_STORE']);
    expect(keyed.stats).toMatchObject({ keys: 2, failed: 1 });
  });
});

test.each<[string, unknown, unknown, unknown]>([
  ['key', '', { maxKeys: 1 }, {}],
  ['maxKeys', 'id', {}, {}],
  ['options', 'id', 3, {}],
  ['options.size', 'id', { maxKeys: 1, size: 2 }, {}],
  ['normalizers', 'id', new StandardScaler(1), {}],
  ['order', 'id', { maxKeys: 1 }, { order: 'none' }],
  ['scheduler', 'id', { maxKeys: 1 }, { scheduler: 1 }],
  ['options.maxKeys', 'id', { maxKeys: 1 }, { maxKeys: 1 }],
])('%s that cannot be is refused at once', (option, key, keyed, options) => {
  expect(() => normalizeBy(key as never, keyed as never, options as never)).toThrow(
    expect.objectContaining({ code: 'EVENKEEL_OPTION', option }),
  );
});
