import { fc, test as property } from '@fast-check/vitest';
import { from, map, Observable, of, Subject, take, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  type Batch,
  type ImputeElse,
  type ImputeOptions,
  type ImputePolicy,
  type ImputeStats,
  impute,
  quarantine,
  type Row,
  standardize,
  type Tensor,
  TensorPool,
  tensor,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

interface Ran {
  readonly rows: Tensor[];
  readonly invalid: unknown[];
  readonly stats: ImputeStats;
}

function ran<T>(items: readonly T[], options: ImputeOptions<T>): Ran {
  const [rows, invalid]: [Tensor[], unknown[]] = [[], []];
  const operator = impute<T>({
    onInvalid: ({ code, row, feature }) => invalid.push([code, row, feature]),
    ...options,
  });
  from(items)
    .pipe(operator)
    .subscribe((row) => rows.push(row as Tensor));
  return { rows, invalid, stats: operator.stats };
}
const firsts = ({ rows }: Ran): number[] => rows.map(({ data }) => data[0]!);
const gap = Number.NaN;

describe('marbles', () => {
  const values = { a: 1, b: 3, g: gap };
  const first = map(({ data }: Tensor) => data[0]);
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-a-|', '-1-|'],
    ['a gap', 'a-b-g-|', '1-3-2-|'],
    ['error', 'a-g#', '1-1#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      const seen = cold<number>(source, values).pipe(impute({ missing: 'mean' }), first);
      expectObservable(seen).toBe(expected, { 1: 1, 2: 2, 3: 3 });
    });
  });

  test('a last value, by the time of the scheduler', () => {
    scheduler().run(({ cold, expectObservable }) => {
      const seen = cold<number>('a--g-g|', values).pipe(
        impute({ missing: { last: 3, else: 'error' } }),
        first,
      );
      expectObservable(seen.pipe(map(String))).toBe(
        'a--a-#',
        { a: '1' },
        expect.objectContaining({ row: 2 }),
      );
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<number>('a-g-a-|', values);
      expectObservable(source.pipe(impute({ missing: 'mean' }), first), '---!').toBe('1-1-', { 1: 1 });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    endless.pipe(impute({ missing: 'mean' }), take(3)).subscribe();
    expect(produced).toBe(3);
  });

  test('a re-entrant source keeps order, and each row its own values', () => {
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source.pipe(impute({ missing: 'mean' })).subscribe(({ sample, data }) => {
      seen.push([sample, data[0]]);
      if (seen.length === 1) for (const next of [gap, 3, gap]) source.next(next);
    });
    source.next(1);
    expect(seen).toEqual([
      [1, 1],
      [gap, 1],
      [3, 3],
      [gap, 2],
    ]);
  });
});

