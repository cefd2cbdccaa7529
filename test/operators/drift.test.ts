import { fc, test as property } from '@fast-check/vitest';
import { concat, defer, from, map, Observable, of, retry, Subject, take, throwError, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  BatchNorm,
  type DriftEvent,
  type DriftOptions,
  drift,
  driftOf,
  Moments,
  minibatch,
  normalize,
  StandardScaler,
  standardize,
  type Tensor,
  tensor,
  unbatch,
} from '../../src/index.js';
import { gaussian, uniform } from '../oracle/hard-data.js';
import { thrownBy } from '../thrown-by.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const known = (count = 1000): Moments => Moments.from({ count, mean: [0], variance: [1], ddof: 1 });
const options: DriftOptions<number> = { reference: known(), size: 2, raise: { shift: 3 }, clear: 0.5 };
/** All that leaves, and the error that ends it. */
function out<T>(items: readonly T[], options: DriftOptions<T>): unknown[] {
  const seen: unknown[] = [];
  from(items)
    .pipe(drift(options))
    .subscribe({ next: (y) => seen.push(y), error: (error) => seen.push(error) });
  return seen;
}

describe('marbles', () => {
  const values = { a: 0, b: 4, c: 4 };
  const alarm = map(({ drift }: { drift: { alarm: boolean } }) => drift.alarm);
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-a-|', '-n-|'],
    ['many', 'a-b-(ca|)', 'n-n-(yy|)'],
    ['error', 'b-c-#', 'n-y-#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold(source, values).pipe(drift(options), alarm)).toBe(expected, {
        n: false,
        y: true,
      });
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b-c-|', values);
      expectObservable(source.pipe(drift(options), alarm), '---!').toBe('n-n', { n: false });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });
});

describe('subscriptions', () => {
  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    endless.pipe(drift(options), take(3)).subscribe();
    expect(produced).toBe(3);
  });

  test('a re-entrant source keeps its order', () => {
    const source = new Subject<number>();
    const seen: number[] = [];
    source.pipe(drift(options)).subscribe(({ sample }) => {
      seen.push(sample);
      if (sample < 3) source.next(sample + 1);
    });
    source.next(0);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('each has its own state, under retry too', () => {
    let lives = 0;
    const flaky = defer(() => concat(of(9), lives++ < 2 ? throwError(() => new Error('gone')) : of(9)));
    const seen: boolean[] = [];
    flaky.pipe(drift(options), retry()).subscribe(({ drift }) => seen.push(drift.alarm));
    expect(seen).toEqual([false, false, false, true]);
  });

  test('reading a sample may end it: the sample is not learned', () => {
    const operator = drift<{ x: number }>({ ...options, features: ['x'] } as never);
    const source = new Subject<{ x: number }>();
    const subscription = source.pipe(operator).subscribe();
    source.next({
      get x() {
        subscription.unsubscribe();
        return 1;
      },
    });
    expect(operator.stats.rows).toBe(0);
  });
});

