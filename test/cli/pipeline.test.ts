/** Minibatches by time, in virtual time. */
import type { Subject } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Arguments } from '../../src/cli/arguments.js';
import type { Sample } from '../../src/cli/sources/source.js';
import { piped } from './piped.js';

/** What is pushed into it, and the rows of each minibatch that comes of it. */
function batched(
  live: boolean,
  options: Partial<Arguments>,
): { samples$: Subject<Sample>; batches: number[] } {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { samples$, steps$ } = piped(live, options);
  const batches: number[] = [];
  steps$.subscribe(({ normalized }) => batches.push(normalized.samples.length));
  return { samples$, batches };
}

/** What comes of one sample. */
function ofOne(live: boolean, maxWait?: number): number[] {
  const { samples$, batches } = batched(live, maxWait === undefined ? {} : { maxWait });
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

describe('a row that waits for those before it', () => {
  const options = { size: 1, lateness: 5000, timestamp: { name: 't', unit: 1 } };

  test('goes on when a live source has been silent for as long as one may be late', () => {
    const { samples$, batches } = batched(true, options);
    samples$.next({ place: 1, value: { t: 0, x: 1 } });
    vi.advanceTimersByTime(4999);
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(batches).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('waits for the times of a recording, however long they take', () => {
    for (const [live, more] of [
      [false, {}],
      [true, { speed: 1 }],
    ] as const) {
      const { samples$, batches } = batched(live, { ...options, ...more });
      samples$.next({ place: 1, value: { t: 0, x: 1 } });
      vi.advanceTimersByTime(3_600_000);
      expect(batches).toEqual([]);
      samples$.next({ place: 2, value: { t: 5000, x: 2 } });
      expect(batches).toEqual([1]);
      samples$.complete();
      expect(batches).toEqual([1, 1]);
    }
  });
});

test('live, what is further ahead than --max-ahead is left out, by the time it is then', () => {
  for (const lateness of [undefined, 5000]) {
    const timestamp = { name: 't', unit: 1 };
    vi.useFakeTimers({ now: 1_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const { samples$, status, steps$ } = piped(true, {
      size: 1,
      timestamp,
      maxAhead: 500,
      ...(lateness !== undefined && { lateness }),
    });
    const means: number[] = [];
    steps$.subscribe(({ normalized }) => means.push(normalized.moments!.mean[0]!));
    const push = (x: number, ahead: number): void =>
      samples$.next({ place: x, value: { t: Date.now() + ahead, x } });
    push(1, 1e9); // before any other
    push(2, 0);
    push(3, 501);
    push(4, 500);
    push(5, 501);
    vi.advanceTimersByTime(1);
    samples$.next({ place: 6, value: { t: 1_000_501, x: 6 } });
    push(7, -4000);
    samples$.complete();
    expect(means.toSorted()).toEqual([2, 4, 6, 7]);
    expect(status.counters.get('ahead')).toBe(3);
    expect(status.counters.get('late') ?? 0).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  }
});

test('the end leaves no timer, and what was held is learned', () => {
  const { samples$, batches } = batched(true, { lateness: 5000, timestamp: { name: 't', unit: 1 } });
  for (const t of [0, 1000, 9000]) samples$.next({ place: t, value: { t, x: 1 } });
  samples$.complete();
  expect(batches).toEqual([3]);
  expect(vi.getTimerCount()).toBe(0);
});
