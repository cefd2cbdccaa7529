import {
  from,
  NEVER,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  take,
  VirtualTimeScheduler,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  eventTimeWindow,
  notifierWindow,
  reorder,
  sequences,
  sessionWindow,
  slidingWindow,
  TensorPool,
  tumblingWindow,
  type Watched,
} from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';
import { expectSum } from './stream.js';

/** Samples are numbers, and their own times. */
const timestamp = (x: number): number => Number(x);
type Emitted = { samples: readonly unknown[] } | number;
type Operator = OperatorFunction<number, Emitted> & Watched<object>;

/** Each kind so that it emits 1 and 2, and then 3 and 4, or one by one where it is for that. */
const kinds: Record<string, (scheduler: SchedulerLike) => Operator> = {
  slidingWindow: () => slidingWindow<number>({ size: 2, stride: 2 }),
  'sequences in batches': () => sequences<number>({ length: 1, batch: 2 }),
  tumblingWindow: (scheduler) =>
    tumblingWindow<number>({ sizeMs: 20, maxRows: 2, overflow: 'emit-early', scheduler }),
  sessionWindow: (scheduler) =>
    sessionWindow<number>({ gapMs: 20, maxRows: 2, overflow: 'emit-early', scheduler }),
  notifierWindow: () => notifierWindow<number>(NEVER, { maxRows: 2, overflow: 'emit-early' }),
  'eventTimeWindow, aligned': (scheduler) =>
    eventTimeWindow<number>({ timestamp: (x) => x - 1, sizeMs: 2, idleMs: 20, scheduler }),
  'eventTimeWindow, sessions': (scheduler) =>
    eventTimeWindow<number>({
      timestamp: (x) => Number(x) + 5 * Math.floor((x - 1) / 2),
      gapMs: 3,
      idleMs: 20,
      scheduler,
    }),
  reorder: (scheduler) => reorder<number>({ timestamp, latenessMs: 1, idleMs: 20, scheduler }),
};

const samplesOf = (emitted: readonly Emitted[]): unknown[] =>
  emitted.flatMap((one) => (typeof one === 'number' ? one : one.samples.flat()));

const marbles = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const values = { a: 1, b: 2, c: 3, d: 4, e: 5 };

describe.each(Object.entries(kinds))('%s', (_name, make) => {
  test('never stays silent, empty completes without a window, an error passes', () => {
    const time = marbles();
    time.run(({ cold, expectObservable }) => {
      expectObservable(cold<number>('-').pipe(make(time)), '50ms !').toBe('-');
      expectObservable(cold<number>('--|').pipe(make(time))).toBe('--|');
      expectObservable(cold<number>('--#').pipe(make(time))).toBe('--#');
    });
  });

  test.each(['#', '|'])('what was gathered comes before the end: %s', (end) => {
    const seen: unknown[] = [];
    const time = marbles();
    const operator = make(time);
    time.run(({ cold }) => {
      cold(`abcd-${end}`, values)
        .pipe(operator)
        .subscribe({
          next: (one) => seen.push(...samplesOf([one])),
          error: () => seen.push('#'),
          complete: () => seen.push('|'),
        });
    });
    expect(seen).toEqual([1, 2, 3, 4, end]);
    expect(operator.stats).toMatchObject({ rows: 4, emitted: 4, held: 0 });
  });

  test('unsubscribing early ends the source, leaves no timer, and what was held is counted', () => {
    const time = marbles();
    const operator = make(time);
    time.run(({ cold, expectSubscriptions }) => {
      const source = cold('-abcde--|', values);
      const subscription = source.pipe(operator).subscribe();
      time.schedule(() => subscription.unsubscribe(), 4);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
    expect(time.actions).toEqual([]);
    expect(operator.stats).toMatchObject({ held: 0 });
    expectSum(operator.stats);
  });

  test('a synchronous source stops as soon as the subscriber has enough', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed && produced < 1000) out.next(++produced);
    });
    const clock = new VirtualTimeScheduler();
    const seen: Emitted[] = [];
    endless.pipe(make(clock), take(2)).subscribe((one) => seen.push(one));
    expect(samplesOf(seen)).toEqual(seen.length === samplesOf(seen).length ? [1, 2] : [1, 2, 3, 4]);
    expect(produced).toBeLessThanOrEqual(5);
    expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
  });

  test('a re-entrant source keeps its order and loses nothing', () => {
    const source = new Subject<number>();
    const seen: Emitted[] = [];
    let last = 0;
    const operator = make(new VirtualTimeScheduler());
    source.pipe(operator).subscribe((one) => {
      seen.push(one);
      if (last < 12) for (let i = 0; i < 3; i++) source.next(++last);
    });
    for (let i = 0; i < 3; i++) source.next(++last);
    source.complete();
    expect(samplesOf(seen)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    expect(last).toBeGreaterThanOrEqual(12);
  });

  test('each subscription has its own rows, and the figures are of all', () => {
    const operator = make(new VirtualTimeScheduler());
    const told: object[] = [];
    operator.stats$.subscribe((stats) => told.push(stats));
    for (const _ of [1, 2]) {
      const seen: Emitted[] = [];
      from([1, 2, 3, 4])
        .pipe(operator)
        .subscribe((one) => seen.push(one));
      expect(samplesOf(seen)).toEqual([1, 2, 3, 4]);
    }
    expect(operator.stats).toMatchObject({ rows: 8, emitted: 8, held: 0 });
    expect(told[0]).toMatchObject({ rows: 0 });
    expect(told.at(-1)).toEqual(operator.stats);
    told.forEach(expectSum);
  });

  test('reading a sample may end the subscription: it is counted, and no timer is left', () => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<number>();
    const operator = make(clock);
    // A row of one, of which reading the value ends it all.
    const bad = Object.defineProperty([0], 0, {
      get: () => {
        subscription.unsubscribe();
        return 1;
      },
    });
    const subscription = source.pipe(operator).subscribe({ error: () => {} });
    source.next(1);
    source.next(bad as never);
    expectSum(operator.stats);
    subscription.unsubscribe();
    expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
    expectSum(operator.stats);
    expect(operator.stats).toMatchObject({ held: 0 });
  });
});

