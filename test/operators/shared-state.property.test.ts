import { fc, test as property } from '@fast-check/vitest';
import { concat, defer, from, type OperatorFunction, of, retry, Subject, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  changePoints,
  DriftMonitor,
  drift,
  impute,
  PageHinkley,
  quarantine,
  SeenValues,
  StandardScaler,
  WindowMoments,
  windowMoments,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

interface Reading {
  readonly at: number;
  readonly x: number;
}
const features = ['x'];

/** State of which a subscription has the use, how it comes back, and what goes by it. */
interface Case {
  readonly begin: () => { toJSON(): unknown };
  readonly revive: (json: unknown) => { toJSON(): unknown };
  readonly by: (state: never) => OperatorFunction<Reading, unknown>;
}

const cases: Record<string, Case> = {
  'drift, its monitor': {
    begin: () =>
      new DriftMonitor(1, { reference: { rows: 3 }, size: 4, stride: 2, raise: { shift: 1 }, relearn: 2 }),
    revive: DriftMonitor.fromJSON,
    by: (monitor: DriftMonitor) => drift<Reading>({ monitor, features, missing: 'keep' }),
  },
  'impute, what it has seen': {
    begin: () => new SeenValues(1),
    revive: SeenValues.fromJSON,
    by: (seen: SeenValues) =>
      impute<Reading>({ seen, features, missing: { x: { last: 20, else: 'mean' } }, timestamp: 'at' }),
  },
  'windowMoments, its window': {
    begin: () => new WindowMoments(1, { sizeMs: 20, strideMs: 10 }),
    revive: WindowMoments.fromJSON,
    by: (window: WindowMoments) =>
      windowMoments<Reading>({ window, features, missing: 'keep', partial: 'drop', timestamp: 'at' }),
  },
  'changePoints, its detectors': {
    begin: () => new PageHinkley({ minInstances: 2, threshold: 1, delta: 0 }),
    revive: PageHinkley.fromJSON,
    by: (detector: PageHinkley) => changePoints<Reading>(() => detector, { features, missing: 'keep' }),
  },
};

const x = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.constant(Number.NaN));
const steps = fc.array(fc.record({ step: fc.integer({ min: -5, max: 15 }), x }), { maxLength: 30 });
const cuts = fc.array(fc.nat(30), { maxLength: 3 });

function readingsOf(steps: readonly { readonly step: number; readonly x: number }[]): Reading[] {
  let at = 0;
  return steps.map(({ step, x }) => {
    at += step;
    return { at, x };
  });
}

function partsOf(items: readonly Reading[], cuts: readonly number[]): Reading[][] {
  const ends = [...cuts.map((cut) => Math.min(cut, items.length)), items.length].sort((a, b) => a - b);
  return ends.map((end, i) => items.slice(ends[i - 1] ?? 0, end));
}

/** All that leaves, as text: what would not be JSON, too. */
const textOf = (item: unknown): string =>
  JSON.stringify(item, (_, value: unknown) =>
    ArrayBuffer.isView(value)
      ? Array.from(value as Float64Array, String)
      : Object.is(value, Number.NaN)
        ? 'NaN'
        : value,
  );

describe.each(Object.entries(cases))('%s', (_, { begin, revive, by }) => {
  const whole = (items: readonly Reading[]): string[] => {
    const seen: string[] = [];
    from(items)
      .pipe(by(begin() as never))
      .subscribe((item) => seen.push(textOf(item)));
    return seen;
  };

  property.prop([steps, cuts], { numRuns: 2000 })('outlives errors, below retry', (given, cuts) => {
    const items = readingsOf(given);
    const parts = partsOf(items, cuts).map((part, i, { length }) =>
      i + 1 < length
        ? concat(
            from(part),
            throwError(() => new Error('lost')),
          )
        : from(part),
    );
    const seen: string[] = [];
    defer(() => parts.shift()!)
      .pipe(by(begin() as never), retry())
      .subscribe((item) => seen.push(textOf(item)));
    expect(seen).toEqual(whole(items));
  });

  property.prop([steps, cuts], { numRuns: 2000 })('outlives a process, saved', (given, cuts) => {
    const items = readingsOf(given);
    const seen: string[] = [];
    let state = begin();
    for (const part of partsOf(items, cuts)) {
      from(part)
        .pipe(by(state as never))
        .subscribe((item) => seen.push(textOf(item)));
      state = revive(JSON.parse(JSON.stringify(state)));
    }
    expect(seen).toEqual(whole(items));
  });

  test('is seen to matter: without it something else leaves', () => {
    const items = readingsOf([3, 4, 3, 5, Number.NaN, 9, 9, 9, 9].map((x) => ({ step: 3, x })));
    const seen: string[] = [];
    for (const item of items)
      of(item)
        .pipe(by(begin() as never))
        .subscribe((item) => seen.push(textOf(item)));
    expect(seen).not.toEqual(whole(items));
  });
});

