import { fc, test as property } from '@fast-check/vitest';
import {
  concat,
  EMPTY,
  from,
  Observable,
  of,
  retry,
  Subject,
  type Subscription,
  take,
  throwError,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  Moments,
  minibatch,
  WindowMoments,
  type WindowMomentsOptions,
  type WindowOf,
  windowMoments,
} from '../../src/index.js';
import { noiseAround } from '../oracle/hard-data.js';
import { thrownBy } from '../thrown-by.js';

interface Reading {
  readonly x: number;
  readonly at: number;
}
const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const byTime = { sizeMs: 20, strideMs: 10, timestamp: 'at', features: ['x'] } as const;

/** Everything that comes out of synchronous items, an error last; of windows, rows and mean. */
function out<T>(items: Iterable<T>, options: WindowMomentsOptions<T>): unknown[] {
  const seen: unknown[] = [];
  from(items)
    .pipe(windowMoments(options))
    .subscribe({
      next: ({ rows, moments }) => seen.push([rows, moments.mean[0]]),
      error: (error: unknown) => seen.push(error),
    });
  return seen;
}

describe('marbles', () => {
  const samples = { a: 1, b: 3, c: 8 };
  const operator = windowMoments<number>({ size: 4, stride: 2 });
  const means = (source: Observable<number>): Observable<number> =>
    new Observable((subscriber) =>
      source.pipe(operator).subscribe({
        next: ({ moments }) => subscriber.next(moments.mean[0]!),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );

  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['each stride as it is complete', 'a-b-b-b-|', '--2---x-|'],
    ['what is left when it completes', 'a-b-c--|', '--2----(y|)'],
    ['what is left, before an error', 'a-b-c--#', '--2----(y#)'],
    ['nothing left', 'a-b----#', '--2----#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(means(cold(source, samples))).toBe(expected, { 2: 2, x: 2.5, y: 4 });
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<number>('a-b-a-b-|', samples);
      expectObservable(source.pipe(windowMoments({ size: 1 })), '-!').toBe('w', {
        w: expect.objectContaining({ rows: 1, sample: 1 }),
      });
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });
});

describe('a window of rows', () => {
  test('emits at each stride, with the last sample; a partial stride only if asked for', () => {
    expect(out([1, 3, 5, 7, 9], { size: 4, stride: 2 })).toEqual([
      [2, 2],
      [4, 4],
      [3, 7],
    ]);
    expect(out([1, 3, 5], { size: 4, stride: 2, partial: 'drop' })).toEqual([[2, 2]]);
    const seen: WindowOf<Reading>[] = [];
    from([{ x: 1, at: 0 }])
      .pipe(windowMoments({ size: 1, features: ['x'] }))
      .subscribe((window) => seen.push(window));
    expect(seen).toEqual([{ rows: 1, sample: { x: 1, at: 0 }, moments: expect.any(Moments) }]);
  });

  test('what was emitted is of that window, for good, and learns on its own', () => {
    const seen: Moments[] = [];
    from([1, 3, 9])
      .pipe(windowMoments({ size: 2 }))
      .subscribe(({ moments }) => seen.push(moments));
    expect(seen.map(({ mean }) => mean[0])).toEqual([1, 2, 6]);
    seen[1]!.update([5]);
    expect([seen[1]!.mean[0], seen[2]!.mean[0]]).toEqual([3, 6]);
  });

  test('of far more rows than one would keep', () => {
    let last: WindowOf<number> | undefined;
    from(noiseAround(1e6, 100_000, 5))
      .pipe(windowMoments({ size: 50_000, stride: 5000 }))
      .subscribe((window) => {
        last = window;
      });
    expect(last!.rows).toBe(50_000);
    expect(Math.abs(last!.moments.variance()[0]! - 1)).toBeLessThan(0.05);
  });

  test('takes rows of unbatched tensors, and features by name', () => {
    const rows = [
      { data: Float64Array.of(1, 10), shape: [2] },
      { data: Float32Array.of(3, 30), shape: [2] },
    ];
    expect(out(rows, { size: 2, stride: 2 })).toEqual([[2, 2]]);
  });
});

describe('a window of time', () => {
  const items: Reading[] = [
    { x: 1, at: 0 },
    { x: 3, at: 9 },
    { x: 5, at: 10 },
    { x: 9, at: 8 }, // late, but there
    { x: 7, at: 31 },
    { x: 100, at: 5 }, // too late
  ];

  test('a stride is complete when a sample of a later one comes; an empty one is not emitted', () => {
    const seen: unknown[] = [];
    const late = vi.fn();
    const operator = windowMoments<Reading>({ ...byTime, onLate: late });
    from(items)
      .pipe(operator)
      .subscribe(({ rows, moments, sample, start, end }) =>
        seen.push([rows, moments.mean[0], sample, start, end]),
      );
    expect(seen).toEqual([
      [2, 2, items[2], -10, 10],
      [4, 4.5, items[4], 0, 20],
      [1, 7, items[4], 20, 40],
    ]);
    expect(late).toHaveBeenCalledExactlyOnceWith(items[5], 5);
    expect(operator.stats).toEqual({ rows: 5, late: 1, invalid: 0, emitted: 3 });
  });

  test('times may be dates, by a function', () => {
    const dated = items.map(({ x, at }) => ({ x, at: new Date(at) }));
    const options = { sizeMs: 20, strideMs: 10, features: ['x'] };
    expect(out(dated, { ...options, timestamp: ({ at }) => at })).toEqual([
      [2, 2],
      [4, 4.5],
      [1, 7],
    ]);
  });

  test('a sample without a time is refused like any other', () => {
    const bad = { x: 1, at: 'noon' } as never;
    expect(out([items[0]!, bad], byTime)).toEqual([
      [1, 1],
      expect.objectContaining({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: 'at', value: 'noon' }),
    ]);
    const told = vi.fn();
    expect(out([bad, items[0]!, null as never], { ...byTime, onInvalid: told })).toEqual([[1, 1]]);
    expect(told.mock.calls.map(([{ row, feature }, sample]) => [row, feature, sample])).toEqual([
      [0, 'at', bad],
      [2, 'at', null],
    ]);
  });

  test('a time too far away to be told from others is refused like any other', () => {
    const told = vi.fn();
    const options = { ...byTime, sizeMs: 1, strideMs: 0.25, onInvalid: told };
    expect(out([{ x: 1, at: 8e15 }, items[0]!], options)).toEqual([[1, 1]]);
    expect(told).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'EVENKEEL_NOT_A_NUMBER', row: 0, feature: 'at', value: 8e15 }),
      { x: 1, at: 8e15 },
    );
  });

  test('what onLate throws ends the stream', () => {
    const mine = new Error('mine');
    const onLate = (): never => {
      throw mine;
    };
    expect(out(items, { ...byTime, onLate }).at(-1)).toBe(mine);
  });
});

