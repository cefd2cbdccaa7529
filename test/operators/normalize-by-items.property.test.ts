/** Where each item is, at every moment: whatever ends a subscription, from wherever, with whichever store. */
import { fc, test } from '@fast-check/vitest';
import { Subject, type Subscription, VirtualTimeScheduler } from 'rxjs';
import { expect } from 'vitest';
import {
  type Key,
  KeyedNormalizers,
  type KeyedOptions,
  type KeyStore,
  type NormalizeByStats,
  normalizeBy,
  tensor,
} from '../../src/index.js';
import { unaccounted } from './item-sum.js';

type Item = { readonly id?: unknown; readonly x: unknown } | (ReturnType<typeof tensor> & { id: Key });
type Act = 'unsubscribe' | 'subscribe' | 'complete' | 'error' | 'push' | 'throw';
type Step = { readonly item: Item } | { readonly ms: number } | { readonly act: Act };
type Place = 'next' | 'invalid' | 'key' | 'features' | 'mode' | 'get' | 'set' | 'told' | 'ended';

const id = fc.constantFrom<Key>('a', 'b', 'c');
const item: fc.Arbitrary<Item> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ id, x: fc.integer({ min: -9, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ id, x: fc.constantFrom(Number.NaN, 'x') }) },
  { weight: 1, arbitrary: fc.constant({ x: 1 }) },
  { weight: 1, arbitrary: id.map((id) => ({ ...tensor([1, 2], [2, 1]), id })) },
  { weight: 1, arbitrary: id.map((id) => ({ ...tensor([1, Number.NaN], [2, 1]), id })) },
  { weight: 1, arbitrary: id.map((id) => ({ ...tensor([1, 2], [1, 2]), id })) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ item }) },
  { weight: 1, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constantFrom<Act>('unsubscribe', 'subscribe', 'complete', 'error') }),
  },
);
const reaction = fc.record({
  place: fc.constantFrom<Place>(
    'next',
    'next',
    'invalid',
    'key',
    'features',
    'mode',
    'get',
    'set',
    'told',
    'ended',
  ),
  nth: fc.integer({ min: 1, max: 4 }),
  act: fc.constantFrom<Act>('unsubscribe', 'subscribe', 'complete', 'error', 'push', 'throw'),
});
const way = fc.record({
  maxKeys: fc.integer({ min: 1, max: 3 }),
  maxWaiting: fc.constantFrom(1, 2, 1000),
  overflow: fc.constantFrom('error' as const, 'drop-newest' as const),
  idleMs: fc.constantFrom(undefined, 3),
  isShared: fc.boolean(),
  isTolerant: fc.boolean(),
  warmup: fc.constantFrom(0, 1),
  gets: fc.constantFrom('no store', 'at once', 'later'),
  sets: fc.constantFrom('at once', 'later'),
  failures: fc.array(fc.boolean(), { maxLength: 4 }),
  reactions: fc.array(reaction, { maxLength: 3 }),
});

