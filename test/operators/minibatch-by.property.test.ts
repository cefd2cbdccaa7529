/** Against lists of rows, one a key, in the order of last use: batch by batch, at the very time. */
import { fc, test } from '@fast-check/vitest';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { expect } from 'vitest';
import { minibatchBy } from '../../src/index.js';

interface Item {
  readonly id: number;
  readonly x: number;
  /** Since the item before. */
  readonly ms: number;
}
type Emission = readonly [time: number, key: number, ...xs: number[]];

const item: fc.Arbitrary<Item> = fc.record({
  id: fc.integer({ min: 0, max: 5 }),
  x: fc.integer(),
  ms: fc.constantFrom(0, 0, 1, 2, 5),
});
const way = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  maxKeys: fc.integer({ min: 1, max: 4 }),
  maxWaitMs: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
});

interface Open {
  readonly id: number;
  readonly since: number;
  readonly xs: number[];
}

function reference(
  items: readonly Item[],
  { size, maxKeys, maxWaitMs = Infinity }: { size: number; maxKeys: number; maxWaitMs?: number | undefined },
): Emission[] {
  const emitted: Emission[] = [];
  let open: Open[] = []; // in the order of last use
  let now = 0;
  const leave = (batch: Open, time: number): void => {
    open = open.filter((other) => other !== batch);
    emitted.push([time, batch.id, ...batch.xs]);
  };
  const byAge = (): Open[] =>
    [...open].sort((p, q) => p.since - q.since || order.indexOf(p) - order.indexOf(q));
  const order: Open[] = [];
  for (const { id, x, ms } of items) {
    for (const batch of byAge())
      if (ms > 0 && batch.since + maxWaitMs <= now + ms) leave(batch, batch.since + maxWaitMs);
    now += ms;
    let batch = open.find((other) => other.id === id);
    const isNew = batch === undefined;
    batch ??= { id, since: now, xs: [] };
    if (isNew) order.push(batch);
    batch.xs.push(x);
    open = [...open.filter((other) => other !== batch), batch];
    if (batch.xs.length === size) leave(batch, now);
    else if (open.length > maxKeys) leave(open[0]!, now);
  }
  for (const batch of byAge()) leave(batch, now);
  return emitted;
}

test.prop([fc.array(item, { maxLength: 24 }), way], { numRuns: 10_000 })(
  'each row leaves in its own key’s batch, when that is full, due, or has to make room',
  (items, { maxWaitMs, ...bounds }) => {
    const clock = new VirtualTimeScheduler();
    const source = new Subject<Item>();
    const seen: Emission[] = [];
    const operator = minibatchBy<Item>('id', {
      ...bounds,
      ...(maxWaitMs !== undefined && { maxWaitMs }),
      features: ['x'],
      scheduler: clock,
    });
    source.pipe(operator).subscribe(({ key, data }) => seen.push([clock.frame, key as number, ...data]));
    let most = 0;
    for (const item of items) {
      if (item.ms > 0) {
        clock.maxFrames = clock.frame + item.ms;
        clock.schedule(() => {}, item.ms);
        clock.flush();
      }
      source.next(item);
      const { rows, emitted, dropped, invalid, held } = operator.stats;
      expect(emitted + dropped + invalid + held).toBe(rows);
      most = Math.max(
        most,
        operator.stats.keys,
        clock.actions.filter((action) => !action.closed).length * bounds.maxKeys,
      );
    }
    source.complete();
    expect(seen).toEqual(reference(items, { ...bounds, maxWaitMs }));
    expect(most).toBeLessThanOrEqual(bounds.maxKeys);
    expect(operator.stats).toMatchObject({
      keys: 0,
      batches: seen.length,
      rows: items.length,
      emitted: items.length,
      held: 0,
    });
  },
);