describe('policies', () => {
  const items = [gap, 2, gap, 8, null, undefined, gap] as number[];
  test('error', () => {
    const all = ran(items, { missing: 'error' });
    expect(firsts(all)).toEqual([2, 8]);
    expect(all.invalid.map((one) => (one as unknown[])[1])).toEqual([0, 2, 4, 5, 6]);
    expect(all.stats).toMatchObject({ rows: 7, emitted: 2, invalid: 5, features: { 0: { missing: 0 } } });
    const error = vi.fn();
    from([[1, 2], [3, null] as number[]])
      .pipe(impute({ features: ([a, b]) => [a!, b!], missing: 'error' }))
      .subscribe({ error });
    expect(error.mock.calls).toMatchObject([[{ code: 'EVENKEEL_MISSING', row: 1, feature: 1 }]]);
  });

  test('keep', () => {
    expect(firsts(ran(items, { missing: 'keep' }))).toEqual([gap, 2, gap, 8, gap, gap, gap]);
  });

  test('mean: of what was seen, at any offset, and not of what was filled in', () => {
    expect(firsts(ran(items, { missing: 'mean' }))).toEqual([gap, 2, 2, 8, 5, 5, 5]);
    const far = [1e15, 1e15 + 2, gap, gap, 1e15 + 4, gap];
    expect(firsts(ran(far, { missing: 'mean' }))).toEqual([
      1e15,
      1e15 + 2,
      1e15 + 1,
      1e15 + 1,
      1e15 + 4,
      1e15 + 2,
    ]);
  });

  test('last: as long as it is recent, either way, and then what else says', () => {
    const at = (t: number | null, at: number | Date): { t: number | null; at: number | Date } => ({ t, at });
    const samples = [
      at(null, 0),
      at(4, 0),
      at(null, 10),
      at(null, 11),
      at(6, 20),
      at(null, new Date(9)),
      at(null, 15),
    ];
    const filled = (missing: ImputePolicy): Ran =>
      ran(samples, { features: ['t'], missing, timestamp: 'at' });
    expect(firsts(filled({ last: 10 }))).toEqual([gap, 4, 4, gap, 6, gap, 6]);
    expect(firsts(filled({ last: 10, else: 'keep' }))).toEqual([gap, 4, 4, gap, 6, gap, 6]);
    expect(firsts(filled({ last: 10, else: 'mean' }))).toEqual([gap, 4, 4, 4, 6, 5, 6]);
    expect(firsts(filled({ last: Infinity }))).toEqual([gap, 4, 4, 4, 6, 6, 6]);
    const { stats, ...all } = filled({ last: 10, else: 'error' });
    expect(firsts({ stats, ...all })).toEqual([4, 4, 6, 6]);
    expect(stats).toMatchObject({ rows: 7, emitted: 4, invalid: 3 });
    expect(filled({ last: 10, else: 'mean' }).stats.features).toEqual({
      t: { missing: 5, filled: 4, stale: 2 },
    });
    expect(filled('mean').stats.features).toEqual({ t: { missing: 5, filled: 4, stale: 0 } });
  });

  test('last, by the time it came', () => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<number>();
    const seen: number[] = [];
    source
      .pipe(impute({ missing: { last: 100 }, scheduler: clock }))
      .subscribe(({ data }) => seen.push(data[0]!));
    for (const [after, value] of [
      [0, 7],
      [60, gap],
      [100, gap],
      [101, gap],
      [200, 8],
      [201, gap],
    ] as const)
      clock.schedule(() => source.next(value), after);
    clock.flush();
    expect(seen).toEqual([7, 7, 7, gap, 8, 8]);
    expect(clock.actions).toEqual([]);
  });

  test('by feature: by name, by index; of those not named, error', () => {
    const samples = [{ a: 1, b: 2, last: 3 }, {}, { a: 5, last: 7 }, { b: 9, last: 0 }];
    const all = ran(samples, { features: ['a', 'b', 'last'], missing: { a: 'mean', last: 'keep' } });
    expect(all.rows.map(({ data }) => [...data])).toEqual([
      [1, 2, 3],
      [1, 9, 0],
    ]);
    expect(all.invalid).toEqual([
      ['EVENKEEL_MISSING', 1, 'b'],
      ['EVENKEEL_MISSING', 2, 'b'],
    ]);
    expect(
      ran(
        [
          [1, 2],
          [gap, gap],
        ],
        { missing: { 0: 'mean', 1: { last: 1e9 } } },
      ).rows.map(({ data }) => [...data]),
    ).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('of a sample that is refused nothing is seen', () => {
    const { rows } = ran(
      [
        [1, 1],
        [99, gap],
        [gap, 1],
      ],
      { missing: { 0: 'mean' } },
    );
    expect(rows.map(({ data }) => [...data])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe('rows', () => {
  test('those of quarantine: their sample tells the time', () => {
    const samples = [
      { a: 1, at: 0 },
      { a: 999, at: 10 },
      { a: Infinity, at: 100 },
    ];
    const seen: unknown[] = [];
    from(samples)
      .pipe(
        quarantine({ features: ['a'], limits: { a: [0, 10] }, replace: 'value' }),
        impute({ features: ['a'], missing: { a: { last: 50 } }, timestamp: 'at' }),
        standardize({ missing: 'keep' }),
      )
      .subscribe(({ data, sample }) => {
        expectTypeOf(sample).toEqualTypeOf<{ a: number; at: number }>();
        seen.push([data[0], sample]);
      });
    expect(seen).toEqual([
      [0, samples[0]],
      [0, samples[1]],
      [gap, samples[2]],
    ]);
    of({ a: 1 })
      .pipe(impute({ features: ['a'], missing: 'mean', timestamp: ({ a }) => a }))
      .subscribe((row) => expectTypeOf(row).toEqualTypeOf<Row<Batch<{ a: number }>>>());
  });

  test('a row given is not written to', () => {
    const given = tensor([gap, 2], [2]);
    const { rows } = ran([tensor([1, 1], [2]), given], { missing: 'mean' });
    expect(rows).toEqual([tensor([1, 1], [2]), tensor([1, 2], [2])]);
    expect(given).toEqual(tensor([gap, 2], [2]));
  });

  test('what has no time, or cannot be a row, is refused; infinities are too', () => {
    const items = [
      { a: 1, at: 1 },
      { a: 2, at: 'now' },
      { a: 3 },
      { a: 'x', at: 1 },
      { a: Infinity, at: 1 },
      null,
    ];
    const all = ran(items as { a: number; at: number }[], {
      features: ['a'],
      missing: 'keep',
      timestamp: 'at',
    });
    expect(firsts(all)).toEqual([1]);
    expect(all.invalid).toEqual([
      ['EVENKEEL_NOT_A_NUMBER', 1, 'at'],
      ['EVENKEEL_NOT_A_NUMBER', 2, 'at'],
      ['EVENKEEL_NOT_A_NUMBER', 3, 'a'],
      ['EVENKEEL_NOT_FINITE', 4, 'a'],
      ['EVENKEEL_NOT_A_NUMBER', 5, 'at'],
    ]);
    expect(all.stats).toMatchObject({ rows: 6, emitted: 1, invalid: 5 });
  });

  test('arrays come from the pool; those of rows refused go back', () => {
    const pool = new TensorPool();
    const arrays = new Set();
    from([1, gap, 2])
      .pipe(impute({ pool, missing: 'error', onInvalid: () => {} }))
      .subscribe((row) => {
        arrays.add(row.data);
        pool.give(row);
      });
    expect(arrays.size).toBe(1);
  });

  test('each subscription has seen its own; the figures are of all', () => {
    const operator = impute<number>({ missing: 'mean' });
    const seen: number[] = [];
    for (const items of [
      [1, gap],
      [gap, 5],
    ])
      from(items)
        .pipe(operator)
        .subscribe(({ data }) => seen.push(data[0]!));
    expect(seen).toEqual([1, 1, gap, 5]);
    expect(operator.stats).toEqual({
      rows: 4,
      emitted: 4,
      invalid: 0,
      dropped: 0,
      features: { 0: { missing: 2, filled: 1, stale: 0 } },
    });
  });
});

test.each<[ImputeOptions<number>, string]>([
  [{} as never, 'missing'],
  [{ missing: 'median' } as never, 'missing'],
  [{ missing: 5 } as never, 'missing'],
  [{ missing: { last: -1 } }, 'missing.last'],
  [{ missing: { last: Number.NaN } }, 'missing.last'],
  [{ missing: { last: 1, otherwise: 'mean' } } as never, 'missing.otherwise'],
  [{ missing: { last: 1, else: 'last' } } as never, 'missing.else'],
  [{ missing: { a: 'mean' } }, 'missing.a'],
  [{ features: ['a'], missing: { b: 'mean' } }, 'missing.b'],
  [{ features: ['a'], missing: { a: {} } } as never, 'missing.a.last'],
  [{ features: ['last'], missing: { last: 'median' } } as never, 'missing.last'],
  [{ missing: 'mean', timestamp: 5 } as never, 'timestamp'],
  [{ missing: 'mean', scheduler: {} } as never, 'scheduler'],
  [{ missing: 'mean', strategy: 'mean' } as never, 'options.strategy'],
])('%# is checked at once: %s', (options, option) => {
  expect(thrownBy(() => impute(options))).toMatchObject({ code: 'EVENKEEL_OPTION', option });
});

interface Sample {
  readonly at: number;
  readonly a: unknown;
  readonly b: unknown;
}
const names = ['a', 'b'] as const;
type Policies = { readonly [name in (typeof names)[number]]: ImputePolicy };

/** As the documentation has it, looking back over all rows let through. */
function reference(
  samples: readonly Sample[],
  policies: Policies,
): { rows: number[][]; refused: unknown[]; features: unknown } {
  const passed: { at: number; row: number[] }[] = [];
  const rows: number[][] = [];
  const refused: unknown[] = [];
  const features = { a: { missing: 0, filled: 0, stale: 0 }, b: { missing: 0, filled: 0, stale: 0 } };
  samples.forEach((sample, number) => {
    const row = names.map((name) => (sample[name] ?? gap) as number);
    const fills = names.map((name, i) => {
      const seen = passed.filter(({ row }) => !Number.isNaN(row[i]));
      const policy = policies[name];
      const last = seen.at(-1);
      const isFar = typeof policy === 'object' && !!last && Math.abs(sample.at - last.at) > policy.last;
      const rest: ImputeElse = typeof policy === 'object' ? (policy.else ?? 'keep') : policy;
      const mean = seen.reduce((sum, { row }) => sum + row[i]!, 0) / seen.length; // NaN of none
      const fill = typeof policy === 'object' && last && !isFar ? last.row[i]! : rest === 'mean' ? mean : gap;
      return { fill, isFar, isRefused: Number.isNaN(fill) && rest === 'error' };
    });
    const isGap = row.map(Number.isNaN);
    const bad = names.find((_, i) => isGap[i] && fills[i]!.isRefused);
    if (bad) {
      refused.push(['EVENKEEL_MISSING', number, bad]);
      return;
    }
    names.forEach((name, i) => {
      if (!isGap[i]) return;
      features[name].missing++;
      features[name].filled += Number(!Number.isNaN(fills[i]!.fill));
      features[name].stale += Number(fills[i]!.isFar);
    });
    rows.push(row.map((value, i) => (isGap[i] ? fills[i]!.fill : value)));
    passed.push({ at: sample.at, row });
  });
  return { rows, refused, features };
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 2, arbitrary: fc.constantFrom(gap, null, undefined) },
);
const samples = fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), a: value, b: value }), {
  maxLength: 12,
});
const other = fc.constantFrom<ImputeElse>('error', 'keep', 'mean');
const policy = fc.oneof(
  other,
  fc.record({ last: fc.constantFrom(0, 5, 20, Infinity), else: other }, { requiredKeys: ['last'] }),
) as fc.Arbitrary<ImputePolicy>;

property.prop([samples, fc.record({ a: policy, b: policy }), fc.boolean()], { numRuns: 10_000 })(
  'it is the reference, of samples and of rows',
  (items, policies, asRows) => {
    const expected = reference(items, policies);
    const options: ImputeOptions<object> = { features: names, missing: policies, timestamp: 'at' };
    const given = asRows
      ? items.map((sample) => ({
          ...tensor(
            names.map((name) => (sample[name] as number) ?? gap),
            [2],
          ),
          sample,
        }))
      : items;
    const all = ran<object>(given, options);
    expect(all.rows.map(({ data }) => [...data])).toEqual(expected.rows);
    expect(all.invalid).toEqual(expected.refused);
    expect(all.stats).toEqual({
      rows: items.length,
      emitted: expected.rows.length,
      invalid: expected.refused.length,
      dropped: 0,
      features: expected.features,
    });
  },
);