interface Keyed extends Reading {
  readonly id: string;
}
const keyedSteps = fc.array(
  fc.record({ step: fc.integer({ min: -5, max: 15 }), x, id: fc.constantFrom('a', 'b', 'c') }),
  { maxLength: 30 },
);

/** What each of many streams in one would do by itself: an operator that goes by keys does the same. */
const byKeys: Record<string, (keys: object) => OperatorFunction<Keyed, unknown>> = {
  impute: (keys) =>
    impute<Keyed>({
      ...keys,
      features,
      missing: { last: 20, else: 'mean' },
      timestamp: 'at',
      onInvalid: () => {},
    }),
  quarantine: (keys) => quarantine<Keyed>({ ...keys, features, sd: 2, warmup: 3, readmit: 3 }),
};

describe.each(Object.entries(byKeys))('%s, by key', (_, operatorOf) => {
  const seenBy = (items: readonly Keyed[], keys: object): [id: string, item: string][] => {
    const seen: [string, string][] = [];
    from(items)
      .pipe(operatorOf(keys))
      .subscribe((item) => seen.push([(item as { sample: Keyed }).sample.id, textOf(item)]));
    return seen;
  };

  property.prop([keyedSteps], { numRuns: 3000 })('is each key by itself, in the order they came', (given) => {
    let at = 0;
    const items = given.map(({ step, x, id }, n) => {
      at += step;
      return { at, x, id, n };
    });
    const seen = seenBy(items, { key: 'id', maxKeys: 3 });
    for (const key of ['a', 'b', 'c']) {
      const alone = items.filter(({ id }) => id === key);
      expect(seen.filter(([id]) => id === key)).toEqual(seenBy(alone, {}));
    }
    const order = seen.map(([, item]) => JSON.parse(item).sample.n as number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe('keys', () => {
  const rows = (text: string): Keyed[] =>
    [...text].map((c, at) => ({ id: c.toLowerCase(), at, x: c === c.toLowerCase() ? Number.NaN : at }));
  const filled = (items: readonly Keyed[], operator: ReturnType<typeof impute<Keyed>>): number[] => {
    const seen: number[] = [];
    from(items)
      .pipe(operator)
      .subscribe(({ data }) => seen.push(data[0]!));
    return seen;
  };
  const options = { features, missing: { last: Infinity }, key: 'id', maxKeys: 2 } as const;

  test('those used last are remembered; what is forgotten is counted', () => {
    const operator = impute<Keyed>(options);
    const seen = filled(rows('ABaCba'), operator);
    expect(seen).toEqual([0, 1, 0, 3, Number.NaN, Number.NaN]);
    expect(operator.stats).toMatchObject({ rows: 6, emitted: 6, invalid: 0, keys: 0, forgotten: 3 });
    const source = new Subject<Keyed>();
    const subscription = source.pipe(operator).subscribe();
    for (const row of rows('AB')) source.next(row);
    expect(operator.stats.keys).toBe(2);
    subscription.unsubscribe();
    expect(operator.stats.keys).toBe(0);
  });

  test('what has none is refused', () => {
    const told: unknown[] = [];
    const operator = impute<Keyed>({
      ...options,
      onInvalid: ({ code, feature }) => told.push([code, feature]),
    });
    filled([{ at: 0, x: 1 } as Keyed, ...rows('A')], operator);
    expect(told).toEqual([['EVENKEEL_KEY', 'id']]);
    expect(operator.stats).toMatchObject({ rows: 2, emitted: 1, invalid: 1 });
  });

  test('state of yours, of each', () => {
    const seen = new Map<unknown, SeenValues>();
    const seenOf = (key: unknown): SeenValues => {
      const of = seen.get(key) ?? new SeenValues(1);
      seen.set(key, of);
      return of;
    };
    const operator = impute<Keyed>({ ...options, seen: seenOf });
    filled(rows('AB'), operator);
    expect(filled(rows('ab'), operator)).toEqual([0, 1]);
    const scalers = {
      a: new StandardScaler(1, { missing: 'keep' }),
      b: new StandardScaler(1, { missing: 'keep' }),
    };
    from(rows('AAB'))
      .pipe(
        quarantine<Keyed>({ features, sd: 3, key: 'id', maxKeys: 2, scaler: (key) => scalers[key as 'a'] }),
      )
      .subscribe();
    expect([scalers.a.rows, scalers.b.rows]).toEqual([2, 1]);
  });

  test.each<[string, () => OperatorFunction<Keyed, unknown>, string]>([
    ['no bound', () => impute<Keyed>({ ...options, maxKeys: undefined as never }), 'maxKeys'],
    ['a bound of nothing', () => impute<Keyed>({ features, missing: 'mean', maxKeys: 2 }), 'maxKeys'],
    ['one state for all', () => impute<Keyed>({ ...options, seen: new SeenValues(1) }), 'seen'],
    [
      'a function without keys',
      () => impute<Keyed>({ missing: 'mean', seen: () => new SeenValues(1) }),
      'seen',
    ],
    [
      'another width',
      () => impute<Keyed>({ features, missing: 'mean', seen: new SeenValues(2) }),
      'features',
    ],
    [
      'one scaler for all',
      () =>
        quarantine<Keyed>({
          sd: 3,
          key: 'id',
          maxKeys: 2,
          scaler: new StandardScaler(1, { missing: 'keep' }),
        }),
      'scaler',
    ],
  ])('%s is refused at once', (_, make, option) => {
    expect(thrownBy(make)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test.each<[string, OperatorFunction<Keyed, unknown>, string]>([
    ['SeenValues', impute<Keyed>({ ...options, seen: () => new SeenValues(2) }), 'seen("a")'],
    [
      'scaler of as many features',
      quarantine<Keyed>({
        features,
        sd: 3,
        key: 'id',
        maxKeys: 2,
        scaler: () => new StandardScaler(2, { missing: 'keep' }),
      }),
      'scaler("a")',
    ],
    [
      'a scaler',
      quarantine<Keyed>({ features, sd: 3, key: 'id', maxKeys: 2, scaler: () => new StandardScaler(1) }),
      'scaler("a")',
    ],
  ])('what gives no %s that fits ends the stream', (_, operator, option) => {
    let error: unknown;
    from(rows('A'))
      .pipe(operator)
      .subscribe({
        error: (thrown) => {
          error = thrown;
        },
      });
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test('a row that is not let through takes nobody’s place', () => {
    const [rows, told]: [unknown[], unknown[]] = [[], []];
    const items = [
      { id: 'a', at: 0, x: 5, y: 1 },
      { id: 'b', at: 1, x: 1, y: Number.NaN },
      { id: 'a', at: 2, x: Number.NaN, y: 1 },
    ];
    const filling = impute<(typeof items)[number]>({
      features: ['x', 'y'],
      key: 'id',
      maxKeys: 1,
      missing: { x: 'mean', y: 'error' },
      onInvalid: ({ feature }) => told.push(feature),
    });
    from(items)
      .pipe(filling)
      .subscribe(({ data }) => rows.push([...data]));
    expect([rows, told]).toEqual([
      [
        [5, 1],
        [5, 1],
      ],
      ['y'],
    ]);
    expect(filling.stats).toMatchObject({ rows: 3, emitted: 2, invalid: 1, forgotten: 0 });

    const aside: number[] = [];
    const level = { key: 'id', maxKeys: 1, features, limits: [0, 100], sd: 3, warmup: 3 } as const;
    const judging = quarantine<Keyed>({ ...level, onQuarantined: ({ value }) => aside.push(value) });
    from([1, 2, 3, 2, 1, 500, 99].map((x, at) => ({ id: x === 500 ? 'b' : 'a', at, x })))
      .pipe(judging)
      .subscribe();
    expect([aside, judging.stats.forgotten]).toEqual([[500, 99], 0]);
  });

  test('limits alone remember no more keys than may be', () => {
    const operator = quarantine<Keyed>({ features, limits: [0, 10], key: 'id', maxKeys: 2 });
    const source = new Subject<Keyed>();
    const subscription = source.pipe(operator).subscribe();
    for (const id of ['a', 'a', 'a', 'b', 'a', 'c']) source.next({ id, at: 0, x: 1 });
    expect(operator.stats).toMatchObject({ keys: 2, forgotten: 1 });
    const told: unknown[] = [];
    operator.stats$.subscribe(({ keys }) => told.push(keys));
    subscription.unsubscribe();
    expect(operator.stats).toMatchObject({ rows: 6, emitted: 6, keys: 0 });
    expect(told).toEqual([2, 0]);
  });

  test('who gives what was seen may send, or give up', () => {
    const source = new Subject<Keyed>();
    let [asked, ends] = [0, false];
    const operator = impute<Keyed>({
      ...options,
      missing: 'mean',
      seen() {
        if (ends) subscription.unsubscribe();
        else if (asked++ === 0) source.next({ id: 'a', at: 0, x: 100 });
        return new SeenValues(1);
      },
    });
    const seen: number[] = [];
    const subscription = source.pipe(operator).subscribe(({ data }) => seen.push(data[0]!));
    source.next({ id: 'a', at: 1, x: 50 });
    source.next({ id: 'a', at: 2, x: Number.NaN });
    expect([seen, operator.stats.keys]).toEqual([[100, 50, 75], 1]);
    ends = true;
    source.next({ id: 'b', at: 3, x: 1 });
    expect(operator.stats).toMatchObject({ rows: 4, emitted: 3, dropped: 1, keys: 0 });
  });

  test('who is told may give up: what he was told of is dropped', () => {
    const source = new Subject<Keyed>();
    const operator = quarantine<Keyed>({
      features,
      limits: [0, 10],
      replace: 'value',
      onQuarantined: () => subscription.unsubscribe(),
    });
    const subscription = source.pipe(operator).subscribe();
    source.next({ id: 'a', at: 0, x: 50 });
    expect(operator.stats).toMatchObject({ rows: 1, emitted: 0, dropped: 1, replaced: 1 });
  });
});