describe('missing', () => {
  test('is refused, or left out', () => {
    expect(out([1, null as never], { size: 2 })).toEqual([
      [1, 1],
      expect.objectContaining({ code: 'EVENKEEL_MISSING', row: 1 }),
    ]);
    expect(out([1, null as never, 3], { size: 3, stride: 3, missing: 'keep' })).toEqual([[3, 2]]);
  });
});

describe('as an operator', () => {
  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    endless.pipe(windowMoments({ size: 3, stride: 3 }), take(2)).subscribe();
    expect(produced).toBe(6);
  });

  test.each<[string, WindowMomentsOptions<Reading>]>([
    ['rows', { size: 3, features: ['x'] }],
    ['time', { ...byTime, sizeMs: 30 }],
  ])('a re-entrant source keeps order, and loses nothing: %s', (_by, options) => {
    const run = (reentrant: boolean): unknown[] => {
      const source = new Subject<Reading>();
      const seen: unknown[] = [];
      let next = 0;
      const push = (): void => {
        if (next < 8) source.next({ x: 2 ** next, at: 10 * next++ });
      };
      source.pipe(windowMoments(options)).subscribe(({ rows, moments, sample }) => {
        seen.push([rows, moments.mean[0], sample.x]);
        if (reentrant) push();
      });
      for (let i = 0; i < 8; i++) push();
      source.complete();
      return seen;
    };
    expect(run(true)).toEqual(run(false));
    expect(run(true)).toHaveLength(8);
  });

  test('what cannot be used is counted', () => {
    const operator = windowMoments<unknown>({ size: 2, onInvalid: () => {} });
    from([1, 'x', Number.NaN, 3]).pipe(operator).subscribe();
    expect(operator.stats).toMatchObject({ rows: 2, late: 0, invalid: 2 });
  });

  test('reading a sample may end the subscription: it is not learned', () => {
    const source = new Subject<Reading>();
    const operator = windowMoments<Reading>({ size: 1, features: ['x'] });
    const seen: unknown[] = [];
    const subscription: Subscription = source.pipe(operator).subscribe((window) => seen.push(window));
    source.next({
      get x() {
        subscription.unsubscribe();
        return 1;
      },
      at: 0,
    });
    expect([seen, operator.stats.rows]).toEqual([[], 0]);
  });

  test('state is of a subscription, figures are of all', () => {
    const operator = windowMoments<number>({ size: 2 });
    const told: unknown[] = [];
    operator.stats$.subscribe(({ emitted }) => told.push(emitted));
    for (const _ of [1, 2]) {
      const seen: number[] = [];
      from([1, 3])
        .pipe(operator)
        .subscribe(({ rows }) => seen.push(rows));
      expect(seen).toEqual([1, 2]);
    }
    expect(told).toEqual([0, 1, 2, 3, 4]);
    expect(operator.stats).toEqual({ rows: 4, late: 0, invalid: 0, emitted: 4 });
  });

  test.each<[object, string]>([
    [{}, 'size'],
    [{ size: 10, stride: 3 }, 'size'],
    [{ size: 1, sizeMs: 1 }, 'span'],
    [{ sizeMs: 1 }, 'timestamp'],
    [{ size: 1, timestamp: 'at' }, 'timestamp'],
    [{ size: 1, onLate: () => {} }, 'onLate'],
    [{ sizeMs: 1, timestamp: 'at', onLate: 'x' }, 'onLate'],
    [{ size: 1, missing: 'mean' }, 'missing'],
    [{ size: 1, partial: 'keep' }, 'partial'],
    [{ size: 1, features: [] }, 'features'],
    [{ size: 1, windows: 1 }, 'options.windows'],
    [{ window: new Moments(1) }, 'window'],
    [{ window: new WindowMoments(1, { size: 1 }), size: 1 }, 'size'],
    [{ window: new WindowMoments(1, { size: 1 }), timestamp: 'at' }, 'timestamp'],
    [{ window: new WindowMoments(1, { sizeMs: 1 }) }, 'timestamp'],
    [{ window: new WindowMoments(1, { size: 1 }), features: ['a', 'b'] }, 'features'],
  ])('options are checked at once: %j', (options, option) => {
    expect(thrownBy(() => windowMoments(options as never))).toMatchObject({
      code: 'EVENKEEL_OPTION',
      option,
    });
  });
});

