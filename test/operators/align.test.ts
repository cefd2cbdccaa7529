import { fc, test as property } from '@fast-check/vitest';
import { map, NEVER, Observable, of, Subject, take, throwError, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  type AlignCounts,
  type Aligned,
  type AlignOptions,
  type AlignStats,
  align,
  minibatch,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

interface Sample {
  readonly t: number;
  readonly value: number | null | undefined;
}
type Options = AlignOptions<Sample>;
const s = (t: number, value: number | null = t): Sample => ({ t, value });
const every10: Options = { everyMs: 10, timestamp: 't', toleranceMs: 100 };
const gap = Number.NaN;

/** What live sources come to, that say things in the order told: a sample of one, or its end. */
function live(
  said: readonly (readonly [source: 'a' | 'b', sample?: Sample])[],
  options: Partial<Options> = {},
): { seen: unknown[]; stats: AlignStats } {
  const sources = { a: new Subject<Sample>(), b: new Subject<Sample>() };
  const seen: unknown[] = [];
  const aligned = align(sources, { ...every10, ...options });
  aligned.subscribe({
    next: ({ time, a, b }) => seen.push([time, a, b]),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('end'),
  });
  for (const [source, sample] of said) {
    if (sample) sources[source].next(sample);
    else sources[source].complete();
  }
  return { seen, stats: aligned.stats };
}

const sums = ({ passed, held, late, ahead, missing, dropped, invalid }: AlignCounts): number =>
  passed + held + late + ahead + missing + dropped + invalid;
const isWrong = (counts: AlignCounts): boolean => sums(counts) !== counts.values;
const expectSums = ({ sources }: AlignStats): void =>
  expect(Object.values(sources).filter(isWrong)).toEqual([]);

describe('marbles', () => {
  const scheduler = (): TestScheduler =>
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  const samples = { 1: s(10), 2: s(20), 3: s(30), 4: s(125) };
  const times = { 1: 10, 2: 20, 3: 30 };
  test.each([
    ['never', '-', '-', '-'],
    ['empty', '|', '--|', '--|'],
    ['one never says anything', '-', '1-2-3-|', '-'],
    ['one ends without a sample', '-|', '1-2-3-|', '-12-3-|'],
    ['a tick leaves once both are there', '1-2-3|', '-12-3|', '-12-3|'],
    ['the end is that of the last one', '1|', '-1-2-3-|', '-1-2-3-|'],
    ['one that is silent is not waited for', '1-----', '12-4-|', '1--2--'],
    ['an error, after the ticks that were held', '1--', '123#', '1--(23#)'],
  ])('%s', (_name, a, b, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      const aligned = align({ a: cold(a, samples), b: cold(b, samples) }, every10);
      expectObservable(aligned.pipe(map(({ time }) => time))).toBe(expected, times);
    });
  });

  test('early unsubscribe, and an error, end all sources', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, failing] = [cold('1-2-3', samples), cold('12-3-', samples), cold('12#', samples)];
      expectObservable(align({ a, b }, every10).pipe(map(({ time }) => time)), '---!').toBe('1-2-', times);
      expectSubscriptions(a.subscriptions).toBe('^--!');
      expectSubscriptions(b.subscriptions).toBe('^--!');
      const { 0: other } = [cold('1----', samples)];
      expectObservable(align({ other, failing }, every10).pipe(map(({ time }) => time))).toBe(
        '1-(2#)',
        times,
      );
      expectSubscriptions(other.subscriptions).toBe('^-!');
    });
  });

  test('idleMs: what is held leaves when nothing comes, and no timer is left', () => {
    const time = scheduler();
    time.run(({ cold, expectObservable }) => {
      const sources = { a: cold('1--------', samples), b: cold('12-----3-', samples) };
      const aligned = align(sources, { ...every10, idleMs: 4 });
      expectObservable(aligned.pipe(map(({ time }) => time)), '12ms !').toBe('1----2-----3', times);
    });
    expect(time.actions).toEqual([]);
  });
});

