/** Against one scaler a key, kept for ever: whatever goes to the store and comes back, and in whatever order. */
import { fc, test } from '@fast-check/vitest';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect } from 'vitest';
import {
  type Key,
  KeyedNormalizers,
  type KeyedOptions,
  type KeyStore,
  normalizeBy,
  StandardScaler,
  type StandardScalerOptions,
} from '../../src/index.js';
import { unaccounted } from './item-sum.js';

interface Item {
  readonly id: Key;
  readonly x: number;
}
interface Emitted {
  readonly item: Item;
  readonly y: number;
}

const ids: readonly Key[] = ['a', 'b', 'c', 'd', 1, '1'];
const item: fc.Arbitrary<Item> = fc.record({
  id: fc.constantFrom(...ids),
  x: fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
});
const scalers: fc.Arbitrary<StandardScalerOptions> = fc.constantFrom(
  {},
  { ddof: 1, dtype: 'float64' },
  { running: { halfLifeRows: 3 }, dtype: 'float64' },
  { running: { halfLifeRows: 2 }, ddof: 1 },
);

/** What each key's own scaler makes of its rows; and the scalers, as JSON. */
function reference(
  items: readonly Item[],
  options: StandardScalerOptions,
): { ys: number[]; states: Map<Key, string> } {
  const scalers = new Map<Key, StandardScaler>();
  const round = options.dtype === 'float64' ? (y: number) => y : Math.fround;
  const ys = items.map(({ id, x }) => {
    const scaler = scalers.get(id) ?? new StandardScaler(1, options);
    scalers.set(id, scaler);
    scaler.update([x]);
    return round(scaler.transform([x])[0]!);
  });
  return { ys, states: new Map([...scalers].map(([id, scaler]) => [id, JSON.stringify(scaler)])) };
}

const plain = (state: unknown): unknown => JSON.parse(JSON.stringify(state));

/** As a database would: text. */
function texts(): KeyStore & { readonly text: (key: Key) => string | undefined } {
  const held = new Map<Key, string>();
  return {
    get: (key) => (held.has(key) ? JSON.parse(held.get(key)!) : undefined),
    set: (key, state) => void held.set(key, JSON.stringify(state)),
    text: (key) => held.get(key),
  };
}

describe('with a store that answers at once', () => {
  const way = fc.record({
    maxKeys: fc.integer({ min: 1, max: 5 }),
    idleMs: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    scaler: scalers,
  });
  type Step = Item | { readonly ms: number } | 'checkpoint';
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: item },
    { weight: 1, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.constant('checkpoint' as const) },
  );

  test.prop([fc.array(step, { maxLength: 14 }), way], { numRuns: 10_000 })(
    'it is as if all were in hand',
    (steps, { maxKeys, idleMs, scaler }) => {
      const store = texts();
      const clock = new VirtualTimeScheduler();
      const options: KeyedOptions = {
        maxKeys,
        store,
        normalizer: scaler,
        ...(idleMs !== undefined && { idleMs }),
      };
      let most = 0;
      let keyed = new KeyedNormalizers(options);
      const seen: Emitted[] = [];
      let source = new Subject<Item>();
      const make = () => normalizeBy<Item>('id', keyed, { features: ['x'], scheduler: clock });
      let operator = make();
      const subscribe = (): void => {
        operator = make();
        source.pipe(operator).subscribe(({ key, sample, data }) => {
          if (key === sample.id && unaccounted(operator.stats) === 0)
            seen.push({ item: sample, y: data[0]! });
        });
      };
      subscribe();
      for (const step of steps) {
        if (step === 'checkpoint') {
          source.complete();
          expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
          keyed = KeyedNormalizers.fromJSON(plain(keyed), options);
          source = new Subject();
          subscribe();
        } else if ('ms' in step) {
          clock.maxFrames = clock.frame + step.ms;
          clock.schedule(() => {}, step.ms);
          clock.flush();
        } else source.next(step);
        most = Math.max(most, keyed.stats.keys);
        expect(unaccounted(operator.stats)).toBe(0);
      }
      source.complete();
      expect(most).toBeLessThanOrEqual(maxKeys);
      const items = steps.filter((step): step is Item => typeof step === 'object' && 'id' in step);
      const { ys, states } = reference(items, scaler);
      expect(seen.map(({ y }) => y)).toEqual(ys);
      expect(seen.filter(({ item }, i) => item !== items[i])).toEqual([]);
      const saved = [...states.keys()].map((id) => JSON.stringify(keyed.get(id)) ?? store.text(id));
      expect(saved).toEqual([...states.values()]);
      const lost = { forgotten: 0, dropped: 0, waiting: 0, writing: 0, failed: 0, invalid: 0 };
      expect(operator.stats).toMatchObject({ ...lost, ...keyed.stats });
    },
  );
});

