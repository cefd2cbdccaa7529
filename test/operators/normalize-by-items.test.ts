import { of, Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { KeyedNormalizers, type KeyStore, normalizeBy, StandardScaler } from '../../src/index.js';
import { byHand } from './store-by-hand.js';

interface Item {
  readonly id: string;
  readonly x: number;
}
const [a, b, A, B] = [1, 5, 3, 1].map((x, i) => ({ id: 'ab'[i % 2]!, x })) as [Item, Item, Item, Item];
const features = ['x'];

test('its own states are read by promises and written at once: unsubscribing at one that waited loses no count', async () => {
  const states = new Map([['b', new StandardScaler(1).toJSON()]]);
  const store: KeyStore = { get: async (key) => states.get(key as string), set: () => {} };
  const source = new Subject<unknown>();
  const operator = normalizeBy<unknown>('id', { maxKeys: 1, store }, { features, onInvalid() {} });
  const seen: unknown[] = [];
  const subscription = source.pipe(operator).subscribe((y) => {
    seen.push(`${y.key} ${y.data[0]}`, operator.stats);
    subscription.unsubscribe();
  });
  for (const item of [b, { id: 'b' }, A, B, a, {}]) source.next(item);
  const read = { items: 6, invalid: 2, withheld: 0 };
  expect(operator.stats).toMatchObject({ ...read, waiting: 4, emitted: 0, dropped: 0, keys: 0 });
  await new Promise(setImmediate);
  const before = { ...read, emitted: 1, waiting: 3, dropped: 0, keys: 1, restored: 1 };
  expect(seen).toEqual(['b 0', expect.objectContaining(before)]);
  expect(operator.stats).toMatchObject({
    ...read,
    emitted: 1,
    waiting: 0,
    dropped: 3,
    restored: 1,
    keys: 0,
  });
  expect(operator.stats.created).toBe(0);
});

test('the figures are of the operator’s items, and of the keys of all; each change is told, whoever makes it', async () => {
  const { store, next } = byHand();
  const keyed = new KeyedNormalizers({ maxKeys: 1, store });
  const [one, other] = [0, 1].map(() => normalizeBy<Item>('id', keyed, { features }));
  const told: unknown[] = [];
  const watching = other!.stats$.subscribe(({ items, waiting, created, writing }) =>
    told.push([items, waiting, created, writing].join(' ')),
  );
  const source = new Subject<Item>();
  source.pipe(one!).subscribe();
  source.next(a);
  await next(); // is read
  source.next(b);
  await next();
  await next(); // is written
  void keyed.flush();
  await next();
  expect([...new Set(told)]).toEqual(['0 0 0 0', '0 0 1 0', '0 0 2 0', '0 0 2 1']);
  expect(told.at(-1)).toBe('0 0 2 0');
  expect(one!.stats).toEqual({ ...other!.stats, items: 2, emitted: 2 });
  watching.unsubscribe();
  const { length } = told;
  source.next(B);
  expect(told).toHaveLength(length);
});

test('what is asked of an item may end its subscription: it is left out, and not learned', () => {
  const keyed = new KeyedNormalizers({ maxKeys: 1 });
  const source = new Subject<Item>();
  const unsubscribe = (): void => subscription.unsubscribe();
  const operator = normalizeBy<Item>('id', keyed, {
    features,
    mode() {
      unsubscribe();
      return 'train';
    },
  });
  const subscription = source.pipe(operator).subscribe();
  source.next(a);
  expect(operator.stats).toMatchObject({ items: 1, emitted: 0, invalid: 0, dropped: 1, created: 0 });
});

test('what an item fails by is where it was: not usable, or without a state', () => {
  const fails = (): never => {
    throw new Error('own');
  };
  const store = { get: fails, set: () => {} };
  const make = (options: object, keys: object = {}) =>
    normalizeBy<Item>('id', { maxKeys: 1, ...keys }, { features, ...options });
  const figures = [make({ mode: fails }), make({ features: fails }), make({}, { store })].map((operator) => {
    of(a)
      .pipe(operator)
      .subscribe({ error: () => {} });
    const { items, invalid, dropped, failed } = operator.stats;
    return [items, invalid, dropped, failed];
  });
  expect(figures).toEqual([
    [1, 1, 0, 0],
    [1, 1, 0, 0],
    [1, 0, 1, 1],
  ]);
});
