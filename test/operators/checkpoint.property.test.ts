/** Whatever comes in between: items, ends, new subscriptions, turns of the clock, writes that end well or badly. */
import { fc, test } from '@fast-check/vitest';
import { type CheckpointStats, checkpoint, StandardScaler, standardize } from 'evenkeel';
import { Subject, Subscription, VirtualTimeScheduler } from 'rxjs';
import { describe, expect } from 'vitest';

type Step = 'item' | 'turn' | 'written' | 'failed' | 'complete' | 'error' | 'unsubscribe' | 'subscribe';

/** What a scaler has learned from the items 1 … n. */
const states: string[] = [JSON.stringify(new StandardScaler(1))];
const stateOf = (items: number): string => {
  while (states.length <= items) {
    const scaler = StandardScaler.fromJSON(JSON.parse(states.at(-1)!));
    scaler.update([states.length]);
    states.push(JSON.stringify(scaler));
  }
  return states[items]!;
};

class World {
  readonly clock = new VirtualTimeScheduler();
  readonly scaler = new StandardScaler(1);
  readonly seen: string[] = [];
  items = 0;
  /** Positions, in the order their writes began; and how those that have ended did. */
  readonly begun: number[] = [];
  readonly ended: boolean[] = [];
  #end: ((ok: boolean) => void) | undefined;
  #source = new Subject<number>();
  #subscription = new Subscription();
  readonly saving;

  constructor(options: { everyMs?: number; everyBatches?: number }) {
    const write = (text: string): Promise<void> => {
      expect(this.writing).toBe(false);
      const { position, state } = JSON.parse(text);
      expect(JSON.stringify(state)).toBe(stateOf(position)); // a state and its position
      expect(position).toBeGreaterThanOrEqual(this.begun.at(-1) ?? 0);
      this.begun.push(position);
      return new Promise((resolve, reject) => {
        this.#end = (ok) => (ok ? resolve() : reject(new Error('full')));
      });
    };
    this.saving = checkpoint<{ sample: number }>(
      this.scaler,
      { read: () => [], write },
      { ...options, position: ({ sample }) => sample, onError: () => {}, scheduler: this.clock },
    );
    this.subscribe();
  }

  get writing(): boolean {
    return this.#end !== undefined;
  }
  get kept(): number {
    return Math.max(0, ...this.ended.map((ok, i) => (ok ? this.begun[i]! : 0)));
  }
  get timers(): number {
    return this.clock.actions.filter(({ closed }) => !closed).length;
  }

  subscribe(): void {
    if (!this.#subscription.closed && this.#source.observed) return;
    this.#source = new Subject();
    this.#subscription = this.#source.pipe(standardize(this.scaler), this.saving).subscribe({
      error: () => this.seen.push('error'),
      complete: () => this.seen.push('complete'),
    });
  }

  async step(step: Step): Promise<void> {
    if (step === 'item' && this.#source.observed) this.#source.next(++this.items);
    else if (step === 'turn') {
      this.clock.maxFrames = this.clock.frame + 10;
      this.clock.flush();
    } else if (step === 'written' || step === 'failed') {
      const end = this.#end;
      if (end) {
        this.ended.push(step === 'written');
        this.#end = undefined;
        end(step === 'written');
      }
    } else if (step === 'complete') this.#source.complete();
    else if (step === 'error') this.#source.error(new Error('gone'));
    else if (step === 'unsubscribe') this.#subscription.unsubscribe();
    else this.subscribe();
    for (let i = 0; i < 4; i++) await undefined; // what waits for the write goes on
    const { passed, unsaved, saved, failed }: CheckpointStats = this.saving.stats;
    expect({ passed, unsaved, saved, failed }).toEqual({
      passed: this.items,
      unsaved: this.items - this.kept,
      saved: this.ended.filter((ok) => ok).length,
      failed: this.ended.filter((ok) => !ok).length,
    });
  }

  /** All writes, to the last. */
  async settle(how: 'written' | 'failed'): Promise<void> {
    while (this.writing) await this.step(how);
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>('item') },
    { weight: 3, arbitrary: fc.constantFrom<Step>('turn', 'written') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('failed', 'complete', 'error', 'unsubscribe') },
    { weight: 2, arbitrary: fc.constant<Step>('subscribe') },
  ),
  { maxLength: 30 },
);
const options = fc.constantFrom({}, { everyMs: 10 }, { everyBatches: 1 }, { everyBatches: 3, everyMs: 15 });

describe('in any order', () => {
  test.prop([options, steps, fc.constantFrom<Step>('complete', 'error', 'unsubscribe')], { numRuns: 10_000 })(
    'what is saved is a state and its position, one write at a time; the end has all, and leaves no timer',
    async (given, before, end) => {
      const world = new World(given);
      for (const step of before) await world.step(step);
      await world.settle('written'); // who still waits for it ends
      await world.step('subscribe');
      await world.step('item');
      const told = world.seen.length;
      await world.step(end);
      if (world.writing) expect(world.seen).toHaveLength(told); // the end waits
      await world.settle('written');
      expect(world.kept).toBe(world.items);
      expect(world.seen.slice(told)).toEqual(end === 'unsubscribe' ? [] : [end]);
      expect(world.timers).toBe(0);
      expect(world.saving.stats.error).toBeUndefined();
    },
  );

  test.prop([options, steps], { numRuns: 1000 })(
    'a store that is full to the end loses no more than was not saved',
    async (given, before) => {
      const world = new World(given);
      for (const step of before) await world.step(step);
      await world.step('subscribe');
      const { kept } = world;
      await world.step('complete');
      await world.settle('failed');
      expect(world.seen.at(-1)).toBe('complete');
      expect(world.kept).toBeGreaterThanOrEqual(kept);
      expect(world.timers).toBe(0);
      const flushed = world.saving.flush();
      await world.settle('written');
      await flushed;
      expect(world.kept).toBe(world.items);
    },
  );
});