test.prop([fc.scheduler(), fc.array(step, { maxLength: 12 }), way], { numRuns: 10_000 })(
  'items add up, and each change is told',
  async (s, steps, { isShared, isTolerant, gets, sets, failures, reactions, warmup, ...keys }) => {
    const clock = new VirtualTimeScheduler();
    const held = new Map<Key, string>();
    const plan = [...failures];
    const answer = <R>(when: string, act: () => R): R | Promise<R> => {
      const fails = plan.pop() ?? false;
      const now = (): R => {
        if (fails) throw new Error('down');
        return act();
      };
      return when === 'later' ? s.schedule(Promise.resolve()).then(now) : now();
    };
    const store: KeyStore = {
      get(key) {
        visit('get');
        return answer(gets, () => (held.has(key) ? JSON.parse(held.get(key)!) : undefined));
      },
      set(key, state) {
        visit('set');
        const text = JSON.stringify(state);
        return answer(sets, () => void held.set(key, text));
      },
    };
    const options: KeyedOptions = { ...keys, ...(gets !== 'no store' && { store }) } as KeyedOptions;
    let [came, refused] = [0, 0];
    const errors: unknown[] = [];
    const key = ({ id }: Item): Key => {
      came++;
      visit('key');
      return id as Key;
    };
    const operator = normalizeBy<Item>(key, isShared ? new KeyedNormalizers(options) : options, {
      features(item) {
        visit('features');
        return [(item as { x: number }).x];
      },
      mode() {
        visit('mode');
        return 'train';
      },
      onInvalid: isTolerant
        ? () => {
            refused++;
            visit('invalid');
          }
        : 'error',
      warmup,
      scheduler: clock,
    });
    let source = new Subject<Item>();
    let emitted = 0;
    const subscriptions = new Set<Subscription>();
    let told: NormalizeByStats | undefined;
    /** What is not as it must be: neither what a subscriber throws nor what a step does would fail the test. */
    const faults: unknown[] = [];
    const visits: Partial<Record<Place, number>> = {};

    function check(place: string): void {
      const { stats } = operator;
      if (unaccounted(stats) !== 0 || stats.items !== came || stats.emitted !== emitted)
        faults.push([place, came, emitted, stats]);
    }
    function visit(place: Place): void {
      check(place);
      visits[place] = (visits[place] ?? 0) + 1;
      for (const { act, nth } of reactions.filter((reaction) => reaction.place === place))
        if (visits[place] === nth) perform(act, place);
      check(`${place}, after`);
    }
    function subscribe(): void {
      const subscription = source.pipe(operator).subscribe({
        next() {
          emitted++;
          visit('next');
        },
        error(error: unknown) {
          errors.push(error);
          visit('ended');
        },
        complete: () => visit('ended'),
      });
      subscriptions.add(subscription);
    }
    function perform(act: Act, place?: Place): void {
      const { size } = subscriptions;
      if (act === 'unsubscribe') for (const subscription of subscriptions) subscription.unsubscribe();
      else if (act === 'subscribe' && size < 5) subscribe();
      else if (act === 'push') source.next({ id: 'a', x: 1 });
      else if (act === 'throw' && ['key', 'features', 'mode', 'get', 'set'].includes(place!))
        throw new Error('own');
      else if (act === 'complete' || act === 'error') {
        const ended = source;
        source = new Subject();
        if (act === 'complete') ended.complete();
        else ended.error(new Error('gone'));
      }
    }
    operator.stats$.subscribe((stats) => {
      told = stats;
      visit('told');
    });
    subscribe();
    const { task } = s.scheduleSequence(
      steps.map((step) => async () => {
        if ('act' in step) perform(step.act);
        else if ('item' in step) source.next(step.item);
        else {
          clock.maxFrames = clock.frame + step.ms;
          clock.schedule(() => {}, step.ms);
          clock.flush();
        }
        check('step');
        if (JSON.stringify(told) !== JSON.stringify(operator.stats))
          faults.push(['told', told, operator.stats]);
      }),
    );
    await s.waitIdle();
    await task;
    perform('complete');
    await s.waitIdle();
    perform('unsubscribe');
    await s.waitIdle();

    check('end');
    expect(faults).toEqual([]);
    expect(told).toEqual(operator.stats);
    expect(operator.stats).toMatchObject({ waiting: 0, writing: 0 });
    if (isTolerant) expect(operator.stats.invalid).toBeGreaterThanOrEqual(refused);
    const isGivenUp = steps.some((step) => 'act' in step && step.act === 'unsubscribe');
    if (isGivenUp || reactions.length > 0 || errors.length > 0) return;
    if (isTolerant) expect(operator.stats.invalid).toBe(refused);
    if (keys.overflow === 'error') expect(operator.stats.dropped).toBe(0);
  },
);
