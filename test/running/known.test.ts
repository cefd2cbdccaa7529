/** What running statistics have learned, and what they have not. */
import { Moments } from 'evenkeel';
import { expect, test } from 'vitest';
import { knownOf } from '../../src/running/running.js';
import { type RunningMode, startRunning } from '../../src/running/running-mode.js';

const none = Number.NaN;
const pools: RunningMode[] = [
  'pooled',
  { halfLifeRows: 1e6 },
  { halfLifeMs: 1e12 },
  { windowRows: 10, strideRows: 1 },
  { windowMs: 1e6, strideMs: 1 },
];

/** Channels with no value, one and two. */
function learned(mode: RunningMode, ddof: 0 | 1): ReturnType<typeof knownOf> {
  const batch = new Moments(3);
  batch.update([none, 3, 3]);
  batch.update([none, none, 5]);
  const running = startRunning(mode, 3, ddof);
  running.learn(batch, 2, 2, 1000);
  return knownOf(running, 3);
}

test.each(pools)('%j: a mean of one value or more, and a variance of as many as it takes', (mode) => {
  for (const ddof of [0, 1] as const) {
    const { mean, variance } = learned(mode, ddof);
    expect(mean[0]).toBeNaN();
    expect(variance[0]).toBeNaN();
    expect(mean[1]).toBe(3);
    expect(variance[1]).toBe(ddof === 0 ? 0 : none);
    expect(mean[2]).toBeCloseTo(4, 6);
    expect(variance[2]).toBeCloseTo(ddof === 0 ? 1 : 2, 4);
  }
});

test.each(['average', { momentum: 0.5 }] as const)('%j: of both or of none', (mode) => {
  const half = mode !== 'average'; // of what it starts from, mean 0 and variance 1
  expect(learned(mode, 1)).toEqual({
    mean: Float64Array.of(none, none, half ? 2 : 4),
    variance: Float64Array.of(none, none, half ? 1.5 : 2),
  });
});

test.each([...pools, 'average'] as const)('%j: of nothing, none', (mode) => {
  const nothing = Float64Array.of(none, none);
  expect(knownOf(startRunning(mode, 2, 1), 2)).toEqual({ mean: nothing, variance: nothing });
});
