import { map, of, take, toArray } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { Watch } from '../../src/operators/watched.js';

function counting() {
  let count = 0;
  const snapshot = vi.fn(() => ({ count }));
  const watch = new Watch(snapshot);
  const operator = watch.on(
    map((value: number) => {
      count++;
      watch.changed();
      return value;
    }),
  );
  return { operator, snapshot };
}

test('a watched operator is the operator', () => {
  const { operator } = counting();
  const seen: number[] = [];
  of(1, 2, 3)
    .pipe(operator)
    .subscribe((value) => seen.push(value));
  expect(seen).toEqual([1, 2, 3]);
});

test('its figures are read at any time, over all subscriptions, each time in a fresh object', () => {
  const { operator } = counting();
  of(1, 2).pipe(operator).subscribe();
  const before = operator.stats;
  of(3).pipe(operator).subscribe();
  expect([before, operator.stats]).toEqual([{ count: 2 }, { count: 3 }]);
});

test('its figures are told as they are, then after each change', () => {
  const { operator } = counting();
  of(1).pipe(operator).subscribe();
  const told: number[] = [];
  const subscription = operator.stats$.subscribe(({ count }) => told.push(count));
  of(1, 2).pipe(operator).subscribe();
  subscription.unsubscribe();
  of(1).pipe(operator).subscribe();
  expect(told).toEqual([1, 2, 3]);
});

test('who has seen enough of them holds nothing open', () => {
  const { operator, snapshot } = counting();
  const told: unknown[] = [];
  operator.stats$.pipe(take(1), toArray()).subscribe((all) => told.push(...all));
  snapshot.mockClear();
  of(1, 2).pipe(operator).subscribe();
  expect([told, snapshot.mock.calls.length]).toEqual([[{ count: 0 }], 0]);
});