describe('items leave as they came, with their drift', () => {
  test('a sample, as its row', () => {
    const [first] = out([{ t: 1, u: 'kept' }], { reference: { rows: 1 }, size: 1, features: ['t'] });
    expect(first).toEqual({
      data: Float64Array.of(1),
      shape: [1],
      sample: { t: 1, u: 'kept' },
      drift: {
        shift: Float64Array.of(Number.NaN),
        logVarianceRatio: Float64Array.of(Number.NaN),
        divergence: Float64Array.of(Number.NaN),
        alarm: false,
        alarms: [],
        raised: [],
        cleared: [],
      },
    });
  });

  test('a row of unbatch, and a batch, in their own type', () => {
    const seen: unknown[] = [];
    const source = from([1, 3, 5]).pipe(minibatch({ size: 2, dtype: 'float32' }));
    source.pipe(drift(options as never)).subscribe((y) => {
      const { samples, data, shape, drift } = y as never as Tensor & { samples: number[]; drift: object };
      seen.push([samples, data, shape, 'shift' in drift]);
    });
    expect(seen).toEqual([
      [[1, 3], Float32Array.of(1, 3), [2, 1], true],
      [[5], Float32Array.of(5), [1, 1], true],
    ]);
    const rows: unknown[] = [];
    source.pipe(unbatch(), drift(options as never)).subscribe((y) => {
      const { sample, data, drift } = y as never as Tensor & {
        sample: number;
        drift: { shift: ArrayLike<number> };
      };
      rows.push([sample, data[0], drift.shift[0]]);
    });
    expect(rows).toEqual([
      [1, 1, 1],
      [3, 3, 2],
      [5, 5, 4],
    ]);
  });

  test('of any rank, all positions being values of their channel', () => {
    const [y] = out([tensor([1, 3, 10, 10], [1, 2, 2])], { reference: { rows: 1 }, size: 1 });
    expect(y).toMatchObject({ shape: [1, 2, 2] });
    const recent = new Moments(2);
    const x = tensor([1, 3, 10, 10], [1, 2, 2]);
    recent.updateBatch(x);
    const [, second] = out([x, x], { reference: { rows: 1 }, size: 1 }) as { drift: object }[];
    expect(second!.drift).toMatchObject({ ...driftOf(recent, recent) });
  });
});

/** The course of an alarm, as it is told. */
function courseOf(samples: readonly number[], given: Partial<DriftOptions<number>>) {
  const told: [string, DriftEvent][] = [];
  const operator = drift<number>({
    ...options,
    onAlarm: (event) => told.push(['raised', event]),
    onClear: (event) => told.push(['cleared', event]),
    ...given,
  });
  const alarms: string[] = [];
  from(samples)
    .pipe(operator)
    .subscribe(({ drift: { alarm, raised, cleared } }) =>
      alarms.push(`${alarm ? 'alarm' : ''}${raised.length ? '+' : ''}${cleared.length ? '-' : ''}`),
    );
  return { told, alarms, stats: operator.stats };
}

describe('alarms', () => {
  test('once the window is full; with hysteresis; and they are told', () => {
    const { told, alarms, stats } = courseOf([9, 0, 2, 0, -4, -6, 1, 1, 0], {});
    //                                  means:     4.5, 1, 1, -2, -5, -2.5, 1, 0.5
    expect(alarms).toEqual(['', 'alarm+', '-', '', '', 'alarm+', 'alarm', '-', '']);
    expect(told.map(([what, { rows, shift }]) => [what, rows, shift])).toEqual([
      ['raised', 2, 4.5],
      ['cleared', 3, 1],
      ['raised', 6, -5],
      ['cleared', 8, 1],
    ]);
    expect(stats).toEqual({ rows: 9, invalid: 0, raised: 2, cleared: 2, raisedBy: { 0: 2 }, alarms: [] });
  });

  test('by name, and before the item leaves', () => {
    const order: unknown[] = [];
    const operator = drift<{ a: number; b: number }>({
      reference: Moments.from({ count: 9, mean: [0, 0], variance: [1, 1], ddof: 1 }),
      size: 1,
      raise: { shift: 3 },
      features: ['a', 'b'],
      onAlarm: ({ feature }) => order.push(feature),
    });
    from([
      { a: 0, b: 5 },
      { a: 5, b: 5 },
      { a: 0, b: 0 },
    ])
      .pipe(operator)
      .subscribe(({ drift: { alarms, raised, cleared } }) => order.push([alarms, raised, cleared]));
    expect(order).toEqual(['b', [['b'], ['b'], []], 'a', [['a', 'b'], ['a'], []], [[], [], ['a', 'b']]]);
    expect(operator.stats.raisedBy).toEqual({ a: 1, b: 1 });
  });

  test('a reference that still learns is taken as it is by then', () => {
    const scaler = new StandardScaler(1);
    const seen: number[] = [];
    for (const x of [-1, 1]) scaler.update([x]);
    from([3, 3])
      .pipe(drift({ reference: scaler.moments, size: 1 }), standardize(scaler))
      .subscribe(({ drift }) => seen.push(drift.shift[0]!));
    expect(seen).toEqual([3 / Math.SQRT2, 2 / 2]); // of -1, 1; and of -1, 1, 3
  });

  test('learned from the first rows, which are in no window: whole batches', () => {
    const reference = { rows: 3 };
    const { alarms } = courseOf([-1, 0, 1, 9, 9, 0], { reference });
    expect(alarms).toEqual(['', '', '', '', 'alarm+', 'alarm']);
    const batches = [tensor([-1, 1], [2, 1]), tensor([-1, 1], [2, 1]), tensor([9, 9], [2, 1])];
    const seen = out(batches, { ...options, reference } as never) as { drift: { shift: Float64Array } }[];
    expect(seen.map(({ drift }) => drift.shift[0])).toEqual([Number.NaN, Number.NaN, 9 / Math.sqrt(4 / 3)]);
  });

  test('relearn: what comes after is the new reference, and then there is no alarm', () => {
    const { told, alarms, stats } = courseOf([0, 0, 9, 9, 8, 9, 10, 9, 9, 0, 0], { relearn: 3 });
    expect(alarms).toEqual(['', '', 'alarm+', 'alarm', 'alarm', '-', '', '', '', 'alarm+', 'alarm']);
    expect(told.map(([what, { rows }]) => [what, rows])).toEqual([
      ['raised', 3],
      ['cleared', 6],
      ['raised', 10],
    ]);
    expect(stats).toMatchObject({ raised: 2, cleared: 1, alarms: [] });
  });

  test('what a hook throws ends the stream', () => {
    const mine = new Error('mine');
    const onAlarm = (): never => {
      throw mine;
    };
    expect(out([9, 9], { ...options, onAlarm }).at(-1)).toBe(mine);
  });
});