describe('subscriptions', () => {
  test('synchronous sources stop under take', () => {
    let produced = 0;
    const endless = new Observable<Sample>((out) => {
      while (!out.closed) out.next(s(10 * produced++));
    });
    const seen: unknown[] = [];
    align({ none: of<Sample>(), endless }, every10)
      .pipe(take(3))
      .subscribe(({ time }) => seen.push(time));
    expect([produced, seen]).toEqual([3, [0, 10, 20]]);
    const held = align({ all: of(s(0), s(1e9)) }, { ...every10, toleranceMs: Infinity });
    held.pipe(take(2)).subscribe();
    expect(held.stats).toMatchObject({ ticks: 2, sources: { all: { values: 2, passed: 1, dropped: 1 } } });
  });

  test('a re-entrant source keeps the order of ticks', () => {
    const [a, b] = [new Subject<Sample>(), new Subject<Sample>()];
    const seen: unknown[] = [];
    align({ a, b }, every10).subscribe((tick) => {
      seen.push([tick.time, tick.a, tick.b]);
      if (tick.time === 20) for (const source of [a, b]) source.next(s(60));
    });
    a.next(s(10));
    a.next(s(40));
    b.next(s(10));
    b.next(s(40));
    expect(seen).toEqual([
      [10, 10, 10],
      [20, 10, 10],
      [30, 10, 10],
      [40, 40, 40],
      [50, 40, 40],
      [60, 60, 60],
    ]);
  });

  test('each has a clock of its own; the figures are of all', () => {
    const aligned = align({ a: of(s(10), s(20)), b: of(s(20)) }, every10);
    const seen: unknown[] = [];
    for (const _ of [1, 2]) aligned.subscribe(({ time, a, b }) => seen.push([time, a, b]));
    const once = [
      [10, 10, gap],
      [20, 20, 20],
    ];
    expect(seen).toEqual([...once, ...once]);
    const { stats } = aligned;
    expect(stats).toMatchObject({
      ticks: 4,
      empty: 0,
      sources: { a: { values: 4, passed: 4 }, b: { passed: 2 } },
    });
    expectSums(stats);
  });

  test('promises, iterables, and what a subscription that is given up held', () => {
    const aligned = align({ a: [s(0), s(7)], b: NEVER }, every10);
    aligned.subscribe().unsubscribe();
    expect(aligned.stats.sources).toMatchObject({ a: { values: 2, held: 0, dropped: 2 } });
    expectSums(aligned.stats);
  });

  test('reading a sample may end it', () => {
    const a = new Subject<Sample>();
    const aligned = align({ a }, every10);
    const subscription = aligned.subscribe();
    a.next({
      get t() {
        subscription.unsubscribe();
        return 1;
      },
      value: 1,
    });
    expect(aligned.stats.sources['a']!.values).toBe(0);
  });

  test('types: what leaves is a sample for minibatch', () => {
    const aligned = align({ x: of({ t: 0, value: 1 }), y: of({ t: 0, value: 2, more: '' }) }, every10);
    expectTypeOf<typeof aligned>().toExtend<Observable<Aligned<'x' | 'y'>>>();
    const seen: unknown[] = [];
    aligned
      .pipe(minibatch({ size: 1, features: ['x', 'y'], missing: 'keep' }))
      .subscribe(({ data }) => seen.push([...data]));
    expect(seen).toEqual([[1, 2]]);
  });
});