describe('windows of a clock', () => {
  const spans = (
    operator: (time: SchedulerLike) => OperatorFunction<number, { start: number; end: number }>,
    source: string,
  ) => {
    const seen: number[][] = [];
    const time = marbles();
    time.run(({ cold }) => {
      cold(source, values)
        .pipe(operator(time))
        .subscribe(({ start, end }) => seen.push([time.now(), start, end]));
    });
    return seen;
  };

  test('leave at their end, and there are none without a row', () => {
    const seen = spans((scheduler) => tumblingWindow({ sizeMs: 10, scheduler }), '3ms a 9ms b 30ms c 1s |');
    expect(seen).toEqual([
      [10, 0, 10],
      [20, 10, 20],
      [50, 40, 50],
    ]);
  });

  test('sessions leave a gap after their last row, to the frame', () => {
    const seen = spans((scheduler) => sessionWindow({ gapMs: 10, scheduler }), '3ms a 8ms b 9ms c 1s |');
    expect(seen).toEqual([
      [22, 3, 22],
      [32, 22, 32],
    ]);
  });

  test('a timer that fires early is set again: a window is not closed twice', () => {
    const clock = new VirtualTimeScheduler();
    const scheduler = {
      now: () => clock.now(),
      schedule: (work: () => void, delay = 0) => clock.schedule(work, Math.max(1, delay - 2)),
    } as unknown as SchedulerLike;
    const seen: number[] = [];
    const source = new Subject<number>();
    source
      .pipe(tumblingWindow({ sizeMs: 10, scheduler }))
      .subscribe(({ start }) => seen.push(start, clock.now()));
    source.next(1);
    clock.flush();
    expect(seen).toEqual([0, 10]);
  });
});

describe('notifierWindow', () => {
  test('a sample that is its own notice is in the window that it closes, as of RxJS’s buffer', () => {
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source.pipe(notifierWindow(source)).subscribe(({ samples }) => seen.push(samples));
    for (const x of [1, 2]) source.next(x);
    expect(seen).toEqual([[1], [2]]);
  });

  test('the notifier’s error comes after what was gathered; its completion is nothing', () => {
    marbles().run(({ cold, expectObservable, expectSubscriptions }) => {
      const window = (...samples: number[]) => ({
        data: Float64Array.from(samples),
        shape: [samples.length, 1],
        samples,
      });
      const notifier = cold('--x-#');
      expectObservable(cold('a--b---', values).pipe(notifierWindow(notifier))).toBe('--x-(y#)', {
        x: window(1),
        y: window(4 - 2),
      });
      expectSubscriptions(notifier.subscriptions).toBe('^---!');
      expectObservable(cold('a--b---|', values).pipe(notifierWindow(cold('--x|')))).toBe('--x----(y|)', {
        x: window(1),
        y: window(2),
      });
    });
  });
});