describe('with a store that answers by promises, in any order, and fails', () => {
  type Step = Item | 'resubscribe';
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: item },
    { weight: 1, arbitrary: fc.constant('resubscribe' as const) },
  );
  const way = fc.record({
    maxKeys: fc.integer({ min: 1, max: 4 }),
    maxWaiting: fc.constantFrom(1, 2, 1000),
    scaler: scalers,
    failures: fc.array(fc.boolean(), { maxLength: 6 }),
    isShared: fc.boolean(),
  });

  test.prop([fc.scheduler(), fc.array(step, { maxLength: 12 }), way], { numRuns: 10_000 })(
    'each row is learned once and emitted in the order of its key, or told not to be',
    async (s, given, { maxKeys, maxWaiting, scaler, failures: planned, isShared }) => {
      // Options begin anew with each subscription, from what the store has: that must be all.
      const failures = isShared ? planned : [];
      const steps = isShared ? given : given.filter((step) => step !== 'resubscribe');
      const held = new Map<Key, string>();
      const plan = [...failures];
      /** When the scheduler says so. */
      const later = <R>(act: () => R): Promise<R> => {
        const fails = plan.pop() ?? false;
        return s.schedule(Promise.resolve()).then(() => {
          if (fails) throw new Error('down');
          return act();
        });
      };
      const store: KeyStore = {
        get: (key) => later(() => (held.has(key) ? JSON.parse(held.get(key)!) : undefined)),
        set(key, state) {
          const text = JSON.stringify(state);
          return later(() => void held.set(key, text));
        },
      };
      const clock = new VirtualTimeScheduler();
      const options: KeyedOptions = {
        maxKeys,
        maxWaiting,
        overflow: 'drop-newest',
        store,
        normalizer: scaler,
        idleMs: 5,
      };
      const keyed = new KeyedNormalizers(options);
      const operator = normalizeBy<Item>('id', isShared ? keyed : options, {
        features: ['x'],
        scheduler: clock,
      });
      const source = new Subject<Item>();
      const [seen, errors]: [Emitted[], unknown[]] = [[], []];
      const faults: unknown[] = []; // what a step throws would not fail the test
      const pushed: Item[] = [];
      const subscribe = () =>
        source.pipe(operator).subscribe({
          next: ({ sample, data }) => void seen.push({ item: sample, y: data[0]! }),
          error(error: unknown) {
            errors.push(error);
            subscription = subscribe();
          },
          complete: () => void errors.push('complete'),
        });
      let subscription = subscribe();
      const { task } = s.scheduleSequence(
        steps.map((step) => async () => {
          if (step === 'resubscribe') {
            subscription.unsubscribe();
            subscription = subscribe();
          } else if (source.observed) {
            pushed.push(step);
            source.next(step);
          }
          clock.maxFrames = clock.frame + 2;
          clock.schedule(() => {}, 2);
          clock.flush();
          const { stats } = operator;
          if (unaccounted(stats) !== 0 || stats.items !== pushed.length || stats.emitted !== seen.length)
            faults.push([stats, pushed.length, seen.length]);
        }),
      );
      await s.waitIdle();
      await task;
      plan.length = 0;
      while (source.observed) {
        source.complete();
        await s.waitIdle();
      }

      expect(
        errors.filter((error) => error !== 'complete').map((error) => (error as { code: string }).code),
      ).toEqual(errors.filter((error) => error !== 'complete').map(() => 'EVENKEEL_STORE'));
      expect(operator.stats.failed).toBeLessThanOrEqual(failures.filter(Boolean).length);
      expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
      expect(faults).toEqual([]);
      expect(operator.stats).toMatchObject({ items: pushed.length, emitted: seen.length, waiting: 0 });
      expect(seen.length + operator.stats.dropped).toBe(pushed.length);
      const items = seen.map(({ item }) => item);
      for (const id of ids) {
        const came = pushed.filter((item) => item.id === id);
        let at = -1;
        for (const item of items.filter((item) => item.id === id)) {
          at = came.indexOf(item, at + 1);
          expect(at).toBeGreaterThanOrEqual(0);
        }
      }
      const { ys, states } = reference(items, scaler);
      expect(seen.map(({ y }) => y)).toEqual(ys);
      const flushed = keyed.flush();
      await s.waitIdle();
      await flushed;
      expect(held).toEqual(states);
      if (failures.length === 0 && maxWaiting === 1000 && !steps.includes('resubscribe')) {
        expect(items).toHaveLength(pushed.length);
        expect(errors).toEqual(['complete']);
      }
    },
  );
});
