import { fc, test as property } from '@fast-check/vitest';
import { PageHinkley, type PageHinkleyOptions } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { gaussian, uniform } from '../oracle/hard-data.js';
import { exactMoments } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const defaults = { minInstances: 30, delta: 0.005, threshold: 50, alpha: 0.9999, mode: 'both' } as const;

/** River's recurrence from all values since the last change, with exact means: which of them are changes. */
function changesOf(values: Float64Array, given: PageHinkleyOptions): number[] {
  const { minInstances, delta, threshold, alpha, mode } = { ...defaults, ...given };
  const changes: number[] = [];
  let start = 0;
  for (let end = 1; end <= values.length; end++) {
    let [up, down, least, most] = [0, 0, Infinity, -Infinity];
    for (let i = start; i < end; i++) {
      const mean = exactMoments(values.subarray(start, i + 1)).mean;
      const deviation = -mean.minus(values[i]!).toNumber();
      up = alpha * up + deviation - delta;
      down = alpha * down + deviation + delta;
      least = Math.min(least, up);
      most = Math.max(most, down);
    }
    const rose = mode !== 'down' && up - least > threshold;
    const fell = mode !== 'up' && most - down > threshold;
    if (end - start >= minInstances && (rose || fell)) {
      changes.push(end - 1);
      start = end;
    }
  }
  return changes;
}
const found = (values: ArrayLike<number>, options: PageHinkleyOptions): number[] => {
  const test = new PageHinkley(options);
  return Array.from(values, (x, i) => [test.update(x), i] as const)
    .filter(([isChanged]) => isChanged)
    .map(([, i]) => i);
};
const anyOptions: fc.Arbitrary<PageHinkleyOptions> = fc.record({
  minInstances: fc.integer({ min: 1, max: 12 }),
  delta: fc.constantFrom(0, 0.005, 0.5),
  threshold: fc.constantFrom(0.5, 3, 10),
  alpha: fc.constantFrom(0.5, 0.9999, 1),
  mode: fc.constantFrom('both', 'up', 'down'),
});
const changing = fc
  .record({ seed: fc.integer(), n: fc.integer({ min: 1, max: 50 }), offset: fc.constantFrom(0, -3, 1e9) })
  .map(({ seed, n, offset }) => {
    const [next, noise] = [uniform(seed), gaussian(seed + 1)];
    let mean = offset;
    return Float64Array.from({ length: n }, () => {
      if (next() < 0.05) mean = offset + 8 * (next() - 0.5);
      return mean + 0.3 * noise();
    });
  });

property.prop([changing, anyOptions], { numRuns: 300 })(
  'the same changes as from all values, with exact means',
  (values, options) => {
    expect(found(values, options)).toEqual(changesOf(values, options));
  },
);

property.prop([changing, anyOptions, fc.integer({ min: 0, max: 50 })], { numRuns: 1000 })(
  'saved and restored at any value, it goes on to the bit',
  (values, options, at) => {
    let there = new PageHinkley(options);
    const whole = new PageHinkley(options);
    values.forEach((value, i) => {
      if (i === at) there = PageHinkley.fromJSON(JSON.parse(JSON.stringify(there)));
      there.update(value);
      whole.update(value);
    });
    expect(JSON.stringify(there)).toBe(JSON.stringify(whole));
  },
);

describe('by hand', () => {
  test('up, down, either; from a number of values on', () => {
    const rise = [0, 0, 0, 4, 4, 4];
    // deviations from the mean so far: 0, 0, 0, 3, 2.4, 2
    const options = { minInstances: 1, delta: 0, alpha: 1 };
    expect(found(rise, { ...options, threshold: 2.9 })).toEqual([3]);
    expect(found(rise, { ...options, threshold: 3 })).toEqual([4]);
    expect(found(rise, { ...options, threshold: 3, mode: 'up' })).toEqual([4]);
    expect(found(rise, { ...options, threshold: 3, mode: 'down' })).toEqual([]);
    expect(
      found(
        rise.map((x) => -x),
        { ...options, threshold: 3, mode: 'down' },
      ),
    ).toEqual([4]);
    expect(found(rise, { ...options, threshold: 3, minInstances: 6 })).toEqual([5]);
    expect(found(rise, { ...options, threshold: 3, delta: 1 })).toEqual([4]); // 2, then 3.4
    expect(found(rise, { ...options, threshold: 4, alpha: 0.5 })).toEqual([]); // 3, 3.9, 3.95
  });

  test('missing values count for nothing; reset forgets', () => {
    const test = new PageHinkley({ minInstances: 1, delta: 0, threshold: 1 });
    const fresh = JSON.stringify(test);
    expect([test.update(0), test.update(Number.NaN), test.update(1)]).toEqual([false, false, false]);
    test.reset();
    expect(JSON.stringify(test)).toBe(fresh);
  });

  const simulated = (n: number, at: number, options: PageHinkleyOptions): number[] => {
    const noise = gaussian(1);
    const values = Float64Array.from({ length: n }, (_, i) => noise() + (i < at ? 0 : 1));
    return found(values, options);
  };

  test('the defaults, of noise of sd 1: a random walk comes to 50 every 2000 values or so', () => {
    expect(simulated(20_000, 20_000, {}).length).toBe(10);
  });

  test('an allowance does not help once alpha has forgotten it: a walk again, after 10,000 values', () => {
    const [first] = simulated(20_000, 20_000, { delta: 0.25, threshold: 25 });
    expect(first).toBeGreaterThan(10_000);
  });

  test('an allowance of 0.25 sd, and 25 to exceed: none in 200,000, and 1 sd is found within 60', () => {
    const options = { delta: 0.25, threshold: 25, alpha: 1 };
    expect(simulated(200_000, 200_000, options)).toEqual([]);
    const [first] = simulated(2000, 1000, options);
    expect(first).toBeGreaterThan(1000);
    expect(first).toBeLessThan(1060);
  });
});

test.each([Infinity, '1', null])('%s is no value', (value) => {
  expect(thrownBy(() => new PageHinkley().update(value as never))).toMatchObject({ option: 'value', value });
});

test.each([
  [{ minInstances: 0 }, 'minInstances'],
  [{ delta: -1 }, 'delta'],
  [{ threshold: Number.NaN }, 'threshold'],
  [{ alpha: 1.1 }, 'alpha'],
  [{ mode: 'sideways' }, 'mode'],
  [{ clock: 1 }, 'options.clock'],
])('%j cannot be', (options, option) => {
  expect(thrownBy(() => new PageHinkley(options as never))).toMatchObject({
    code: 'EVENKEEL_OPTION',
    option,
  });
});

test('damaged state is refused', () => {
  const state = JSON.parse(JSON.stringify(new PageHinkley()));
  const two = { ...state.moments, channels: 2 };
  for (const damage of [{ kind: '' }, { options: {} }, { moments: two }, { sums: [0] }, { isChanged: 1 }])
    expect(thrownBy(() => PageHinkley.fromJSON({ ...state, ...damage }))).toMatchObject({
      code: 'EVENKEEL_STATE',
    });
});