describe('event time', () => {
  const items = [{ t: 1 }, { t: new Date(25) }, { t: 'noon' }, { t: 26 }] as { t: number }[];
  const features = (): number[] => [0];

  test('a Date is a time; what is none is refused, by row and name', () => {
    const onInvalid = vi.fn();
    const seen: unknown[] = [];
    from(items)
      .pipe(eventTimeWindow({ timestamp: 't', features, gapMs: 10, onInvalid }))
      .subscribe(({ times }) => seen.push([...times]));
    expect(seen).toEqual([[1], [25, 26]]);
    const code = 'EVENKEEL_NOT_A_NUMBER';
    const told = expect.objectContaining({ code, row: 2, feature: 't', value: 'noon' });
    expect(onInvalid).toHaveBeenCalledExactlyOnceWith(told, items[2]);
    for (const operator of [
      eventTimeWindow({ timestamp: 't', features, sizeMs: 9 }),
      reorder<object>({ timestamp: 't' }),
    ]) {
      const error = vi.fn();
      from(items)
        .pipe(operator as OperatorFunction<object, unknown>)
        .subscribe({ error });
      expect(error).toHaveBeenCalledExactlyOnceWith(told);
    }
  });

  test('what advances a stream has to be a time; a callback that throws ends it', () => {
    const error = vi.fn();
    NEVER.pipe(reorder({ timestamp: 't', advanceTo: [Number.NaN] })).subscribe({ error });
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ option: 'advanceTo' }));
    const mine = new Error('mine');
    const onLate = (): never => {
      throw mine;
    };
    const [ends, out] = [vi.fn(), vi.fn()];
    from([5, 1, 6]).pipe(reorder({ timestamp, onLate })).subscribe({ next: out, error: ends });
    expect([ends.mock.calls, out.mock.calls]).toEqual([[[mine]], [[5]]]);
  });
});

test('with a pool windows are copies in its arrays, and of the type asked for', () => {
  const pool = new TensorPool();
  const arrays = new Set();
  from([1, 2, 3, 4])
    .pipe(slidingWindow({ size: 2, dtype: 'float32', pool }))
    .subscribe((window) => {
      expect(window.data).toEqual(Float32Array.from(window.samples));
      arrays.add(window.data);
      pool.give(window);
    });
  expect(arrays.size).toBe(1);
});

describe('what is asked for is checked at once', () => {
  test.each<[() => unknown, string]>([
    [() => slidingWindow({ size: 0 }), 'size'],
    [() => slidingWindow({ size: 2, stride: 1.5 }), 'stride'],
    [() => slidingWindow({ size: 2, maxRows: 5 } as never), 'options.maxRows'],
    [() => slidingWindow(undefined as never), 'options'],
    [() => sequences({ length: 2, partial: 'emit' }), 'partial'],
    [() => sequences({ length: 2, batch: -1 }), 'batch'],
    [() => tumblingWindow({ sizeMs: 2.5 }), 'sizeMs'],
    [() => tumblingWindow({ sizeMs: 2 ** 31 }), 'sizeMs'],
    [() => sessionWindow({ gapMs: 0 }), 'gapMs'],
    [() => sessionWindow({ gapMs: 5, scheduler: {} } as never), 'scheduler'],
    [() => notifierWindow(5 as never), 'notifier'],
    [() => notifierWindow([], { overflow: 'drop' } as never), 'overflow'],
    [() => notifierWindow([], { maxRows: 0 }), 'maxRows'],
    [() => notifierWindow([], { onDropped: 'log' } as never), 'onDropped'],
    [() => notifierWindow([], { partial: 'keep' } as never), 'partial'],
    [() => eventTimeWindow({ sizeMs: 5 } as never), 'timestamp'],
    [() => eventTimeWindow({ timestamp: 't' } as never), 'sizeMs'],
    [() => eventTimeWindow({ timestamp: 't', sizeMs: 5, strideMs: 0 }), 'strideMs'],
    [() => eventTimeWindow({ timestamp: 't', sizeMs: 5, gapMs: 5 } as never), 'gapMs'],
    [() => eventTimeWindow({ timestamp: 't', gapMs: Infinity }), 'gapMs'],
    [() => reorder({ timestamp: 't', latenessMs: -1 }), 'latenessMs'],
    [() => reorder({ timestamp: 't', idleMs: 2 ** 31 }), 'idleMs'],
    [() => reorder({ timestamp: 't', advanceTo: 5 } as never), 'advanceTo'],
    [() => reorder({ timestamp: 't', onInvalid: 'skip' } as never), 'onInvalid'],
    [() => reorder({ timestamp: 't', lateness: 5 } as never), 'options.lateness'],
  ])('%# %s', (make, option) => {
    expect(thrownBy(make)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });
});