describe('watched', () => {
  test('as it is, when it changes; of all subscriptions', () => {
    const operator = drift(options);
    const seen: unknown[] = [];
    const watching = operator.stats$.subscribe(({ rows, raised, alarms }) =>
      seen.push([rows, raised, alarms]),
    );
    const [one, two] = [new Subject<number>(), new Subject<number>()];
    const first = one.pipe(operator).subscribe();
    two.pipe(operator).subscribe();
    for (const x of [9, 9]) one.next(x);
    two.next(0);
    expect(operator.stats.alarms).toEqual([0]);
    first.unsubscribe();
    expect(operator.stats).toEqual({
      rows: 3,
      invalid: 0,
      raised: 1,
      cleared: 0,
      raisedBy: { 0: 1 },
      alarms: [],
    });
    expect(seen).toEqual([
      [0, 0, []],
      [1, 0, []],
      [2, 1, [0]],
      [3, 1, [0]],
    ]);
    watching.unsubscribe();
  });
});

describe('what cannot be used', () => {
  const items = [1, 'x', Number.NaN, Infinity, 2] as number[];
  test('ends the stream; or is told, counted, and left out', () => {
    expect(out(items, options)[1]).toMatchObject({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1 });
    const onInvalid = vi.fn();
    const operator = drift<number>({ ...options, onInvalid });
    const seen: number[] = [];
    from(items)
      .pipe(operator)
      .subscribe(({ sample, drift }) => seen.push(sample, drift.shift[0]!));
    expect(seen).toEqual([1, 1, 2, 1.5]);
    expect(onInvalid.mock.calls.map(([{ code, row }]) => [code, row])).toEqual([
      ['EVENKEEL_NOT_A_NUMBER', 1],
      ['EVENKEEL_MISSING', 2],
      ['EVENKEEL_NOT_FINITE', 3],
    ]);
    expect(operator.stats).toMatchObject({ rows: 2, invalid: 3 });
  });

  test('a row of another width than those of the batches before it, too', () => {
    const told: unknown[] = [];
    const operator = drift<Tensor | number[]>({
      reference: { rows: 1 },
      size: 1,
      onInvalid: ({ code, row }, item) => told.push([code, row, item]),
    });
    const items = [tensor([1, 3], [1, 2]), [1, 2, 3], [1, 2], tensor([1], [1])];
    const seen: unknown[] = [];
    from(items)
      .pipe(operator)
      .subscribe(({ shape }) => seen.push(shape));
    expect(seen).toEqual([[1, 2], [2]]);
    expect(told).toEqual([
      ['EVENKEEL_ARITY', 0, items[1]],
      ['EVENKEEL_ARITY', 2, items[3]],
    ]);
    expect(operator.stats).toMatchObject({ rows: 2, invalid: 2 });
  });

  test('a missing value that is kept counts for nothing', () => {
    const seen = out([1, Number.NaN, 5], { ...options, missing: 'keep' }) as { drift: { shift: number[] } }[];
    expect(seen.map(({ drift }) => drift.shift[0])).toEqual([1, 1, 5]);
  });

  test('a batch is refused as a whole, and does not say how many channels there are', () => {
    const bad = tensor([1, 2, Infinity, 4], [2, 2]);
    const told: unknown[] = [];
    const operator = drift<Tensor>({
      reference: { rows: 1 },
      size: 1,
      onInvalid: ({ code, row, feature }, item) => told.push([code, row, feature, item]),
    });
    const seen: unknown[] = [];
    from([bad, tensor([1], [1, 1]), tensor([Number.NaN], [1, 1])])
      .pipe(operator)
      .subscribe(({ data }) => seen.push(data));
    expect(seen).toEqual([Float64Array.of(1)]);
    expect(told.slice(0, 1)).toEqual([['EVENKEEL_NOT_FINITE', 1, 0, bad]]);
    expect(operator.stats).toMatchObject({ rows: 1, invalid: 2 });
    expect(out([tensor([1, 2], [1, 2])], options as never)).toEqual([
      expect.objectContaining({ code: 'EVENKEEL_SHAPE' }),
    ]);
  });

  test.each<[Partial<Record<keyof DriftOptions<number>, unknown>>, string]>([
    [{ reference: undefined }, 'reference'],
    [{ reference: { rows: 0 } }, 'reference.rows'],
    [{ reference: { row: 1 } }, 'reference.row'],
    [{ size: 0 }, 'size'],
    [{ size: 10, stride: 3 }, 'size'],
    [{ stride: 0 }, 'stride'],
    [{ raise: 0 }, 'raise'],
    [{ clear: 2 }, 'clear'],
    [{ relearn: 0 }, 'relearn'],
    [{ onAlarm: 'keep' }, 'onAlarm'],
    [{ onClear: 1 }, 'onClear'],
    [{ missing: 'mean' }, 'missing'],
    [{ onInvalid: 'skip' }, 'onInvalid'],
    [{ features: [] }, 'features'],
    [{ features: ['a', 'b'] }, 'features'],
    [{ sice: 1 }, 'options.sice'],
  ] as never)('%j', (given, option) => {
    expect(thrownBy(() => drift({ ...options, ...given } as never))).toMatchObject({
      code: 'EVENKEEL_OPTION',
      option,
    });
  });
});

