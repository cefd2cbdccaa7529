import { fc, test } from '@fast-check/vitest';
import { from } from 'rxjs';
import { describe, expect } from 'vitest';
import {
  BatchNorm,
  KeyedNormalizers,
  type KeyedOptions,
  Moments,
  type Normalizer,
  normalizeBy,
  StandardScaler,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

interface Item {
  readonly id: string | number;
  readonly x: readonly number[];
}

/** Learns items; the data of what comes out. */
function learn(keyed: KeyedNormalizers, items: readonly Item[]): number[][] {
  const seen: number[][] = [];
  from(items)
    .pipe(normalizeBy('id', keyed, { features: ({ x }) => x }))
    .subscribe(({ data }) => seen.push([...data]));
  return seen;
}
const plain = (state: unknown): unknown => JSON.parse(JSON.stringify(state));
const dtype = 'float64';
const items: readonly Item[] = [
  { id: 'a', x: [1, 10] },
  { id: 1, x: [2, 30] },
  { id: '1', x: [3, 20] },
  { id: 'a', x: [9, 20] },
  { id: 1, x: [5, 70] },
];

test('get looks, and uses nothing', () => {
  const keyed = new KeyedNormalizers({ maxKeys: 2 });
  learn(keyed, items.slice(0, 2));
  expect(keyed.get('a')?.moments.mean).toEqual(Float64Array.of(1, 10));
  expect(keyed.get('1')).toBeUndefined();
  learn(keyed, [items[2]!]);
  expect([keyed.get('a'), keyed.get(1)?.rows, keyed.get('1')?.rows]).toEqual([undefined, 1, 1]);
});

test('scalers share their options, also those that came back', () => {
  const store = new Map();
  const keyed = new KeyedNormalizers({ maxKeys: 1, store, normalizer: { ddof: 1, clip: 3 } });
  learn(keyed, items);
  const other = plain(store.get('a')) as { options: unknown };
  store.set('a', { ...other, options: { ...Object(other.options), clip: 4 } });
  const error = thrownBy(() =>
    KeyedNormalizers.fromJSON(
      { ...Object(keyed.toJSON()), keys: [['a', 0, store.get('a')]] },
      { maxKeys: 1, normalizer: { ddof: 1, clip: 3 } },
    ),
  );
  expect(error).toMatchObject({
    code: 'EVENKEEL_STATE',
    value: 4,
    isOther: true,
    message: expect.stringContaining('StandardScaler.options.clip'),
  });
});

describe('saved as a whole', () => {
  const ways: [string, KeyedOptions][] = [
    ['as it is', { maxKeys: 9 }],
    ['with a half-life', { maxKeys: 9, normalizer: { running: { halfLifeRows: 2 }, ddof: 1, dtype } }],
    ['that starts from all others', { maxKeys: 2, start: { pooledRows: 3 }, normalizer: { dtype } }],
  ];
  test.each(ways)('it continues bit for bit: %s', (_name, options) => {
    const more = [...items, { id: 'new', x: [7, -3] }, ...items];
    const whole = new KeyedNormalizers(options);
    const expected = [...learn(whole, items), ...learn(whole, more)];
    const half = new KeyedNormalizers(options);
    const before = learn(half, items);
    const restored = KeyedNormalizers.fromJSON(plain(half), options);
    expect([...before, ...learn(restored, more)]).toEqual(expected);
    expect(plain(restored)).toEqual(plain(whole));
  });

  test('with fewer to be in hand, the least recently used go', () => {
    const keyed = new KeyedNormalizers({ maxKeys: 3 });
    learn(keyed, items);
    const fewer = KeyedNormalizers.fromJSON(plain(keyed), { maxKeys: 2 });
    expect([fewer.get('1'), fewer.get('a')?.rows, fewer.stats.forgotten]).toEqual([undefined, 2, 1]);
  });

  test('by functions of one’s own', () => {
    const options: KeyedOptions<BatchNorm> = {
      maxKeys: 1,
      store: new Map(),
      normalizer: (_key, channels) => new BatchNorm(channels),
      revive: (json) => BatchNorm.fromJSON(json),
    };
    const empty = { kind: 'KeyedNormalizers', version: 1, pool: null };
    const bn = new BatchNorm(1);
    const keyed = KeyedNormalizers.fromJSON({ ...empty, keys: [['a', 0, plain(bn)]] }, options);
    expect(plain(keyed.get('a'))).toEqual(plain(bn));
    const { revive: _, store: __, ...without } = options;
    const error = thrownBy(() =>
      KeyedNormalizers.fromJSON({ ...empty, keys: [['a', 0, plain(bn)]] }, without),
    );
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'revive' });
  });

  const state = new StandardScaler(1).toJSON();
  test.each<[unknown]>([
    [null],
    [{ kind: 'Other' }],
    [{ kind: 'KeyedNormalizers', version: 1, keys: {} }],
    [{ kind: 'KeyedNormalizers', version: 1, keys: [1] }],
    [{ kind: 'KeyedNormalizers', version: 1, keys: [['a', 'x', state]] }],
    [
      {
        kind: 'KeyedNormalizers',
        version: 1,
        keys: [
          ['a', 0, state],
          ['a', 0, state],
        ],
      },
    ],
    [{ kind: 'KeyedNormalizers', version: 1, keys: [['a', 0, {}]] }],
    [{ kind: 'KeyedNormalizers', version: 1, keys: [], pool: new Moments(1).toJSON() }],
  ])('%j is refused', (json) => {
    expect(thrownBy(() => KeyedNormalizers.fromJSON(json, { maxKeys: 9 }))).toMatchObject({
      code: 'EVENKEEL_STATE',
    });
  });
});