describe('ticks', () => {
  test('latest: at or before the tick, no older than the tolerance', () => {
    const { seen } = live(
      [['a', s(1)], ['a', s(10)], ['a', s(12)], ['a', s(59)], ['a'], ['b', s(60)], ['b']],
      { toleranceMs: 20 },
    );
    expect(seen).toEqual([[10, 10, gap], [20, 12, gap], [30, 12, gap], [60, 59, 60], 'end']);
  });

  test('linear: between neighbours no farther apart than the tolerance, and a value itself', () => {
    const said = [
      [1, 5],
      [11, 25],
      [20, 3],
      [41, 7],
      [60, 8],
      [90, 9],
    ].map(([t, value]) => ['a', s(t!, value)] as const);
    const { seen, stats } = live([...said, ['a'], ['b']], { method: 'linear', toleranceMs: 20 });
    expect(seen).toEqual([
      [10, 23, gap],
      [20, 3, gap],
      [50, 7 + 9 / 19, gap],
      [60, 8, gap],
      [90, 9, gap],
      'end',
    ]);
    expect(stats).toMatchObject({ ticks: 5, empty: 4 });
  });

  test('times before the epoch, and between milliseconds', () => {
    expect(live([['a', s(-25)], ['a', s(-4)], ['a'], ['b']]).seen).toEqual([
      [-20, -25, gap],
      [-10, -25, gap],
      'end',
    ]);
    const { seen } = live([['a', s(0.3)], ['a', s(0.7)], ['a'], ['b']], { everyMs: 0.1 });
    expect(seen.map((one) => (one as number[])[0])).toEqual(
      [3, 4, 5, 6, 7]
        .map((k) => k * 0.1)
        .filter((time) => time <= 0.7)
        .concat('e' as never),
    );
  });

  test('startAt: the first tick; what is before it still is the latest', () => {
    const said = [['a', s(15)], ['a', s(40)], ['a'], ['b']] as const;
    expect(live(said, { startAt: 21 }).seen).toEqual([[30, 15, gap], [40, 40, gap], 'end']);
    const early = live(said, { startAt: -1e12 });
    expect(early.seen).toEqual([[20, 15, gap], [30, 15, gap], [40, 40, gap], 'end']);
    expect(early.stats.empty).toBe(1e11 + 2);
  });

  test('a gap of years costs nothing', () => {
    const year = 365 * 86_400_000;
    const { seen, stats } = live([['a', s(0)], ['a', s(50 * year)], ['a'], ['b']], {
      everyMs: 1,
      toleranceMs: 1,
    });
    expect(seen).toEqual([[0, 0, gap], [1, 0, gap], [50 * year, 50 * year, gap], 'end']);
    expect(stats.empty).toBe(50 * year - 2);
  });

  test('of equal times the last counts; a missing value tells the time only', () => {
    const said = [
      ['a', s(15, 1)],
      ['a', s(15, 2)],
      ['a', s(19, null)],
      ['a', s(30, gap)],
      ['b', s(30)],
    ] as const;
    expect(live(said).seen).toEqual([
      [20, 2, gap],
      [30, 2, 30],
    ]);
    expect(
      live([...said.slice(0, 2), ['a', s(25, 4)], ['b', s(30)], ['a'], ['b']], { method: 'linear' }).seen[0],
    ).toEqual([20, 3, gap]);
    expect(live(said).stats.sources['a']).toMatchObject({ values: 4, passed: 2, missing: 2 });
  });

  test('one that is silent is waited for until others have gone on by more than the tolerance', () => {
    const said = [
      ['a', s(10)],
      ['b', s(10)],
      ['a', s(110)],
    ] as const;
    expect(live(said).seen).toEqual([[10, 10, 10]]);
    expect(live([...said, ['a', s(111)]]).seen).toEqual([[10, 10, 10]]);
    expect(live([...said, ['a', s(121)]]).seen).toEqual([
      [10, 10, 10],
      [20, 10, 10],
    ]);
    expect(live([...said, ['b', s(20)], ['a', s(121)]]).seen).toEqual([
      [10, 10, 10],
      [20, 10, 20],
    ]); // it is far behind, not silent
  });

  test('late: before its source’s last, or not after the last tick', () => {
    const onLate = vi.fn();
    const late = [s(15), s(20)] as const;
    const said = [
      ['a', s(10)],
      ['b', s(18)],
      ['b', late[0]],
      ['a', s(25)],
      ['b', s(19)],
      ['a', s(130)],
      ['b', late[1]],
      ['b', s(21)],
      ['a'],
      ['b'],
    ] as const;
    const { seen, stats } = live(said, { onLate });
    expect(onLate.mock.calls).toEqual([
      [late[0], 15, 'b'],
      [late[1], 20, 'b'],
    ]);
    expect(stats.sources['b']).toMatchObject({ values: 5, late: 2, passed: 3 });
    expect(seen.slice(0, 3)).toEqual([
      [10, 10, gap],
      [20, 10, 19],
      [30, 25, 21],
    ]);
    expectSums(stats);
  });
});