describe('recipes', () => {
  const batches = from([0, 2, 0, 2, 10, 12, 10, 12]).pipe(minibatch({ size: 2 }));
  const reference = { rows: 4 };

  test('freeze: what is learned while in alarm is not', () => {
    const bn = new BatchNorm(1);
    const alarms: boolean[] = [];
    batches
      .pipe(
        drift({ reference, size: 2, raise: { shift: 3 } }),
        normalize(bn, { mode: ({ drift }) => (drift.alarm ? 'eval' : 'train') }),
      )
      .subscribe(({ drift }) => alarms.push(drift.alarm));
    expect([alarms, bn.batches, bn.runningMean[0]]).toEqual([[false, false, true, true], 2, 1]);
  });

  test('reset: learn anew from the batch that raised the alarm on', () => {
    const bn = new BatchNorm(1);
    batches
      .pipe(drift({ reference, size: 2, raise: { shift: 3 }, onAlarm: () => bn.reset() }), normalize(bn))
      .subscribe();
    expect([bn.batches, bn.runningMean[0]]).toEqual([2, 11]);
  });

  test('freeze, of samples', () => {
    const scaler = new StandardScaler(1);
    from([0, 2, 0, 2, 10, 12])
      .pipe(
        drift({ reference, size: 1, raise: { shift: 3 } }),
        standardize(scaler, { mode: ({ drift }) => (drift.alarm ? 'eval' : 'train') }),
      )
      .subscribe();
    expect([scaler.rows, scaler.moments.mean[0]]).toEqual([4, 1]);
  });
});