test('windows of what minibatch takes too are the same numbers', () => {
  const values = [...noiseAround(50, 64, 8)];
  const batches: number[] = [];
  from(values)
    .pipe(minibatch({ size: 8 }))
    .subscribe((batch) => {
      const moments = new Moments(1);
      moments.updateBatch(batch);
      batches.push(moments.mean[0]!);
    });
  const windows = out(values, { size: 8, stride: 8 }) as [number, number][];
  windows.forEach(([rows, mean], i) => {
    expect(rows).toBe(8);
    expect(mean).toBeCloseTo(batches[i]!, 12);
  });
});

describe('a window of yours', () => {
  const spans = fc.constantFrom(
    { size: 6, stride: 3 },
    { size: 4 },
    { sizeMs: 20, strideMs: 10 },
    { sizeMs: 40, strideMs: 5 },
  );
  const timesOfRows = fc.array(fc.integer({ min: -15, max: 30 }), { maxLength: 40 });
  const optionsOf = (window: WindowMoments): WindowMomentsOptions<Reading> => ({
    window,
    features: ['x'],
    partial: 'drop',
    ...('sizeMs' in window.span && { timestamp: 'at' as const }),
  });
  /** What is told of windows. */
  const told = ({ rows, moments, sample, start, end }: WindowOf<Reading>): unknown => [
    rows,
    moments.toJSON(),
    sample,
    start,
    end,
  ];
  const readingsOf = (steps: readonly number[]): Reading[] => {
    let at = 0;
    return steps.map((step, x) => {
      at += step;
      return { x, at };
    });
  };

  property.prop([spans, timesOfRows, fc.array(fc.nat(40), { maxLength: 4 })], { numRuns: 2000 })(
    'goes on through errors as if there had been none',
    (span, steps, cuts) => {
      const items = readingsOf(steps);
      const whole: unknown[] = [];
      from(items)
        .pipe(windowMoments(optionsOf(new WindowMoments(1, span))))
        .subscribe((window) => whole.push(told(window)));
      const seen: unknown[] = [];
      const ends = [...cuts, items.length].sort((a, b) => a - b);
      let at = 0;
      const parts = ends.map((end, i) => {
        const part = from(items.slice(at, end));
        at = Math.max(at, end);
        return i < cuts.length
          ? concat(
              part,
              throwError(() => new Error('lost')),
            )
          : part;
      });
      let attempt = 0;
      new Observable<Reading>((out) => parts[attempt++]!.subscribe(out))
        .pipe(windowMoments(optionsOf(new WindowMoments(1, span))), retry())
        .subscribe((window) => seen.push(told(window)));
      expect(seen).toEqual(whole);
    },
  );

  property.prop([spans, timesOfRows], { numRuns: 2000 })(
    'saved with any window that leaves, it goes on behind the sample of that',
    (span, steps) => {
      const items = readingsOf(steps);
      const saved: { readonly state: string; readonly position: number }[] = [];
      const whole: unknown[] = [];
      const window = new WindowMoments(1, span);
      from(items)
        .pipe(windowMoments(optionsOf(window)))
        .subscribe((seen) => {
          whole.push(told(seen));
          saved.push({ state: JSON.stringify(window), position: seen.sample.x });
        });
      for (const [i, { state, position }] of saved.entries()) {
        const rest: unknown[] = [];
        from(items.slice(position + 1))
          .pipe(windowMoments(optionsOf(WindowMoments.fromJSON(JSON.parse(state)))))
          .subscribe((seen) => rest.push(told(seen)));
        expect(rest).toEqual(whole.slice(i + 1));
      }
    },
  );

  test('what was emitted in part is emitted again once it is complete, and a stride that was not is not lost', () => {
    const window = new WindowMoments(1, { size: 4, stride: 2 });
    const operator = windowMoments<number>({ window });
    const seen: unknown[] = [];
    const note = ({ rows, moments }: WindowOf<number>): void => {
      seen.push([rows, moments.mean[0]]);
    };
    of(1, 3, 5).pipe(operator).subscribe(note);
    of(7).pipe(operator).subscribe(note);
    EMPTY.pipe(operator).subscribe(note);
    expect(seen).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(window.rows).toBe(4);
  });
});
