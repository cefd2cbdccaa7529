/** Keys that are evicted and come back, checkpoints, failures and new subscriptions, in any order: no sample is lost or counted twice. */
import { fc, test } from '@fast-check/vitest';
import { Subject, type Subscription, tap, VirtualTimeScheduler } from 'rxjs';
import { expect } from 'vitest';
import {
  type CheckpointStore,
  checkpoint,
  type Key,
  KeyedNormalizers,
  type KeyedOptions,
  normalizeBy,
  restore,
  StandardScaler,
} from '../../src/index.js';

interface Item {
  readonly id: string;
  readonly x: number;
}
type Step = Item | 'unsubscribe' | 'resubscribe' | 'consumer fails' | 'time';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), x: fc.integer() }) },
  { weight: 3, arbitrary: fc.constantFrom('unsubscribe', 'resubscribe', 'consumer fails', 'time') },
);

const rowsOf = (json: unknown): number => (json as { readonly rows: number }).rows;

test.prop([fc.scheduler(), fc.array(step, { maxLength: 20 }), fc.array(fc.boolean())], { numRuns: 10_000 })(
  'what is in hand, in the store and in each checkpoint is what was learned',
  async (s, steps, failures) => {
    /** When the scheduler says so; it may fail. */
    const later = <R>(act: () => R, fails = false): Promise<R> =>
      s.schedule(Promise.resolve()).then(() => {
        if (fails) throw new Error('down');
        return act();
      });
    const held = new Map<Key, string>();
    /** What was sent to the store last, there or on its way. */
    const evicted = new Map<Key, number>();
    const options: KeyedOptions = {
      maxKeys: 2,
      idleMs: 5,
      store: {
        get: (key) => later(() => JSON.parse(held.get(key) ?? 'null')),
        set(key, state) {
          const text = JSON.stringify(state);
          evicted.set(key, rowsOf(JSON.parse(text)));
          return later(() => void held.set(key, text));
        },
      },
    };
    const generations: string[] = [];
    const elsewhere = new Map<number, ReadonlyMap<Key, number>>();
    const store: CheckpointStore = {
      read: () => generations.slice(0, 2),
      write: (text) => later(() => void generations.unshift(text), failures.pop()),
    };

    const clock = new VirtualTimeScheduler();
    const keyed = new KeyedNormalizers(options);
    const perKey = normalizeBy<Item>('id', keyed, { features: ['x'], scheduler: clock });
    let passed = 0;
    const watched = {
      toJSON() {
        elsewhere.set(passed, new Map(evicted));
        return keyed.toJSON();
      },
    };
    const saving = checkpoint<object>(watched, store, {
      everyBatches: 2,
      everyMs: 3,
      position: () => passed,
      onError: () => {},
      scheduler: clock,
    });

    const source = new Subject<Item>();
    let pushed = 0;
    let failing = false;
    let subscription: Subscription | undefined;
    const subscribe = (): void => {
      subscription?.unsubscribe();
      subscription = source
        .pipe(
          perKey,
          tap(() => passed++),
          saving,
        )
        .subscribe({
          next() {
            if (!failing) return;
            failing = false;
            subscription?.unsubscribe(); // as an operator does whose consumer throws
          },
          error: (error: unknown) => expect(error).toBeUndefined(),
        });
    };
    subscribe();
    const { task } = s.scheduleSequence(
      steps.map((now) => async () => {
        if (now === 'unsubscribe') subscription?.unsubscribe();
        else if (now === 'resubscribe') subscribe();
        else if (now === 'consumer fails') failing = true;
        else if (now !== 'time' && source.observed) {
          pushed++;
          source.next(now);
        }
        clock.maxFrames = clock.frame + 2;
        clock.schedule(() => {}, 2);
        clock.flush();
      }),
    );
    await s.waitFor(task);
    await s.waitIdle();
    source.complete();
    await s.waitIdle();
    subscription?.unsubscribe();
    failures.length = 0; // the store is well again
    const last = Promise.all([keyed.flush(), saving.flush()]);
    await s.waitIdle();
    await last;

    // Of every row that was taken: learned once, or left out when its subscription was given up, and counted.
    const everywhere = [...held.values()].map((text) => StandardScaler.fromJSON(JSON.parse(text)));
    const learned = everywhere.reduce((sum, { rows }) => sum + rows, 0);
    expect(learned + perKey.stats.dropped).toBe(pushed);
    expect(everywhere.reduce((sum, { moments }) => sum + moments.count[0]!, 0)).toBe(learned);

    // Each checkpoint: what is in it and what had left by then are the rows up to its position.
    for (const text of generations) {
      const saved = await restore({ read: () => [text], write() {} }, (json) =>
        KeyedNormalizers.fromJSON(json, { maxKeys: 10 }),
      );
      const inHand = (saved!.normalizer.toJSON() as { keys: [Key, number, unknown][] }).keys;
      const rows = new Map([
        ...elsewhere.get(saved!.position as number)!,
        ...inHand.map(([key, , state]): [Key, number] => [key, rowsOf(state)]),
      ]);
      expect([...rows.values()].reduce((sum, count) => sum + count, 0)).toBe(saved!.position);
    }
    expect(clock.actions.filter(({ closed }) => !closed)).toEqual([]);
  },
);