describe('values', () => {
  test('value and timestamp: names or functions, numbers or Dates', () => {
    const seen: unknown[] = [];
    align(
      { a: of([new Date(10), 5] as const), b: of([10, 6] as const) },
      { everyMs: 10, toleranceMs: 0, timestamp: ([t]) => t, value: ([, v]) => v },
    ).subscribe((tick) => seen.push(tick));
    align(
      { a: of({ at: 10, v: 5 }) },
      { everyMs: 10, toleranceMs: 0, timestamp: 'at', value: 'v' },
    ).subscribe((tick) => seen.push(tick));
    expect(seen).toEqual([
      { time: 10, a: 5, b: 6 },
      { time: 10, a: 5 },
    ]);
  });

  test('what cannot be used is refused, by row of its source, source, property and value', () => {
    const bad = [
      null,
      s(gap),
      { t: 'now', value: 1 },
      s(1e17),
      { t: 1, value: '5' },
      { t: 1, value: Infinity },
    ] as Sample[];
    const told: unknown[] = [];
    const onInvalid: Options['onInvalid'] = ({ code, row, feature, value }, sample) =>
      told.push([code, row, feature, value, sample]);
    const { seen, stats } = live(
      [
        ...bad.map((sample) => ['b', sample] as const).filter(([, sample]) => sample),
        ['b', s(10)],
        ['a', s(10)],
      ],
      { onInvalid },
    );
    expect(told).toEqual([
      ['EVENKEEL_NOT_A_NUMBER', 0, 'b.t', gap, bad[1]],
      ['EVENKEEL_NOT_A_NUMBER', 1, 'b.t', 'now', bad[2]],
      ['EVENKEEL_NOT_A_NUMBER', 2, 'b.t', 1e17, bad[3]],
      ['EVENKEEL_NOT_A_NUMBER', 3, 'b.value', '5', bad[4]],
      ['EVENKEEL_NOT_FINITE', 4, 'b.value', Infinity, bad[5]],
    ]);
    expect(seen).toEqual([[10, 10, 10]]);
    expect(stats.sources['b']).toMatchObject({ values: 6, invalid: 5, passed: 1 });
    expect(
      live([
        ['a', s(10)],
        ['a', bad[4]!],
      ]).seen,
    ).toEqual([
      [10, 10, gap],
      expect.objectContaining({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: 'a.value' }),
    ]);
    const error = vi.fn();
    align({ a: of(5) }, { ...every10, timestamp: 't' } as never).subscribe({ error });
    align({ a: of(null) }, { ...every10, timestamp: 't' } as never).subscribe({ error });
    expect(error.mock.calls).toMatchObject([[{ feature: 'a.t' }], [{ feature: 'a.t' }]]);
  });

  test('errors of a source, of callbacks and of readers are their own', () => {
    const mine = new Error('mine');
    const fails = (): never => {
      throw mine;
    };
    const error = vi.fn();
    align({ a: throwError(() => mine) }, every10).subscribe({ error });
    align({ a: of(s(1)) }, { ...every10, value: fails }).subscribe({ error });
    align({ a: of(s(1), s(0)) }, { ...every10, onLate: fails }).subscribe({ error });
    align({ a: of(s(gap)) }, { ...every10, onInvalid: fails }).subscribe({ error });
    expect(error.mock.calls).toEqual([[mine], [mine], [mine], [mine]]);
  });
});

