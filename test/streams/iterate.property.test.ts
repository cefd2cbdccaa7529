/** What is iterated is what RxJS's own pipe makes of it; and nothing is asked too early, left open, or lost, whoever acts when. */
import { fc, test } from '@fast-check/vitest';
import { iterate, minibatch, toAsyncIterable } from 'evenkeel';
import { from, map, Observable, type Subscriber, VirtualTimeScheduler } from 'rxjs';
import { describe, expect } from 'vitest';
import { fail, type Operator, oops, operators, piped } from './any-operators.js';
import { Counted, end, gathered, item } from './counted.js';

const all = iterate as unknown as (
  source: Iterable<number> | AsyncIterable<number>,
  ...operators: Operator[]
) => ReturnType<typeof iterate<number>>;

const samples = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 16 });

describe('any operators', () => {
  test.prop([samples, operators, fc.boolean()], { numRuns: 10_000 })(
    'make of it what they make of the array, and of the Observable',
    async (values, operators, isSync) => {
      const expected = piped(from(values), operators);
      const source = new Counted((pull) => (pull < values.length ? item(values[pull]!) : end));
      expect(await gathered(all(isSync ? values : source, ...operators))).toEqual(expected);
      expect(source.returns).toBe(!isSync && source.pulls <= values.length ? source.opened : 0);
      const observable = operators.reduce(
        (through, operator) => operator(through),
        from(values) as Observable<unknown>,
      );
      expect(await gathered(toAsyncIterable(observable, { maxWaiting: 2 ** 20 }))).toEqual(expected);
    },
  );

  test.prop([operators, fc.array(fc.nat(3), { maxLength: 20 })], { numRuns: 5000 })(
    'nothing is asked for before someone waits and nothing else does',
    async (operators, pauses) => {
      let isWanted = false;
      const tooEarly: number[] = [];
      const source = new Counted((pull) => {
        if (!isWanted || rows.stats.waiting > 0) tooEarly.push(pull);
        return pull < 200 ? item(pull) : end;
      });
      const rows = all(source, ...operators);
      for (const pause of pauses) {
        isWanted = true;
        const { done } = await rows.next().catch(() => ({ done: true }));
        isWanted = false;
        for (let i = 0; i < pause; i++) await undefined;
        if (done) break;
      }
      expect(tooEarly).toEqual([]);
      await rows.return?.();
      expect([source.opened, source.returns]).toEqual([
        Math.min(1, source.pulls),
        source.pulls > 200 ? 0 : source.opened,
      ]);
    },
  );
});

type Action = 'next' | 'time' | 'return' | 'throw';
const actions = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Action>('next') },
    { weight: 3, arbitrary: fc.constant<Action>('time') },
    { weight: 1, arbitrary: fc.constantFrom<Action[]>('return', 'throw') },
  ),
  { maxLength: 14 },
);

/** How many items there are, and how it ends then: by itself, with an error, or never. */
const lengths = fc.record({ count: fc.nat(9), ends: fc.constantFrom('end', 'error', 'never') });

