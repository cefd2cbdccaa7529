import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { TimeQueue } from '../../src/samples/time-queue.js';

interface Held {
  readonly time: number;
  readonly id: number;
  readonly slot: number;
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ insert: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 2, arbitrary: fc.constant('shift' as const) },
);

test.prop([fc.array(step, { size: '+1', maxLength: 100 })], { numRuns: 1000 })(
  'is an array that is sorted each time, stably, and each item keeps a slot of its own',
  (steps) => {
    const queue = new TimeQueue<number>();
    let model: Held[] = [];
    steps.forEach((one, id) => {
      if (one !== 'shift') {
        model.push({ time: one.insert, id, slot: queue.insert(one.insert, id) });
        model = model.sort((a, b) => a.time - b.time || a.id - b.id);
      } else if (model.length > 0 && queue.shift() !== model.shift()!.id) expect.fail('not the first');
    });
    const held = Array.from({ length: queue.length }, (_, place): Held => {
      return { time: queue.timeAt(place), id: queue.itemAt(place), slot: queue.slotAt(place) };
    });
    expect(held).toEqual(model);
    expect(new Set(held.map(({ slot }) => slot)).size).toBe(held.length);
    expect(queue.before(15)).toBe(model.filter(({ time }) => time < 15).length);
  },
);

test('slots are used again: as many as were held at once', () => {
  const queue = new TimeQueue<number>();
  const slots = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    slots.add(queue.insert(-i, i));
    if (queue.length > 3) queue.shift();
  }
  expect(slots.size).toBe(4);
});

test('appended, items are as they came, whatever their times', () => {
  const queue = new TimeQueue<string>();
  for (const [time, item] of [
    [5, 'a'],
    [1, 'b'],
    [3, 'c'],
  ] as const)
    queue.append(time, item);
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'b', 'c']);
});
