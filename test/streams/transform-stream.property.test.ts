/** A Web Stream of operators is what RxJS's pipe makes of them; and it holds nothing once it is over, whoever acts when. */
import { fc, test } from '@fast-check/vitest';
import { minibatch, transformStream } from 'evenkeel';
import { from, VirtualTimeScheduler } from 'rxjs';
import { describe, expect } from 'vitest';
import { fail, type Operator, oops, operators, piped } from './any-operators.js';

const transform = transformStream as unknown as (
  ...given: (Operator | object)[]
) => ReturnType<typeof transformStream<number, unknown>>;
const strategies = fc.record({
  writableStrategy: fc.record({ highWaterMark: fc.nat(3) }),
  readableStrategy: fc.record({ highWaterMark: fc.nat(3) }),
});

describe('any operators', () => {
  const samples = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 12 });
  test.prop([samples, operators, strategies], { numRuns: 1000 })(
    'make of what is piped through what they make of the array',
    async (values, operators, strategies) => {
      const expected = piped(from(values), operators);
      const { readable, writable } = transform(...operators, strategies);
      const writer = writable.getWriter();
      const written = [...values.map((x) => writer.write(x)), writer.close(), writer.closed];
      const wrote = Promise.allSettled(written);
      const reader = readable.getReader();
      const seen: unknown[] = [];
      for (const x of expected) if (x !== oops) seen.push((await reader.read()).value);
      const last = await reader.read().catch((error) => error);
      expect([...seen, ...(last === oops ? [oops] : [])]).toEqual(expected);
      if (last !== oops) expect(last.done).toBe(true);
      await wrote;
    },
  );
});

type Action = 'write' | 'read' | 'time' | 'close' | 'abort' | 'cancel';
const actions = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Action[]>('write', 'read') },
    { weight: 2, arbitrary: fc.constant<Action>('time') },
    { weight: 1, arbitrary: fc.constantFrom<Action[]>('close', 'abort', 'cancel') },
  ),
  { maxLength: 16 },
);

describe('whoever acts when', () => {
  test.prop([fc.scheduler(), actions, strategies, fc.integer({ min: 1, max: 3 }), fc.nat(9)], {
    numRuns: 2000,
  })(
    'rows come in order, none twice; all that was asked is answered; no timer is left',
    async (schedule, actions, strategies, size, failAt) => {
      const time = new VirtualTimeScheduler();
      const check = (x: number): number[] => (x === failAt ? fail() : [x]);
      const { readable, writable } = transformStream(
        minibatch<number>({ size, maxWaitMs: 5, scheduler: time, features: check }),
        strategies,
      );
      const [writer, reader] = [writable.getWriter(), readable.getReader()];
      const rows: number[] = [];
      const asked: Promise<unknown>[] = [writer.closed, reader.closed];
      let written = 0;
      const act: Record<Action, () => unknown> = {
        // Where a stream is over, Node 20 may throw an assertion of its own.
        write: () => asked.push((async () => writer.write(written++))()),
        read: () =>
          asked.push(
            reader.read().then(({ done, value }) => (done ? undefined : rows.push(...value.samples))),
          ),
        time: () => {
          time.maxFrames = time.frame + 5;
          time.flush();
        },
        close: () => asked.push(writer.close()),
        abort: () => asked.push(writer.abort(oops)),
        cancel: () => asked.push(reader.cancel(oops)),
      };
      for (const promise of asked) promise.catch(() => {});
      for (const action of actions)
        schedule.schedule(Promise.resolve(), action).then(() => {
          act[action]();
          asked.at(-1)!.catch(() => {});
        });
      await schedule.waitIdle();
      // Who wrote to the end is not told any more, nor who read to it.
      for (const action of ['abort', 'cancel'] as const) act[action]();
      expect(time.actions).toEqual([]); // at once
      await Promise.allSettled(asked);
      expect(rows).toEqual(Array.from(rows, (_, i) => i));
      expect(rows.length).toBeLessThanOrEqual(Math.min(written, failAt));
    },
  );
});