describe('flush', () => {
  test('writes all in hand, where it stays', async () => {
    const store = new Map();
    const keyed = new KeyedNormalizers({ maxKeys: 9, store });
    learn(keyed, items);
    await keyed.flush();
    expect(new Set(store.keys())).toEqual(new Set(['1', 'a', 1]));
    expect(keyed.stats).toMatchObject({ keys: 3, evicted: 0 });
    await new KeyedNormalizers({ maxKeys: 1 }).flush();
  });

  test('writes no more at a time than may be on their way, and any number', async () => {
    let [writing, most] = [0, 0];
    const written: unknown[] = [];
    const store = {
      get: () => undefined,
      async set(key: unknown) {
        most = Math.max(most, ++writing);
        await new Promise(setImmediate);
        writing--;
        written.push(key);
      },
    };
    const keyed = new KeyedNormalizers({ maxKeys: 1e5, store, maxWaiting: 3 });
    learn(
      keyed,
      Array.from({ length: 20 }, (_, id) => ({ id, x: [1] })),
    );
    await keyed.flush();
    expect([most, written.length, new Set(written).size]).toEqual([3, 20, 20]);
    const atOnce = new KeyedNormalizers({ maxKeys: 1e5, store: new Map() });
    learn(
      atOnce,
      Array.from({ length: 3e4 }, (_, id) => ({ id, x: [1] })),
    );
    await atOnce.flush(); // no call within a call for each
  });

  test('waits for a write that it is called from within, of a store that answers at once', async () => {
    let flushed: Promise<void> | undefined;
    const store = {
      get: () => undefined,
      set() {
        flushed ??= keyed.flush();
      },
    };
    const keyed: KeyedNormalizers = new KeyedNormalizers({ maxKeys: 1, store });
    learn(keyed, items.slice(0, 2));
    await flushed;
    expect([flushed, keyed.stats.writing]).toEqual([expect.any(Promise), 0]);
  });

  test('tells what could not be written, which stays', async () => {
    const store = { get: () => undefined, set: () => Promise.reject(new Error('full')) };
    const keyed = new KeyedNormalizers({ maxKeys: 9, store });
    learn(keyed, items);
    await expect(keyed.flush()).rejects.toMatchObject({ code: 'EVENKEEL_STORE', place: 'key 1' });
    expect(keyed.get('a')?.rows).toBe(2);
  });
});

describe('start: pooledRows', () => {
  const row = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    x: fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
  });
  test.prop(
    [fc.array(row, { maxLength: 12 }), fc.integer({ min: 0, max: 9 }), fc.constantFrom<[0, 1]>(0, 1)],
    {
      numRuns: 2000,
    },
  )('an unseen key starts from all rows so far, weighed as so many', (rows, pooledRows, ddof) => {
    const normalizer = { dtype, ddof: ddof as 0 | 1 } as const;
    const keyed = new KeyedNormalizers({ maxKeys: 9, normalizer, start: { pooledRows } });
    const seen = learn(keyed, [...rows, { id: 'new', x: [3, 0.5] }]).at(-1);
    const all = new Moments(2);
    for (const { x } of rows) all.update(x);
    if (rows.length > pooledRows) all.decay(pooledRows / rows.length);
    const expected = new StandardScaler(2, normalizer);
    expected.moments.merge(all);
    expected.update([3, 0.5]);
    expect(seen).toEqual([...expected.transform([3, 0.5])]);
    expect(keyed.get('new')?.rows).toBe(1);
    expect(keyed.get('new')?.moments.count[0]).toBeCloseTo(Math.min(rows.length, pooledRows) + 1, 12);
  });

  test('it does not count for the warm-up, nor is it pooled again', () => {
    const keyed = new KeyedNormalizers({ maxKeys: 1, start: { pooledRows: 100 } });
    learn(keyed, items);
    const { pool } = plain(keyed) as { pool: { count: number[] } };
    expect(pool.count).toEqual([5, 5]);
  });
});

const make = (): Normalizer => new BatchNorm(1);
test.each<[string, unknown]>([
  ['maxKeys', { maxKeys: 0 }],
  ['maxKeys', {}],
  ['options', undefined],
  ['options.max', { max: 1 }],
  ['idleMs', { maxKeys: 1, idleMs: 0 }],
  ['idleMs', { maxKeys: 1, idleMs: 2 ** 31 }],
  ['store', { maxKeys: 1, store: { get() {} } }],
  ['maxWaiting', { maxKeys: 1, maxWaiting: 0 }],
  ['overflow', { maxKeys: 1, overflow: 'drop-oldest' }],
  ['start', { maxKeys: 1, start: 'pooled' }],
  ['start', { maxKeys: 1, start: { pooledRows: 1, more: 1 } }],
  ['start.pooledRows', { maxKeys: 1, start: { pooledRows: -1 } }],
  ['start', { maxKeys: 1, start: { pooledRows: 1 }, normalizer: make }],
  ['revive', { maxKeys: 1, store: new Map(), normalizer: make }],
  ['revive', { maxKeys: 1, revive: {} }],
  ['normalizer', { maxKeys: 1, normalizer: BatchNorm }],
  ['ddof', { maxKeys: 1, normalizer: { ddof: 2 } }],
  ['options', { maxKeys: 1, normalizer: new StandardScaler(1) }],
])('%s is refused: %o', (option, options) => {
  expect(thrownBy(() => new KeyedNormalizers(options as never))).toMatchObject({
    code: 'EVENKEEL_OPTION',
    option,
  });
});
