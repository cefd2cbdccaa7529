/** What the table is told of a run: the rows that were taken, and how fast they come. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { parseOnMissing } from '../../src/cli/missing-option.js';
import { Status } from '../../src/cli/status.js';
import { piped } from './piped.js';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

test('rows a second are of the last three seconds', () => {
  const status = new Status(() => 0);
  expect(status.currentRate(0)).toBe(0);
  for (let second = 1; second <= 10; second++) {
    vi.advanceTimersByTime(1000);
    expect(status.currentRate(20 * second)).toBeCloseTo(20, 9);
  }
  expect(status.seconds).toBe(10);
  vi.advanceTimersByTime(4000);
  expect(status.currentRate(200)).toBe(0);
});

test('rows are shown as they come, before their minibatch is full; those that are refused are not', () => {
  const { samples$, view, steps$ } = piped(true, { size: 100 });
  steps$.subscribe();
  view.state();

  const values = [
    { a: 1, b: 2 },
    { a: 3 },
    { a: 5, b: null },
    { a: 7, b: 'x' },
    { a: 9, b: Infinity },
    { a: 11, b: 12 },
  ];
  for (const [i, value] of values.entries()) samples$.next({ place: i + 1, value });
  vi.advanceTimersByTime(500);
  const { features, rowsPerSecond, rows, invalid } = view.state();
  expect(features.map(({ name, recent }) => [name, recent])).toEqual([
    ['a', [1, 11]],
    ['b', [2, 12]],
  ]);
  expect({ rowsPerSecond, rows, invalid }).toEqual({ rowsPerSecond: 4, rows: 0, invalid: 4 });
});

test('what no value has told is not shown as a number', () => {
  const { samples$, view, steps$ } = piped(true, { size: 2, onMissing: parseOnMissing('keep') });
  steps$.subscribe((step) => view.step(step));
  const shown = (): unknown[] =>
    view.state().features.map((line) => [line.runningMean, line.runningSd, line.batchMean, line.batchSd]);
  const push = (a: number, b: number | null, c: number | null): void =>
    samples$.next({ place: 1, value: { a, b, c } });
  push(1, 3, 5);
  const none = Number.NaN;
  const nothing = [none, none, none, none];
  expect(shown()).toEqual([nothing, nothing, nothing]);
  push(1, null, 5);
  push(1, null, null);
  push(1, 5, null);
  expect(shown()).toMatchObject([
    [1, 0, 0, 0],
    [4, Math.SQRT2, expect.any(Number), expect.any(Number)],
    [5, 0, none, none],
  ]);
});

test('each key has lines of its own, of as many keys as may be shown', () => {
  const { samples$, view, steps$ } = piped(true, { size: 2, key: 'id' }, ['missing', 'forgotten']);
  steps$.subscribe((step) => view.step(step));
  const push = (id: unknown, x: number): void => samples$.next({ place: 1, value: { id, x } });
  push('a', 1);
  push('b', 10);
  push('a', 3);
  const { features, counters } = view.state();
  expect(features).toMatchObject([
    { name: 'a · x', recent: [1, 3], runningMean: 2, batchMean: 0 },
    { name: 'b · x', recent: [10], runningMean: Number.NaN, batchMean: Number.NaN },
  ]);
  expect([...counters]).toEqual([
    ['missing', 0],
    ['forgotten', 0],
  ]);
  for (let id = 0; id < 200; id++) push(id, id);
  expect(view.state().features).toHaveLength(100);
});