describe('against plain arrays', () => {
  /** What the window has after so many rows, as `WindowMoments` says. */
  const windowOf = (rows: readonly number[][], size: number, stride: number): number[][] => {
    const newest = Math.floor((rows.length - 1) / stride);
    return rows.slice(Math.max(0, (newest - size / stride + 1) * stride));
  };
  const momentsOf = (rows: readonly number[][], channels: number): Moments => {
    const moments = new Moments(channels);
    for (const row of rows) moments.update(row);
    return moments;
  };

  property.prop(
    [
      fc.record({
        seed: fc.integer(),
        channels: fc.integer({ min: 1, max: 3 }),
        learn: fc.integer({ min: 2, max: 8 }),
        blocks: fc.integer({ min: 1, max: 5 }),
        stride: fc.integer({ min: 1, max: 3 }),
        relearn: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        level: fc.double({ min: 0.2, max: 4, noNaN: true }),
        clear: fc.double({ min: 0, max: 1, noNaN: true }),
        byBatch: fc.boolean(),
      }),
    ],
    { numRuns: 10_000 },
  )(
    'scores, alarms, relearning',
    ({ seed, channels, learn, blocks, stride, relearn, level, clear, byBatch }) => {
      const [next, noise] = [uniform(seed), gaussian(seed + 1)];
      const size = blocks * stride;
      const items = Array.from({ length: 12 }, (_, i) => {
        const rows = byBatch ? 1 + Math.floor(3 * next()) : 1;
        return Array.from({ length: rows }, () =>
          Array.from({ length: channels }, () => (next() < 0.05 ? Number.NaN : noise() + (i > 6 ? 3 : 0))),
        );
      });
      const seen: {
        shift: number[];
        alarms: readonly (number | string)[];
        raised: number;
        cleared: number;
      }[] = [];
      const given = byBatch
        ? items.map((rows) => tensor(rows.flat(), [rows.length, channels]))
        : items.map(([row]) => row!);
      from(given as number[][])
        .pipe(
          drift({
            reference: { rows: learn },
            size,
            stride,
            raise: { shift: level },
            clear,
            missing: 'keep',
            ...(relearn === undefined ? {} : { relearn }),
          }),
        )
        .subscribe(({ drift: { shift, alarms, raised, cleared } }) =>
          seen.push({ shift: [...shift], alarms, raised: raised.length, cleared: cleared.length }),
        );

      let [reference, recent, toLearn]: [number[][], number[][], number] = [[], [], learn];
      let isUp = Array<boolean>(channels).fill(false);
      const expected = items.map((rows) => {
        const isLearning = toLearn > 0;
        if (isLearning) {
          reference = [...reference, ...rows];
          toLearn -= rows.length;
        } else recent = [...recent, ...rows];
        const window = windowOf(recent, size, stride);
        const [a, b] = [momentsOf(window, channels), momentsOf(reference, channels)];
        const { shift } = driftOf(a, b);
        const was = isUp;
        if (!isLearning && recent.length >= size)
          isUp = was.map((up, i) =>
            up ? !(Math.abs(shift[i]!) / level < clear) : Math.abs(shift[i]!) / level >= 1,
          );
        else if (isLearning && toLearn <= 0) isUp = was.map(() => false);
        const raised = isUp.filter((up, i) => up && !was[i]).length;
        const cleared = was.filter((up, i) => up && !isUp[i]).length;
        if (raised > 0 && relearn !== undefined) [reference, recent, toLearn] = [[], [], relearn];
        return { shift: [...shift], alarms: [...isUp.keys()].filter((i) => isUp[i]), raised, cleared };
      });
      const exact = expected.flatMap(({ shift }) => shift);
      const isOff = (x: number, i: number): boolean =>
        !Object.is(x, exact[i]) && !(Math.abs(x - exact[i]!) < 1e-12 * Math.max(1, Math.abs(exact[i]!)));
      expect(seen.flatMap(({ shift }) => shift).filter(isOff)).toEqual([]);
      const told = (all: typeof seen) => all.map(({ alarms, raised, cleared }) => [alarms, raised, cleared]);
      expect(told(seen)).toEqual(told(expected));
      expect(seen.length).toBe(items.length);
    },
  );
});

