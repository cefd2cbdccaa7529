import { map, merge, mergeMap, type Observable, retry, take, timer, VirtualTimeScheduler } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { type Batch, batchNorm, minibatch, transformStream } from '../../src/index.js';
import { settled } from './counted.js';

const oops = new Error('oops');
const fail = (): never => {
  throw oops;
};
const data = map(({ data }: Batch<number>) => [...data]);

/** A stream of numbers, and how many were pulled. */
function numbers(count = Infinity): {
  stream: ReadableStream<number>;
  pulls: () => number;
  cancelled: () => unknown[];
} {
  let pulls = 0;
  const cancelled: unknown[] = [];
  const stream = new ReadableStream<number>(
    {
      pull(controller) {
        if (pulls < count) controller.enqueue(pulls++);
        else controller.close();
      },
      cancel: (reason) => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  );
  return { stream, pulls: () => pulls, cancelled: () => cancelled };
}

/** All that is read, and the error it ends with. */
async function read(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  const reader = stream.getReader();
  try {
    for (let x = await reader.read(); !x.done; x = await reader.read()) all.push(x.value);
  } catch (error) {
    all.push(error);
  }
  return all;
}

// A rejection that nobody handles would end the process of a user.
const unhandled = vi.fn();
beforeEach(() => void process.on('unhandledRejection', unhandled.mockClear()));
afterEach(async () => {
  await settled();
  process.off('unhandledRejection', unhandled);
  expect(unhandled.mock.calls).toEqual([]);
});

describe('transformStream', () => {
  test('is what the operators make of it, to the rest at the end', async () => {
    const { stream } = numbers(5);
    const transform = transformStream(minibatch<number>({ size: 2 }), data);
    expectTypeOf(transform).toExtend<TransformStream<number, number[]>>();
    expect(await read(stream.pipeThrough(transform))).toEqual([[0, 1], [2, 3], [4]]);
    expect(transform.stats).toEqual({ emitted: 3, delivered: 3, dropped: 0, waiting: 0 });
    expect(await read(numbers(2).stream.pipeThrough(transformStream()))).toEqual([0, 1]);
  });

  test('types flow from the first operator to the last', () => {
    const transform = transformStream(minibatch<{ t: number }>({ size: 2, features: ['t'] }), batchNorm(), {
      maxWaiting: 3,
      readableStrategy: { highWaterMark: 2 },
    });
    expectTypeOf(transform.writable).toEqualTypeOf<WritableStream<{ t: number }>>();
    expectTypeOf(transform.readable).toExtend<ReadableStream<{ samples: readonly { t: number }[] }>>();
  });

  test('a writer waits for the reader', async () => {
    const transform = transformStream(mergeMap((x: number) => [x, -x]));
    const writer = transform.writable.getWriter();
    const told: string[] = [];
    for (const x of [1, 2, 3])
      writer.write(x).then(
        () => told.push(`wrote ${x}`),
        () => {},
      );
    await settled();
    expect([writer.desiredSize, told]).toEqual([-2, []]);
    const reader = transform.readable.getReader();
    for (let i = 0; i < 3; i++) {
      told.push(`read ${(await reader.read()).value}`);
      await settled();
    }
    expect(told.filter((line) => line.startsWith('wrote'))).toEqual(['wrote 1', 'wrote 2']);
    expect(transform.stats.waiting).toBe(1);
    writer.releaseLock();
    reader.releaseLock();
    await transform.readable.cancel().catch(() => {});
  });

  test('no more is read ahead than the strategies say', async () => {
    for (const [readable, writable, ahead] of [
      [0, 1, 2], // in its queue, and on its way
      [0, 3, 4],
      [2, 1, 4],
    ] as const) {
      const { stream, pulls, cancelled } = numbers();
      const piped = stream.pipeThrough(
        transformStream<number>({
          readableStrategy: { highWaterMark: readable },
          writableStrategy: { highWaterMark: writable },
        }),
      );
      const reader = piped.getReader();
      for (let i = 0; i < 5; i++) {
        expect((await reader.read()).value).toBe(i);
        await settled();
        expect(pulls() - i - 1).toBeLessThanOrEqual(ahead);
      }
      await reader.cancel(oops);
      await settled();
      expect(cancelled()).toEqual([oops]);
    }
  });

  test('what is emitted by time comes while nothing is written', async () => {
    const scheduler = new VirtualTimeScheduler();
    const transform = transformStream(minibatch<number>({ size: 9, maxWaitMs: 5, scheduler }), data);
    const [writer, reader] = [transform.writable.getWriter(), transform.readable.getReader()];
    const first = reader.read();
    await writer.write(1);
    await writer.write(2);
    await settled();
    scheduler.flush();
    expect((await first).value).toEqual([1, 2]);
    await reader.cancel();
  });

  describe('let go at once, no timer left:', () => {
    beforeEach(
      () => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] }),
    );
    afterEach(() => void vi.useRealTimers());

    /** One that has a timer, a read and, if asked, a write under way. */
    async function waiting() {
      const transform = transformStream(minibatch<number>({ size: 3, maxWaitMs: 1e6 }), data);
      const [writer, reader] = [transform.writable.getWriter(), transform.readable.getReader()];
      const told: unknown[] = [];
      const tell = (promise: Promise<unknown>, what: string): void =>
        void promise.then(
          (value) => told.push([what, value]),
          (error) => told.push([what, error]),
        );
      tell(reader.closed, 'reader');
      tell(writer.closed, 'writer');
      const first = reader.read();
      for (const x of [1, 2, 3]) await writer.write(x);
      await first;
      const second = reader.read();
      await writer.write(4);
      await settled();
      expect(vi.getTimerCount()).toBe(1);
      return { writer, reader, told, tell, second };
    }

    test('abort', async () => {
      const { writer, told, second } = await waiting();
      const refused = expect(second).rejects.toBe(oops);
      const aborted = writer.abort(oops);
      expect(vi.getTimerCount()).toBe(0);
      await Promise.all([aborted, refused]);
      await settled();
      expect(told).toEqual([
        ['reader', oops],
        ['writer', oops],
      ]);
    });

    test('abort, while a write waits for a reader', async () => {
      const { writer, told, tell, second } = await waiting();
      for (const x of [5, 6]) await writer.write(x);
      expect((await second).value).toEqual([4, 5, 6]);
      tell(writer.write(7), 'write');
      await settled();
      await writer.abort(oops);
      await settled();
      expect(told).toEqual(
        expect.arrayContaining([
          ['write', oops],
          ['reader', oops],
          ['writer', oops],
        ]),
      );
    });

    test('cancel', async () => {
      const { writer, reader, told, tell, second } = await waiting();
      const cancelled = reader.cancel(oops);
      expect(vi.getTimerCount()).toBe(0);
      await cancelled;
      expect(await second).toEqual({ done: true, value: undefined });
      tell(writer.write(5), 'write');
      await settled();
      expect(told).toEqual(
        expect.arrayContaining([
          ['reader', undefined],
          ['writer', oops],
          ['write', oops],
        ]),
      );
    });

    test('an error of an operator, after what was gathered', async () => {
      const broken = map((x: number) => (x < 2 ? x : fail()));
      const transform = transformStream(broken, minibatch<number>({ size: 9, maxWaitMs: 1e6 }), data);
      const writer = transform.writable.getWriter();
      const closed = expect(writer.closed).rejects.toBe(oops);
      const all = read(transform.readable);
      for (const x of [0, 1, 2]) await writer.write(x);
      expect(await all).toEqual([[0, 1], oops]);
      await closed;
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  test('an error of what is piped in aborts it', async () => {
    const broken = new ReadableStream<number>({
      start: (controller) => controller.enqueue(1),
      pull: (controller) => controller.error(oops),
    });
    expect(await read(broken.pipeThrough(transformStream(minibatch<number>({ size: 2 }))))).toEqual([oops]);
  });

  test('operators that have enough end it, and refuse what else is written', async () => {
    const { stream, pulls, cancelled } = numbers();
    expect(await read(stream.pipeThrough(transformStream(take<number>(2))))).toEqual([0, 1]);
    await settled();
    expect(cancelled()).toEqual([expect.any(TypeError)]);
    expect(pulls()).toBeLessThanOrEqual(5);
  });

  test('what is emitted by time waits up to maxWaiting', async () => {
    const scheduler = new VirtualTimeScheduler();
    const ticks = timer(1, 1, scheduler).pipe(take(9));
    const transform = transformStream((source: Observable<number>) => merge(source, ticks), {
      maxWaiting: 2,
    });
    const writer = transform.writable.getWriter();
    const closed = expect(writer.closed).rejects.toMatchObject({ code: 'EVENKEEL_OVERFLOW' });
    const reader = transform.readable.getReader();
    const first = reader.read();
    await settled();
    scheduler.flush();
    expect((await first).value).toBe(0);
    reader.releaseLock();
    expect(await read(transform.readable)).toEqual([
      1,
      2,
      expect.objectContaining({ code: 'EVENKEEL_OVERFLOW' }),
    ]);
    await closed;
  });

  test('an operator that subscribes again goes on with the next chunk; one that does so twice has each', async () => {
    const flaky = map((x: number) => (x === 1 ? fail() : x));
    expect(await read(numbers(4).stream.pipeThrough(transformStream(flaky, retry())))).toEqual([0, 2, 3]);
    const twice = (source: Observable<number>): Observable<number> =>
      merge(source, source.pipe(map((x) => -x)));
    expect(await read(numbers(3).stream.pipeThrough(transformStream(twice)))).toEqual([0, -0, 1, -1, 2, -2]);
  });

  test('what is given is checked at once', () => {
    const option = (name: string) => expect.objectContaining({ code: 'EVENKEEL_OPTION', option: name });
    expect(() => transformStream(5 as never)).toThrow(option('options'));
    expect(() => transformStream({ strategy: {} } as never)).toThrow(option('options.strategy'));
    expect(() => transformStream({ maxWaiting: 0 })).toThrow(option('maxWaiting'));
    expect(() => transformStream(null as never, map(String) as never)).toThrow(option('operators[0]'));
    expect(() => transformStream({ readableStrategy: { highWaterMark: -1 } })).toThrow(RangeError);
  });
});