describe('maxBuffered', () => {
  const said = [10, 20, 30, 40].map((t) => ['a', s(t)] as const);
  const policies = { maxBuffered: 3 };
  test('error: after the ticks that are there', () => {
    const { seen, stats } = live(said, policies);
    expect(seen).toEqual([
      ...[10, 20, 30, 40].map((t) => [t, t, gap]),
      expect.objectContaining({ code: 'EVENKEEL_OVERFLOW', bound: 'maxBuffered', value: 3 }),
    ]);
    expectSums(stats);
  });

  test.each([
    [
      'drop-oldest',
      [],
      [
        [10, gap, 10],
        [20, 20, 10],
        [30, 30, 10],
        [40, 40, 10],
      ],
    ],
    [
      'drop-newest',
      [],
      [
        [10, 10, 10],
        [20, 20, 10],
        [30, 30, 10],
        [40, 30, 10],
      ],
    ],
    [
      'emit-early',
      [[10, 10, gap]],
      [
        [20, 20, gap],
        [30, 30, gap],
        [40, 40, gap],
      ],
    ],
  ] as const)('%s', (overflow, early, rest) => {
    const options = { ...policies, overflow };
    expect(live(said, options).seen).toEqual(early);
    const { seen, stats } = live([...said, ['b', s(10)], ['a'], ['b']], options);
    expect(seen).toEqual([...early, ...rest, 'end']);
    expect(stats.sources['a']!.dropped).toBe(overflow === 'emit-early' ? 0 : 1);
    expectSums(stats);
  });

  test('of values between two ticks no more than what may matter is held', () => {
    const many = Array.from({ length: 1000 }, (_, i) => ['a', s(1 + i / 200)] as const);
    for (const [method, held] of [
      ['latest', 1],
      ['linear', 2],
    ] as const) {
      const { stats } = live(many, { method, maxBuffered: 2 });
      expect(stats.sources['a']).toMatchObject({ values: 1000, passed: 1000 - held, held });
    }
  });
});

test('the figures are followed as they change', () => {
  const aligned = align({ a: of(s(0), s(10), s(5)) }, every10);
  const seen: unknown[] = [];
  aligned.stats$.subscribe(({ ticks, sources }) => seen.push([ticks, sources['a']!.late]));
  aligned.subscribe();
  expect(seen).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
  ]);
});

test('idleMs goes by the last sample of any source', () => {
  const clock = new VirtualTimeScheduler();
  const [a, b] = [new Subject<Sample>(), new Subject<Sample>()];
  const seen: unknown[] = [];
  const subscription = align({ a, b }, { ...every10, idleMs: 50, scheduler: clock }).subscribe(({ time }) =>
    seen.push([clock.now(), time]),
  );
  for (const [at, sample] of [
    [0, s(10)],
    [40, s(20)],
    [80, s(30)],
    [200, s(40)],
  ] as const)
    clock.schedule(() => a.next(sample), at);
  clock.schedule(() => subscription.unsubscribe(), 220);
  clock.flush();
  expect(seen).toEqual([
    [130, 10],
    [130, 20],
    [130, 30],
  ]);
  expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
});

test.each<[unknown, Partial<Options>, string]>([
  [{ a: [] }, { onAhead: () => {} }, 'maxAheadMs'],
  [{ a: [] }, { maxAheadMs: -1 }, 'maxAheadMs'],
  [{}, {}, 'sources'],
  [[of(s(1))], {}, 'sources'],
  [null, {}, 'sources'],
  [{ time: of(s(1)) }, {}, 'sources'],
  [{ '': of(s(1)) }, {}, 'sources'],
  [{ a: 5 }, {}, 'sources.a'],
  [{ a: of(s(1)) }, { every: 10 } as never, 'options.every'],
  [{ a: of(s(1)) }, { everyMs: 0 }, 'everyMs'],
  [{ a: of(s(1)) }, { everyMs: Infinity }, 'everyMs'],
  [{ a: of(s(1)) }, { timestamp: undefined } as never, 'timestamp'],
  [{ a: of(s(1)) }, { value: '' }, 'value'],
  [{ a: of(s(1)) }, { method: 'nearest' } as never, 'method'],
  [{ a: of(s(1)) }, { toleranceMs: undefined } as never, 'toleranceMs'],
  [{ a: of(s(1)) }, { toleranceMs: -1 }, 'toleranceMs'],
  [{ a: of(s(1)) }, { startAt: 1e300 }, 'startAt'],
  [{ a: of(s(1)) }, { maxBuffered: 1 }, 'maxBuffered'],
  [{ a: of(s(1)) }, { overflow: 'drop' } as never, 'overflow'],
  [{ a: of(s(1)) }, { idleMs: -1 }, 'idleMs'],
  [{ a: of(s(1)) }, { scheduler: {} } as never, 'scheduler'],
  [{ a: of(s(1)) }, { onLate: 'log' } as never, 'onLate'],
  [{ a: of(s(1)) }, { onInvalid: 'skip' } as never, 'onInvalid'],
])('%# is checked at once: %s %s', (sources, options, option) => {
  const make = (): unknown => align(sources as { a: Sample[] }, { ...every10, ...options });
  expect(thrownBy(make)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
});

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];
/** A source says something, or with no sample that it ends. */
type Event = readonly [name: Name, sample?: Sample];
interface Model {
  readonly everyMs: number;
  readonly toleranceMs: number;
  readonly method: 'latest' | 'linear';
  readonly startAt?: number;
}
type Known = Readonly<Record<Name, readonly Sample[]>>;

