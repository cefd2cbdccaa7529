import { concat, map, NEVER, Observable, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { minibatch, toAsyncIterable } from '../../src/index.js';
import { gathered, item, settled } from './counted.js';

const oops = new Error('oops');
const done = { done: true, value: undefined };

describe('toAsyncIterable', () => {
  test('what is emitted while nobody waits is queued; the error comes after', async () => {
    const values = toAsyncIterable(
      concat(
        of(1, 2, undefined),
        throwError(() => oops),
      ),
    );
    expectTypeOf(values).toExtend<AsyncIterable<number | undefined>>();
    expect(await gathered(values)).toEqual([1, 2, undefined, oops]);
    expect(values.stats).toEqual({ emitted: 3, delivered: 3, dropped: 0, waiting: 0 });
  });

  test('each loop is a subscription, from its first next() on; the figures are of all', async () => {
    let subscriptions = 0;
    const values = toAsyncIterable(
      new Observable<number>((out) => {
        out.next(++subscriptions);
        out.complete();
      }),
    );
    const never = values[Symbol.asyncIterator]();
    expect(await never.return?.()).toEqual(done);
    expect(subscriptions).toBe(0);
    expect([await gathered(values), await gathered(values)]).toEqual([[1], [2]]);
    expect(values.stats.delivered).toBe(2);
  });

  test('leaving the loop unsubscribes, while it waits too', async () => {
    const source = new Subject<number>();
    const values = toAsyncIterable(source);
    const all = values[Symbol.asyncIterator]();
    const first = all.next();
    for (const x of [1, 2, 3]) source.next(x);
    expect(await first).toEqual(item(1));
    expect(values.stats).toEqual({ emitted: 3, delivered: 1, dropped: 0, waiting: 2 });
    await all.return?.();
    expect(source.observed).toBe(false);
    expect(values.stats).toEqual({ emitted: 3, delivered: 1, dropped: 2, waiting: 0 });
    const quiet = toAsyncIterable(NEVER)[Symbol.asyncIterator]();
    const waits = quiet.next();
    await quiet.return?.();
    expect(await waits).toEqual(done);
  });

  test.each([
    ['drop-oldest', [0, 8, 9], 7],
    ['drop-newest', [0, 1, 2], 7],
    ['error', [0, 1, 2, expect.objectContaining({ code: 'EVENKEEL_OVERFLOW', value: 2 })], 1],
  ] as const)('beyond maxWaiting: %s', async (overflow, expected, dropped) => {
    const values = toAsyncIterable(range(0, 10), { maxWaiting: 2, overflow });
    const seen: number[] = [];
    values.stats$.subscribe((stats) => seen.push(stats.dropped));
    expect(await gathered(values)).toEqual(expected);
    expect(values.stats.dropped).toBe(dropped);
    expect(Math.max(...seen)).toBe(dropped);
  });

  test('an endless source that does not wait is stopped at the bound', async () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    await gathered(toAsyncIterable(endless, { maxWaiting: 5 }));
    expect(produced).toBe(7); // the one asked for, those that waited, the one too many
  });

  test('who watches may leave, at any time', async () => {
    for (const at of [1, 2, 3]) {
      const values = toAsyncIterable(range(0, 3).pipe(map(String)));
      const all = values[Symbol.asyncIterator]();
      values.stats$.subscribe(({ emitted }) => emitted === at && void all.return?.());
      expect(await all.next()).toEqual(item('0'));
      await settled();
      expect(await all.next()).toEqual(done);
    }
  });

  test('takes operators as any Observable does', async () => {
    const batches = of(1, 2, 3).pipe(
      minibatch({ size: 2 }),
      map(({ samples }) => samples),
    );
    expect(await gathered(toAsyncIterable(batches))).toEqual([[1, 2], [3]]);
  });

  test('what is given is checked at once', () => {
    const option = (name: string) => expect.objectContaining({ code: 'EVENKEEL_OPTION', option: name });
    expect(() => toAsyncIterable([1] as never)).toThrow(option('observable'));
    expect(() => toAsyncIterable(of(1), { maxWaiting: 1.5 })).toThrow(option('maxWaiting'));
    expect(() => toAsyncIterable(of(1), { overflow: 'emit-early' as never })).toThrow(option('overflow'));
    expect(() => toAsyncIterable(of(1), { size: 1 } as never)).toThrow(option('options.size'));
  });
});