describe('whoever acts when', () => {
  test.prop([fc.scheduler(), lengths, actions, fc.integer({ min: 1, max: 4 }), fc.nat(12)], {
    numRuns: 10_000,
  })(
    'rows come in order, none twice, none lost before the end; the source is let go once; no timer is left',
    async (schedule, { count, ends }, actions, size, failAt) => {
      const time = new VirtualTimeScheduler();
      let ended = 0; // sources that ended by themselves, before they were let go

      const source = new Counted<number>((pull) => {
        if (pull < count) return schedule.schedule(Promise.resolve(item(pull)), `item ${pull}`);
        if (ends === 'never') return new Promise<never>(() => {});
        return schedule.schedule(Promise.resolve(), ends).then(() => {
          if (source.returns === 0) ended = 1;
          return ends === 'end' ? end : fail();
        });
      });
      const batches = iterate(
        source,
        map((x) => (x === failAt ? fail() : x)),
        minibatch({ size, maxWaitMs: 5, scheduler: time }),
      );

      const rows: number[] = [];
      const told: unknown[] = [];
      const results: Promise<void>[] = [];
      let isLeft = false;
      const leave = (): void => {
        isLeft = true;
      };
      const act: Record<Action, () => unknown> = {
        next: () =>
          results.push(
            batches.next().then(
              ({ done, value }) => void (done ? told.push('done') : rows.push(...value.samples)),
              (error) => void told.push(error),
            ),
          ),
        time: () => {
          time.maxFrames = time.frame + 5;
          time.flush();
        },
        return: () => {
          leave();
          results.push(batches.return!().then(() => {}));
        },
        throw: () => {
          leave();
          results.push(
            batches.throw!('mine')
              .catch((error) => expect(error).toBe('mine'))
              .then(() => {}),
          );
        },
      };
      for (const action of actions) schedule.schedule(Promise.resolve(), action).then(act[action]);
      await schedule.waitIdle();
      const isEnded = told.length > 0 || isLeft;

      // All that was asked for is answered once it is left, whatever is still on its way.
      await batches.return?.();
      await Promise.all(results);
      await schedule.waitIdle();

      expect(rows).toEqual(Array.from(rows, (_, i) => i));
      if (isEnded && !isLeft) {
        expect(rows.length).toBe(Math.min(count, failAt));
        expect(told[0]).toBe(failAt < count || ends === 'error' ? oops : 'done');
      }
      expect(told.filter((what) => what !== 'done' && what !== oops)).toEqual([]);
      expect(told.filter((what) => what === oops).length).toBeLessThanOrEqual(1);
      expect(time.actions).toEqual([]);
      const { emitted, delivered, dropped, waiting } = batches.stats;
      expect([waiting, emitted]).toEqual([0, delivered + dropped]);
      expect(source.returns).toBe(source.opened - ended);
    },
  );

  test.prop(
    [
      fc.scheduler(),
      fc.array(fc.constantFrom('next', 'push', 'push', 'error', 'complete', 'return'), { maxLength: 20 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('error', 'drop-oldest', 'drop-newest'),
    ],
    { numRuns: 10_000 },
  )(
    'an Observable’s values come as from a queue with a bound',
    async (schedule, acts, maxWaiting, overflow) => {
      let out: Subscriber<number> | undefined;
      const source = new Observable<number>((subscriber) => {
        out = subscriber;
      });

      const values = toAsyncIterable(source, { maxWaiting, overflow });
      const all = values[Symbol.asyncIterator]();

      // The model: a plain queue.
      const [queue, expected]: [number[], unknown[]] = [[], []];
      let [isOpen, asked, pushed, failure]: [boolean, number, number, unknown] = [true, 0, 0, undefined];
      let isSubscribed = false;
      const close = (error?: unknown): void => {
        isOpen = false;
        failure = error;
        for (; asked > 0; asked--) expected.push(last());
      };
      const last = (): unknown => {
        const told = failure ?? 'done';
        failure = undefined;
        return told;
      };
      const model: Record<string, () => void> = {
        next: () => {
          isSubscribed = true;
          if (queue.length > 0) expected.push(queue.shift());
          else if (isOpen) asked++;
          else expected.push(last());
        },
        push: () => {
          const x = pushed++;
          if (!isOpen || !isSubscribed) return;
          if (asked > 0) {
            asked--;
            expected.push(x);
          } else if (queue.length < maxWaiting) queue.push(x);
          else if (overflow === 'error') close('EVENKEEL_OVERFLOW');
          else if (overflow === 'drop-oldest') {
            queue.shift();
            queue.push(x);
          }
        },
        error: () => void (isOpen && isSubscribed && close('oops')),
        complete: () => void (isOpen && isSubscribed && close()),
        return: () => {
          queue.length = 0;
          close();
          isSubscribed = true;
        },
      };

      const seen: Promise<unknown>[] = [];
      let next = 0;
      const real: Record<string, () => void> = {
        next: () =>
          void seen.push(
            all.next().then(
              ({ done, value }) => (done ? 'done' : value),
              (error) => error.code ?? error.message,
            ),
          ),
        push: () => {
          const x = next++;
          out?.next(x);
        },
        error: () => out?.error(oops),
        complete: () => out?.complete(),
        return: () => void all.return?.(),
      };
      for (const act of acts)
        schedule.schedule(Promise.resolve(), act).then(() => {
          model[act]!();
          real[act]!();
        });
      await schedule.waitIdle();
      model['return']!();
      real['return']!();
      expect(await Promise.all(seen)).toEqual(expected);
      expect(out?.closed).not.toBe(false);
      const { emitted, delivered, dropped, waiting } = values.stats;
      expect([waiting, emitted]).toEqual([0, delivered + dropped]);
    },
  );
});
