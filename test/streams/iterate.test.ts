import {
  concatMap,
  EMPTY,
  filter,
  interval,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  range,
  repeat,
  retry,
  startWith,
  take,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { type Batch, batchNorm, iterate, minibatch, standardize, unbatch } from '../../src/index.js';
import { Counted, end, gathered, item, numbers, settled, silent } from './counted.js';

const oops = new Error('oops');
const fail = (): never => {
  throw oops;
};
const done = { done: true, value: undefined };
const data = map(({ data }: Batch<number>) => [...data]);

describe('what comes out', () => {
  test('is what the operators make of it: of arrays, generators, async generators', async () => {
    async function* live() {
      yield* [1, 2, 3];
    }
    for (const source of [[1, 2, 3], new Set([1, 2, 3]), [1, 2, 3].values(), live()])
      expect(await gathered(iterate(source, minibatch({ size: 2 }), data))).toEqual([[1, 2], [3]]);
    expect(await gathered(iterate('ab'))).toEqual(['a', 'b']);
    expect(await gathered(iterate([], startWith(7)))).toEqual([7]);
    expect(await gathered(iterate([undefined, 0]))).toEqual([undefined, 0]);
  });

  test('is of the type the last operator gives', () => {
    const readings = [{ t: 1 }];
    expectTypeOf(iterate(readings)).toExtend<AsyncIterable<{ t: number }>>();
    const rows = iterate(
      readings,
      minibatch({ size: 2, features: ['t'] }),
      batchNorm(),
      unbatch(),
      map((row) => row.sample.t),
      { maxWaiting: 3 },
    );
    expectTypeOf(rows).toExtend<AsyncIterable<number>>();
    expectTypeOf(rows).not.toExtend<AsyncIterable<string>>();
    // @ts-expect-error: what a reading is made of is not what the next operator takes
    iterate(readings, minibatch({ size: 2, features: ['t'] }), standardize<string>());
  });

  test('more than one, for who asks more than once before any came', async () => {
    const all = iterate(numbers(2));
    expect(await Promise.all([all.next(), all.next(), all.next(), all.next()])).toEqual([
      item(0),
      item(1),
      done,
      done,
    ]);
  });

  test('a sync source is taken as it is, promises too', async () => {
    const promise = Promise.resolve(1);
    const { value } = await iterate(
      [promise],
      map((x) => [x]),
    ).next();
    expect((value as unknown[])[0]).toBe(promise);
  });

  test('a million items of an async source, by a consumer that is slow, are asked for one by one', async () => {
    const source = numbers(1_000_000);
    let [batches, ahead, waiting] = [0, 0, 0];
    const all = iterate(source, minibatch({ size: 1000 }));
    for await (const { samples } of all) {
      if (batches++ % 100 === 0) await settled();
      ahead = Math.max(ahead, source.pulls - 1 - samples.at(-1)!);
      waiting = Math.max(waiting, all.stats.waiting);
    }
    expect([batches, source.pulls, ahead, waiting]).toEqual([1000, 1_000_001, 0, 0]);
  });
});

describe('back-pressure', () => {
  test('nothing is opened before it is asked, nor for who never asks', async () => {
    const source = numbers();
    const all = iterate(source);
    await settled();
    expect(source.opened).toBe(0);
    expect(await all.return?.()).toEqual(done);
    expect(await all.next()).toEqual(done);
    expect([source.opened, source.returns]).toEqual([0, 0]);
  });

  test('nothing is asked for while nobody waits, or something does', async () => {
    const source = numbers();
    const all = iterate(
      source,
      mergeMap((x) => [x, x, x]),
    );
    const pulls: number[] = [];
    for (let i = 0; i < 7; i++) {
      await all.next();
      await settled();
      pulls.push(source.pulls);
    }
    expect(pulls).toEqual([1, 1, 1, 2, 2, 2, 3]);
    expect(all.stats).toEqual({ emitted: 9, delivered: 7, dropped: 0, waiting: 2 });
  });

  test('what operators emit by time comes while the source is waited for', async () => {
    const scheduler = new VirtualTimeScheduler();
    const source = new Counted((pull) => (pull < 3 ? item(pull) : new Promise<never>(() => {})));
    const all = iterate(source, minibatch({ size: 9, maxWaitMs: 5, scheduler }), data);
    const first = all.next();
    await settled();
    expect(source.pulls).toBe(4);
    scheduler.flush();
    expect(await first).toEqual(item([0, 1, 2]));
    const second = all.next();
    await settled();
    expect(source.pulls).toBe(4); // the one on its way is enough
    expect(await all.return?.()).toEqual(done);
    expect(await second).toEqual(done);
    expect(source.returns).toBe(1);
  });

  test('what arrives when nobody waits any more is taken in, and no more is asked for', async () => {
    const scheduler = new VirtualTimeScheduler();
    const arrive: ((result: IteratorResult<number>) => void)[] = [];
    const source = new Counted<number>((pull) => (pull === 0 ? item(0) : new Promise((r) => arrive.push(r))));
    const all = iterate(source, minibatch({ size: 2, maxWaitMs: 5, scheduler }), data);
    const first = all.next();
    await settled();
    scheduler.flush();
    expect(await first).toEqual(item([0]));
    arrive[0]!(item(1));
    await settled();
    expect(source.pulls).toBe(2);
    const second = all.next();
    await settled();
    arrive[1]!(item(2));
    expect(await second).toEqual(item([1, 2]));
  });

  test('all that comes of one item waits, beyond maxWaiting; the rest does not', async () => {
    const scheduler = new VirtualTimeScheduler();
    const outputs = (overflow: 'error' | 'drop-oldest' | 'drop-newest') => {
      const ticks = interval(1, scheduler).pipe(
        map((tick) => `t${tick}`),
        take(4),
      );
      return iterate(
        [1],
        (source: Observable<number>) => merge(source.pipe(mergeMap((x) => [x, x, x, x])), ticks),
        { maxWaiting: 2, overflow },
      );
    };
    for (const [overflow, expected] of [
      ['drop-newest', [1, 1, 1]],
      ['drop-oldest', ['t1', 't2', 't3']],
      [
        'error',
        [1, 1, 1, expect.objectContaining({ code: 'EVENKEEL_OVERFLOW', bound: 'maxWaiting', value: 2 })],
      ],
    ] as const) {
      const all = outputs(overflow);
      expect(await all.next()).toEqual(item(1));
      scheduler.flush();
      expect(all.stats.emitted - all.stats.dropped).toBe(4);
      expect(await gathered(all)).toEqual(expected);
      const { emitted, delivered, dropped, waiting } = all.stats;
      expect([emitted - delivered - dropped, waiting]).toEqual([0, 0]);
    }
  });

  test('stats can be followed', async () => {
    const seen: unknown[] = [];
    const all = iterate(
      [1],
      mergeMap((x) => [x, x]),
    );
    all.stats$.subscribe(({ emitted, delivered }) => seen.push([emitted, delivered]));
    await gathered(all);
    expect(seen).toEqual([
      [0, 0],
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
  });
});

describe('the end', () => {
  test.each([
    ['break', async (all: AsyncIterableIterator<number>) => void (await all.return?.())],
    ['throw', (all: AsyncIterableIterator<number>) => expect(all.throw?.(oops)).rejects.toBe(oops)],
  ])('%s: the source is let go at once and once, what waits is dropped', async (_, leave) => {
    const source = numbers();
    const all = iterate(
      source,
      mergeMap((x) => [x, x]),
    );
    await all.next();
    const left = leave(all);
    expect(source.returns).toBe(1);
    await left;
    await all.return?.();
    expect(await all.next()).toEqual(done);
    expect([source.returns, source.pulls]).toEqual([1, 1]);
    expect(all.stats).toEqual({ emitted: 2, delivered: 1, dropped: 1, waiting: 0 });
  });

  test('while the source is waited for: nobody waits any longer', async () => {
    const source = silent();
    const all = iterate(source);
    const [first, second] = [all.next(), all.next()];
    expect(await all.return?.()).toEqual(done);
    expect([await first, await second]).toEqual([done, done]);
    expect([source.pulls, source.returns]).toEqual([1, 1]);
  });

  test('a source that cannot heed it yet is not waited for', async () => {
    async function* stuck(): AsyncGenerator<number> {
      await new Promise(() => {});
      yield 1;
    }
    const all = iterate(stuck());
    const first = all.next();
    expect([await all.return?.(), await first]).toEqual([done, done]);
  });

  test('what arrives afterwards, an error too, is nobody’s', async () => {
    for (const late of [(): IteratorResult<number> => item(1), fail]) {
      const tell = vi.fn();
      let arrive = (): void => {};
      const source = new Counted<number>(() =>
        new Promise<void>((r) => {
          arrive = r;
        }).then(late),
      );
      const all = iterate(source, map(tell));
      const first = all.next();
      await settled();
      await all.return?.();
      arrive();
      await settled();
      expect(await first).toEqual(done);
      expect(tell).not.toHaveBeenCalled();
    }
  });

  test('leaving the loop runs what the source does finally, before the loop is left', async () => {
    for (const awaits of [false, true]) {
      const told: string[] = [];
      function* sync(): Generator<number> {
        try {
          yield* [1, 2, 3];
        } finally {
          told.push('finally');
        }
      }
      async function* waiting(): AsyncGenerator<number> {
        try {
          yield* sync();
        } finally {
          await settled();
          told.push('async finally');
        }
      }
      for await (const _ of iterate(awaits ? waiting() : sync())) break;
      expect(told).toEqual(awaits ? ['finally', 'async finally'] : ['finally']);
    }
  });

  test('a timer is left by none of it', async () => {
    vi.useFakeTimers();
    try {
      for (const leave of ['return', 'throw'] as const) {
        const all = iterate(numbers(), minibatch({ size: 9, maxWaitMs: 1e6 }), take(1));
        const first = all.next();
        await vi.advanceTimersByTimeAsync(0);
        await first;
        const waits = iterate(
          new Counted((pull) => (pull < 3 ? item(pull) : new Promise<never>(() => {}))),
          minibatch({ size: 9, maxWaitMs: 1e6 }),
        );
        const never = waits.next();
        await vi.advanceTimersByTimeAsync(0);
        expect(vi.getTimerCount()).toBe(1);
        await waits[leave]?.(oops as never).catch(() => {});
        expect(await never).toEqual(done);
        expect(vi.getTimerCount()).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test('operators that have enough let the source go at once', async () => {
    const source = numbers();
    expect(
      await gathered(
        iterate(
          source,
          take(2),
          mergeMap((x) => [x, x]),
        ),
      ),
    ).toEqual([0, 0, 1, 1]);
    expect([source.pulls, source.returns]).toEqual([2, 1]);
    const unread = numbers();
    expect(await gathered(iterate(unread, () => EMPTY))).toEqual([]);
    expect(unread.opened).toBe(0);
    const late = numbers();
    const all = iterate(
      late,
      take(1),
      mergeMap((x) => [x, x]),
    );
    await all.next();
    expect([late.returns, all.stats.waiting]).toEqual([1, 1]);
    const endless = (function* () {
      for (;;) yield 1;
    })();
    expect(await gathered(iterate(endless, take(2)))).toEqual([1, 1]);
    expect(endless.next()).toEqual(done);
  });

  test('an error of the source goes through the operators: what was gathered comes before it', async () => {
    for (const source of [
      new Counted((pull) => (pull < 3 ? item(pull) : fail())),
      (function* () {
        yield* [0, 1, 2];
        fail();
      })(),
    ]) {
      expect(await gathered(iterate(source, minibatch({ size: 2 }), data))).toEqual([[0, 1], [2], oops]);
      if (source instanceof Counted) expect(source.returns).toBe(0);
    }
  });

  test('so does one of an operator, and the source is let go; it is told once', async () => {
    const source = numbers();
    const all = iterate(
      source,
      map((x) => (x < 3 ? x : fail())),
      minibatch({ size: 2 }),
      data,
    );
    expect(await gathered(all)).toEqual([[0, 1], [2], oops]);
    expect([source.pulls, source.returns, await all.next()]).toEqual([4, 1, done]);
  });

  test('an error that was not asked for before the loop is left is not told', async () => {
    const all = iterate(
      numbers(),
      mergeMap((x) => merge(of(x, x), x < 1 ? of() : range(0, 1))),
      map((x) => x),
      take(2),
    );
    await all.next();
    expect(await all.return?.()).toEqual(done);
    const failing = iterate(
      [1, 2],
      mergeMap((x) => (x === 1 ? [x, x] : [])),
      (source) => merge(source, timer(0).pipe(map(fail))),
    );
    expect(await failing.next()).toEqual(item(1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await failing.return?.()).toEqual(done);
    expect(await failing.next()).toEqual(done);
  });

  test('a source that cannot be let go is told: by return(), and at the end', async () => {
    const stuck = (): AsyncIterable<number> => ({
      [Symbol.asyncIterator]: () => ({ next: async () => item(1), return: fail }),
    });
    const left = iterate(stuck());
    await left.next();
    await expect(left.return?.()).rejects.toBe(oops);
    expect(await left.next()).toEqual(done);
    expect(await gathered(iterate(stuck(), take(1)))).toEqual([1, oops]);
    const mine = new Error('mine');
    const thrown = iterate(stuck());
    await thrown.next();
    await expect(thrown.throw?.(mine)).rejects.toBe(mine);
    const refused = iterate(
      stuck(),
      map(() => {
        throw mine;
      }),
    );
    expect(await gathered(refused)).toEqual([mine]);
  });

  test('who leaves is told, not who still waits', async () => {
    const all = iterate({ [Symbol.asyncIterator]: () => ({ next: async () => item(1), return: fail }) });
    const left: unknown[] = [];
    all.stats$.subscribe(({ delivered }) => delivered === 1 && left.push(all.return?.()));
    expect(await Promise.all([all.next(), all.next()])).toEqual([item(1), done]);
    expect(left.length).toBe(1);
    await expect(left[0]).rejects.toBe(oops);
  });

  test('a source need not have a return(), but has to give results', async () => {
    let count = 0;
    const bare = { [Symbol.asyncIterator]: () => ({ next: async () => item(count++) }) };
    expect(await gathered(iterate(bare, take(2)))).toEqual([0, 1]);
    for (const wrong of [undefined, 5]) {
      for (const key of [Symbol.asyncIterator, Symbol.iterator]) {
        const source = { [key]: () => ({ next: () => wrong }) } as never;
        expect(await gathered(iterate(source))).toEqual([expect.any(TypeError)]);
      }
    }
    const unopened = { [Symbol.iterator]: fail } as never;
    expect(await gathered(iterate(unopened))).toEqual([oops]);
  });
});

describe('operators that subscribe to their source again', () => {
  test('open it again, as they would an array', async () => {
    expect(await gathered(iterate([1, 2], repeat(2)))).toEqual([1, 2, 1, 2]);
    let tries = 0;
    const flaky = map((x: number) => (x === 2 && tries++ < 2 ? fail() : x));
    const source = numbers(4);
    // A source that goes on where it was, as a live one does: what failed is lost.
    expect(
      await gathered(
        iterate(
          source,
          map((x) => x),
          flaky,
          retry(),
        ),
      ),
    ).toEqual([0, 1, 3]);
    expect([source.opened, source.returns]).toEqual([2, 1]);
  });

  test('or several times at once, each with an iteration of its own', async () => {
    const twice = (source: Observable<number>): Observable<number> =>
      merge(source, source.pipe(map((x) => -x)));
    expect((await gathered(iterate([1, 2], twice))).sort()).toEqual([-1, -2, 1, 2]);
  });

  test('or never', async () => {
    const all = iterate([1], () => NEVER);
    const first = all.next();
    await settled();
    await all.return?.();
    expect(await first).toEqual(done);
  });
});

test('operators that hold what they take are asked on until they emit', async () => {
  const source = numbers(5);
  const all = iterate(
    source,
    filter((x) => x === 3),
    concatMap(async (x) => x),
  );
  expect(await gathered(all)).toEqual([3]);
});

test('what is given is checked at once', () => {
  const option = (name: string) => expect.objectContaining({ code: 'EVENKEEL_OPTION', option: name });
  expect(() => iterate(5 as never)).toThrow(option('source'));
  expect(() => iterate(null as never)).toThrow(option('source'));
  expect(() => iterate({ next: () => end } as never)).toThrow(option('source'));
  expect(() => iterate([1], {} as never, map(String) as never)).toThrow(option('operators[0]'));
  expect(() => iterate([1], 5 as never)).toThrow(option('options'));
  expect(() => iterate([1], { maxWaiting: 0 })).toThrow(option('maxWaiting'));
  expect(() => iterate([1], { overflow: 'wait' as never })).toThrow(option('overflow'));
  expect(() => iterate([1], { maxwaiting: 1 } as never)).toThrow(option('options.maxwaiting'));
});