/** A source's value at a tick, among all of its values. */
function valueAt(time: number, samples: readonly Sample[], { toleranceMs, method }: Model): number {
  const values = samples.filter(({ value }) => value !== null);
  const before = values.filter(({ t }) => t <= time).at(-1); // of equal times the last
  if (method === 'latest') return before && time - before.t <= toleranceMs ? before.value! : gap;
  if (before?.t === time) return before.value!;
  const next = values.find(({ t }) => t > time);
  const after = next && values.filter(({ t }) => t === next.t).at(-1);
  if (!before || !after || after.t - before.t > toleranceMs) return gap;
  return before.value! + ((after.value! - before.value!) * (time - before.t)) / (after.t - before.t);
}

/** What all samples together come to, whatever the order they came in. */
function wholeOf(known: Known, model: Model): number[][] {
  const { everyMs, startAt, method } = model;
  const all = names.flatMap((name) =>
    known[name].filter(({ value }) => value !== null || method === 'latest'),
  );
  const first = startAt ?? Math.min(...all.filter(({ value }) => value !== null).map(({ t }) => t));
  const last = Math.max(...all.map(({ t }) => t));
  const ticks: number[][] = [];
  for (let k = Math.ceil(first / everyMs) + 0; k * everyMs <= last; k++) {
    const values = names.map((name) => valueAt(k * everyMs, known[name], model));
    if (!values.every(Number.isNaN)) ticks.push([k * everyMs, ...values]);
  }
  return ticks;
}

/** The same as things come, one tick and one look at all that is known after the other. */
function reference(
  events: readonly Event[],
  model: Model,
): { ticks: number[][]; known: Known; late: Sample[]; waited: boolean } {
  const { everyMs, toleranceMs, startAt } = model;
  const known: Record<Name, Sample[]> = { a: [], b: [], c: [] };
  const heard: Record<Name, number> = { a: -Infinity, b: -Infinity, c: -Infinity };
  const ended = new Set<Name>();
  const ticks: number[][] = [];
  const late: Sample[] = [];
  let greatest = -Infinity;
  let clock = -Infinity;
  let waited = true; // for every source, and so no silence decided
  let next = startAt === undefined ? gap : Math.ceil(startAt / everyMs) * everyMs + 0;
  const timeOf = (name: Name): number => known[name].at(-1)?.t ?? -Infinity;
  const isLate = (name: Name, { t }: Sample): boolean => t < timeOf(name) || t <= clock;
  const isKnown = (name: Name): boolean =>
    ended.has(name) ||
    timeOf(name) >= next ||
    (greatest - next > toleranceMs && greatest - heard[name] > toleranceMs);
  const leave = (all: boolean): void => {
    if (clock === -Infinity && startAt === undefined)
      next =
        Math.ceil(
          Math.min(
            ...names.flatMap((name) => known[name].filter(({ value }) => value !== null).map(({ t }) => t)),
          ) / everyMs,
        ) *
          everyMs +
        0;
    for (; next <= greatest && (all || names.every(isKnown)); next += everyMs) {
      const values = names.map((name) => valueAt(next, known[name], model));
      if (!values.every(Number.isNaN)) ticks.push([next, ...values]);
      clock = next;
      waited &&= all || names.every((name) => ended.has(name) || timeOf(name) >= next);
    }
  };
  for (const [name, sample] of events) {
    if (!sample) ended.add(name);
    else if (ended.has(name)) continue;
    else if (sample.value === null && (model.method === 'linear' || isLate(name, sample))) continue;
    else if (isLate(name, sample)) late.push(sample);
    else {
      known[name].push(sample);
      greatest = Math.max(greatest, sample.t);
      heard[name] = greatest;
    }
    leave(false);
  }
  leave(true);
  return { ticks, known, late, waited };
}

