import { from, type OperatorFunction, type SchedulerLike, Subject, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import { eventTimeWindow, reorder, type Watched } from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';
import { expectSum } from './stream.js';

type Operator = OperatorFunction<number, number[]> & Watched<object>;
type OnAhead = (x: number, time: number) => void;

/** Samples are their own times: what comes a ms, what is 5 ms ahead may be. */
const common = { timestamp: (x: number) => x, maxAheadMs: 5, idleMs: 20 };
const kinds: Record<string, (scheduler: SchedulerLike, onAhead?: OnAhead) => Operator> = {
  reorder: (scheduler, onAhead) =>
    reorder<number>({ ...common, latenessMs: 2, scheduler, ...(onAhead && { onAhead }) }) as never,
  eventTimeWindow: (scheduler, onAhead) =>
    eventTimeWindow<number>({ ...common, sizeMs: 4, scheduler, ...(onAhead && { onAhead }) }) as never,
  'eventTimeWindow, sessions': (scheduler, onAhead) =>
    eventTimeWindow<number>({ ...common, gapMs: 3, scheduler, ...(onAhead && { onAhead }) }) as never,
};
const timesOf = (emitted: unknown): number[] =>
  typeof emitted === 'number' ? [emitted] : [...(emitted as { times: Float64Array }).times];
const YEAR = 365 * 86_400_000;

describe.each(Object.entries(kinds))('a wrong clock, far ahead: %s', (_name, make) => {
  test('is put aside by the time of the scheduler, and makes nothing late', () => {
    const time = new TestScheduler(() => {});
    const [seen, told]: [number[], number[][]] = [[], []];
    const operator = make(time, (x, at) => told.push([x, at, time.now()]));
    time.run(({ cold }) => {
      // At 0 ms, 1 ms, …: as it is, a year ahead, as it is, 5 ms ahead, 6 ms ahead, as it was, ahead no more.
      const values = { a: 0, b: YEAR, c: 2, d: 8, e: 10, f: 8, g: 10 };
      cold<number>('abcdefg|', values)
        .pipe(operator)
        .subscribe((one) => seen.push(...timesOf(one)));
    });
    expect(seen).toEqual([0, 2, 8, 8, 10]);
    expect(told).toEqual([
      [YEAR, YEAR, 1],
      [10, 10, 4],
    ]);
    expect(operator.stats).toMatchObject({ rows: 7, emitted: 5, late: 0, ahead: 2, held: 0 });
  });

  test('is no sample to idleMs: what is held leaves though such come', () => {
    const time = new TestScheduler(() => {});
    const seen: unknown[] = [];
    const operator = make(time);
    time.run(({ cold }) => {
      cold<number>('a 9ms b 9ms b 9ms b 9ms |', { a: 5, b: YEAR })
        .pipe(operator)
        .subscribe({ next: (one) => seen.push(time.now(), ...timesOf(one)), complete: () => seen.push('|') });
    });
    expect(seen).toEqual([20, 5, '|']);
  });

  test('told to one that pushes, unsubscribes or throws', () => {
    const source = new Subject<number>();
    const seen: number[] = [];
    const clock = new VirtualTimeScheduler();
    const pushing = make(clock, () => source.next(4));
    source.pipe(pushing).subscribe((one) => seen.push(...timesOf(one)));
    for (const x of [1, YEAR, 5]) source.next(x);
    source.complete();
    expect(seen).toEqual([1, 4, 5]);
    expectSum(pushing.stats);

    const next = vi.fn();
    const leaving = make(clock, () => subscription.unsubscribe());
    const other = new Subject<number>();
    const subscription = other.pipe(leaving).subscribe(next);
    for (const x of [1, YEAR, 5]) other.next(x);
    expect(leaving.stats).toMatchObject({ rows: 2, ahead: 1, dropped: 1, emitted: 0 });
    expect([next.mock.calls, clock.actions.filter((action) => !action.closed)]).toEqual([[], []]);

    const mine = new Error('mine');
    const error = vi.fn();
    const throwing = make(clock, () => {
      throw mine;
    });
    from([1, YEAR, 5]).pipe(throwing).subscribe({ error });
    expect(error).toHaveBeenCalledExactlyOnceWith(mine);
    expect(throwing.stats).toMatchObject({ rows: 2, ahead: 1 });
    expectSum(throwing.stats);
  });
});

test('without maxAheadMs any time may be: what was recorded is not of now', () => {
  const seen: number[] = [];
  from([1, YEAR, 5])
    .pipe(reorder<number>({ timestamp: (x) => x, scheduler: new VirtualTimeScheduler() }))
    .subscribe((x) => seen.push(x));
  expect(seen).toEqual([1, YEAR]);
});

test.each([
  [{ maxAheadMs: -1 }, 'maxAheadMs'],
  [{ maxAheadMs: Number.NaN }, 'maxAheadMs'],
  [{ maxAheadMs: '5' }, 'maxAheadMs'],
  [{ maxAheadMs: 5, onAhead: 'log' }, 'onAhead'],
  [{ onAhead: () => {} }, 'maxAheadMs'],
])('%# is checked at once: %s', (options, option) => {
  const expected = { code: 'EVENKEEL_OPTION', option };
  expect(thrownBy(() => reorder({ timestamp: 't', ...options } as never))).toMatchObject(expected);
  const sized = { timestamp: 't', sizeMs: 5, ...options };
  expect(thrownBy(() => eventTimeWindow(sized as never))).toMatchObject(expected);
});
