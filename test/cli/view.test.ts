/** What the table is told of a run: the rows that were taken, and how fast they come. */
import { Subject } from 'rxjs';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Ending } from '../../src/cli/ending.js';
import { Intake } from '../../src/cli/intake.js';
import { steps } from '../../src/cli/pipeline.js';
import type { Sample, Source } from '../../src/cli/sources/source.js';
import { Status } from '../../src/cli/status.js';
import { View } from '../../src/cli/view.js';

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
  const samples$ = new Subject<Sample>();
  const source: Source = { name: 'test', places: 'sample', live: true, samples$ };
  const status = new Status(() => 0);
  const intake = new Intake(source, undefined, undefined, () => status.invalid++);
  const view = new View({ source, status, states: () => [], evaluating: false, names: () => intake.names });
  const args = { from: 'test', size: 100 };
  steps({ args, source, intake, saved: undefined, ending: new Ending(), view }).subscribe();
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