function expectTicks(seen: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(seen.map(([time]) => time)).toEqual(expected.map(([time]) => time));
  seen.forEach((values, i) => {
    values.forEach((value, j) => {
      const wanted = expected[i]![j]!;
      if (!(Math.abs(value - wanted) <= 1e-9)) expect(value).toBe(wanted); // NaN is NaN
    });
  });
}

const model = fc.record<Model, keyof Model>(
  {
    everyMs: fc.constantFrom(4, 5, 10),
    toleranceMs: fc.constantFrom(0, 5, 12, 40, Infinity),
    method: fc.constantFrom('latest', 'linear'),
    startAt: fc.integer({ min: -20, max: 60 }),
  },
  { requiredKeys: ['everyMs', 'toleranceMs', 'method'] },
) as fc.Arbitrary<Model>;
const value = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -50, max: 50 }) }, fc.constant(null));
/** Sources in the order of their times but for some steps back, and mostly not far apart. */
const events = fc
  .array(
    fc.tuple(
      fc.constantFrom(...names),
      fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 15 }) }, fc.integer({ min: -10, max: 60 })),
      value,
      fc.integer({ min: 0, max: 25 }),
    ),
    { maxLength: 25 },
  )
  .map((steps): Event[] => {
    const times = { a: 0, b: 3, c: 40 };
    return steps.map(([name, step, value, ends]) => {
      times[name] += step;
      return ends === 0 ? [name] : [name, s(times[name], value)];
    });
  });

property.prop([events, model], { numRuns: 10_000 })(
  'it is the reference, and where nothing is late the whole',
  (said, options) => {
    const sources = { a: new Subject<Sample>(), b: new Subject<Sample>(), c: new Subject<Sample>() };
    const [seen, late]: [number[][], Sample[]] = [[], []];
    const aligned = align(sources, { ...options, timestamp: 't', onLate: (sample) => late.push(sample) });
    let isOver = false;
    aligned.subscribe({
      next: ({ time, a, b, c }) => seen.push([time, a, b, c]),
      complete: () => {
        isOver = true;
      },
    });
    for (const [name, sample] of said) {
      if (sample) sources[name].next(sample);
      else sources[name].complete();
      if (isWrong(aligned.stats.sources[name]!)) expectSums(aligned.stats);
    }
    for (const name of names) sources[name].complete();
    expect(isOver).toBe(true);
    const expected = reference([...said, ...names.map((name): Event => [name])], options);
    expectTicks(seen, expected.ticks);
    expect(late).toEqual(expected.late);
    const hasTwins = names.some((name) => expected.known[name].some(({ t }, i, all) => all[i + 1]?.t === t));
    const isWhole = late.length === 0 && (options.method === 'latest' || (expected.waited && !hasTwins));
    if (isWhole) expectTicks(seen, wholeOf(expected.known, options));
    const { ticks, sources: counts } = aligned.stats;
    expect(ticks).toBe(seen.length);
    for (const name of names) {
      const end = said.findIndex(([of, sample]) => of === name && !sample);
      const samples = said.slice(0, end < 0 ? said.length : end).filter(([of]) => of === name);
      const missing = samples.filter(([, sample]) => sample?.value === null).length;
      expect(counts[name]).toMatchObject({ values: samples.length, held: 0, missing });
    }
    expectSums(aligned.stats);
  },
);