test('who is told of an alarm may send the next row: all that is told of the one at hand is of it', () => {
  const source = new Subject<number[]>();
  const told: unknown[] = [];
  source
    .pipe(
      drift<number[]>({
        reference: Moments.from({ count: 1000, mean: [0, 0], variance: [1, 1], ddof: 1 }),
        size: 1,
        raise: { shift: 3 },
        onAlarm({ feature, rows }) {
          told.push(['alarm', feature, rows]);
          if (rows === 2) source.next([0, 0]);
        },
        onClear: ({ feature, rows }) => told.push(['clear', feature, rows]),
      }),
    )
    .subscribe();
  source.next([9, 0]);
  source.next([0, 9]);
  expect(told).toEqual([
    ['alarm', 0, 1],
    ['alarm', 1, 2],
    ['clear', 1, 3],
    ['clear', 0, 2],
  ]);
});

test('what is refused is counted before it is told', () => {
  const counted: number[] = [];
  const operator = drift<unknown>({
    ...(options as object),
    onInvalid: () => counted.push(operator.stats.invalid),
  } as never);
  from([0, 'x', 'y']).pipe(operator).subscribe();
  expect(counted).toEqual([1, 2]);
});

test('the scores are one’s own: what is emitted is never written again', () => {
  const kept: { drift: object; was: string }[] = [];
  from([0, 1, 5, 9, 2, 0, 7])
    .pipe(drift(options), toArray())
    .subscribe((all) => {
      for (const { drift } of all) kept.push({ drift, was: JSON.stringify(drift) });
    });
  from([9, 9, 9]).pipe(drift(options)).subscribe();
  for (const { drift, was } of kept) expect(JSON.stringify(drift)).toBe(was);
  expect(new Set(kept.map(({ was }) => was)).size).toBe(kept.length);
});

describe('simulated changes, of Gaussian rows', () => {
  const [before, after, size] = [3000, 1000, 256];
  /** Rows of ten streams with which an alarm is raised. */
  const raisedIn = (change: (x: number) => number): number[][] =>
    Array.from({ length: 10 }, (_, seed) => {
      const noise = gaussian(seed + 1);
      const rows = Array.from({ length: before + after }, (_, i) => (i < before ? noise() : change(noise())));
      const raised: number[] = [];
      let row = 0;
      from(rows)
        .pipe(drift<number>({ reference: { rows: 1000 }, size }))
        .subscribe(({ drift }) => {
          if (drift.raised.length > 0) raised.push(row);
          row++;
        });
      return raised;
    });

  test('no change, no alarm', () => {
    expect(raisedIn((x) => x).flat()).toEqual([]);
  });

  test.each<[string, number, (x: number) => number]>([
    ['mean + 0.5 sd', 256, (x) => x + 0.5],
    ['mean + 1 sd', 128, (x) => x + 1],
    ['mean + 2 sd', 64, (x) => x + 2],
    ['variance × 4', 100, (x) => 2 * x],
  ])('%s: in every stream, and within %i rows in most', (_change, most, change) => {
    const delays = raisedIn(change).map(([first]) => first! - before + 1);
    expect(Math.min(...delays)).toBeGreaterThan(0);
    expect(delays.sort((a, b) => a - b)[5]).toBeLessThanOrEqual(most);
  });
});
