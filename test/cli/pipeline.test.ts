/** Minibatches by time, in virtual time. */
import { Subject } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Ending } from '../../src/cli/ending.js';
import { Intake } from '../../src/cli/intake.js';
import { steps } from '../../src/cli/pipeline.js';
import type { Sample, Source } from '../../src/cli/sources/source.js';

/** What comes of one sample, as the rows of each minibatch. */
function ofOne(live: boolean, maxWait?: number): number[] {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const samples$ = new Subject<Sample>();
  const source: Source = { name: 'source', places: 'sample', live, samples$ };
  const args = { from: '-', size: 32, ...(maxWait !== undefined && { maxWait }) };
  const intake = new Intake(source, undefined, undefined, () => {});
  const view = { row: () => {}, refused: () => {} };
  const batches: number[] = [];
  steps({ args, source, intake, saved: undefined, ending: new Ending(), view }).subscribe(({ normalized }) =>
    batches.push(normalized.samples.length),
  );
  samples$.next({ place: 1, value: 1 });
  return batches;
}

describe('the first row of a minibatch waits', () => {
  test('a second, where it is live', () => {
    const batches = ofOne(true);
    vi.advanceTimersByTime(999);
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(batches).toEqual([1]);
  });

  test('for as long as it takes, where it is a file', () => {
    const batches = ofOne(false);
    vi.advanceTimersByTime(3_600_000);
    expect(batches).toEqual([]);
  });

  test('--max-wait in either', () => {
    for (const live of [true, false]) {
      const batches = ofOne(live, 50);
      vi.advanceTimersByTime(49);
      expect(batches).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(batches).toEqual([1]);
    }
  });
});