property.prop([events, model, fc.integer({ min: 0, max: 80 })], { numRuns: 3000 })(
  'what is too far ahead of now is told, and all else is as if it had not come',
  (said, options, maxAheadMs) => {
    const run = (said: readonly Event[], more: object): [number[][], AlignStats] => {
      const sources = { a: new Subject<Sample>(), b: new Subject<Sample>(), c: new Subject<Sample>() };
      const seen: number[][] = [];
      const aligned = align(sources, { ...options, ...more, timestamp: 't' });
      aligned.subscribe(({ time, a, b, c }) => seen.push([time, a, b, c]));
      for (const [name, sample] of said) {
        if (sample) sources[name].next(sample);
        else sources[name].complete();
      }
      return [seen, aligned.stats];
    };
    const told: unknown[] = [];
    const onAhead = (sample: Sample, time: number, source: string): number =>
      told.push([source, sample, time]);
    const scheduler = new VirtualTimeScheduler(); // it is 0 there
    const [seen, stats] = run(said, { maxAheadMs, onAhead, scheduler });
    expectSums(stats);
    const isAhead = ([, sample]: Event): boolean => sample !== undefined && sample.t > maxAheadMs;
    const [expected, others] = run(
      said.filter((event) => !isAhead(event)),
      {},
    );
    expect(seen).toEqual(expected);
    for (const name of names) {
      const { ahead, values, ...rest } = stats.sources[name]!;
      expect({ ...rest, ahead: 0, values: values - ahead }).toEqual(others.sources[name]);
    }
    const ended = new Set<string>();
    const aside = said.filter((event) => {
      if (!event[1]) ended.add(event[0]);
      return !ended.has(event[0]) && isAhead(event);
    });
    expect(told).toEqual(aside.map(([name, sample]) => [name, sample, sample!.t]));
  },
);

const inOrder = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), value), { maxLength: 12 }).map((steps) => {
  let t = 0;
  return steps.map(([step, value]) => {
    t += step;
    return s(t, value);
  });
});
property.prop([fc.record({ a: inOrder, b: inOrder, c: inOrder }), model], { numRuns: 10_000 })(
  'sources that say all at once come to the whole, as they would in the order of time',
  (known, options) => {
    const collected = (
      sources: Record<Name, Sample[]> | Record<Name, Subject<Sample>>,
      say: () => void,
    ): number[][] => {
      const seen: number[][] = [];
      const aligned = align(sources as Record<Name, Sample[]>, { ...options, timestamp: 't' });
      aligned.subscribe(({ time, a, b, c }) => seen.push([time, a, b, c]));
      say();
      expect(Object.values(aligned.stats.sources).map(({ late }) => late)).toEqual([0, 0, 0]);
      return seen;
    };
    const expected = wholeOf(known, options);
    expectTicks(
      collected(known, () => {}),
      expected,
    );
    const subjects = { a: new Subject<Sample>(), b: new Subject<Sample>(), c: new Subject<Sample>() };
    const all = names.flatMap((name) => known[name].map((sample) => ({ name, sample })));
    const inTime = collected(subjects, () => {
      for (const { name, sample } of all.sort((x, y) => x.sample.t - y.sample.t)) subjects[name].next(sample);
      for (const name of names) subjects[name].complete();
    });
    expectTicks(inTime, expected);
  },
);

const overflow = fc.constantFrom('drop-oldest', 'drop-newest', 'emit-early', 'error');
property.prop([events, model, overflow, fc.integer({ min: 2, max: 4 })], { numRuns: 10_000 })(
  'whatever overflows, no more is held than may be, and each value is somewhere',
  (said, options, overflow, maxBuffered) => {
    const sources = { a: new Subject<Sample>(), b: new Subject<Sample>(), c: new Subject<Sample>() };
    const aligned = align(sources, { ...options, timestamp: 't', overflow, maxBuffered });
    const times: number[] = [];
    const error = vi.fn();
    aligned.subscribe({ next: ({ time }) => times.push(time), error });
    for (const [name, sample] of said) {
      if (sample) sources[name].next(sample);
      else sources[name].complete();
      const counts = aligned.stats.sources[name]!;
      if (isWrong(counts) || counts.held > maxBuffered) expect(aligned.stats).toBe(`at most ${maxBuffered}`);
    }
    expect(times).toEqual([...new Set(times)].sort((x, y) => x - y));
    const { ticks, sources: counts } = aligned.stats;
    expect(ticks).toBe(times.length);
    if (overflow === 'error') expect(Object.values(counts).map(({ dropped }) => dropped)).toEqual([0, 0, 0]);
    else expect(error).not.toHaveBeenCalled();
  },
);
