import { describe, expect, test } from 'vitest';
import { Alarms, alarmRule, type DriftLevels } from '../../src/drift/alarms.js';
import { thrownBy } from '../thrown-by.js';

const scoresOf = (shift: number, ratio = 0, divergence = 0) => ({
  shift: Float64Array.of(shift),
  logVarianceRatio: Float64Array.of(ratio),
  divergence: Float64Array.of(divergence),
});
/** Whether one feature is in alarm after each of the scores; of n values, compared with m. */
function courseOf(
  raise: number | DriftLevels,
  clear: number,
  scores: readonly (readonly [shift: number, ratio?: number, divergence?: number])[],
  [n, m]: readonly [number, number] = [100, 100],
): boolean[] {
  const alarms = new Alarms(1, alarmRule(raise, clear));
  return scores.map((given) => {
    const { raised, cleared } = alarms.judge(scoresOf(...given), Float64Array.of(n), Float64Array.of(m));
    const isUp = alarms.current.length === 1;
    expect(raised.length - cleared.length === 0 || isUp === raised.length > 0).toBe(true);
    return isUp;
  });
}

describe('by levels', () => {
  test('raised at its level, cleared below a part of it, and not between', () => {
    const course = [[0.4], [0.5], [0.31], [0.3], [0.29], [0.31], [-0.5], [-0.29]] as [number][];
    expect(courseOf({ shift: 0.5 }, 0.6, course)).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  test('any score named may raise it; all must be low for it to be cleared; others count for nothing', () => {
    const course: [number, number, number][] = [
      [9, 0, 0],
      [9, 1, 0],
      [9, 0, 0.6],
      [9, 0, 0.4],
      [0, 0, 1],
    ];
    expect(courseOf({ logVarianceRatio: 1, divergence: 1 }, 0.5, course)).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  test('scores that do not tell change nothing, unless another tells', () => {
    const { NaN: none } = Number;
    const course: [number, number][] = [
      [none, none],
      [1, none],
      [none, none],
      [0, none],
      [none, 0],
      [0, 0],
      [none, 1],
    ];
    expect(courseOf({ shift: 1, logVarianceRatio: 1 }, 0.5, course)).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
      true,
    ]);
  });

  test('infinite ones raise it; with clear 0 it stays', () => {
    expect(courseOf({ shift: 1 }, 0, [[Infinity], [0], [0]])).toEqual([true, true, true]);
    expect(courseOf({ shift: 1 }, 1, [[-Infinity], [0.99]])).toEqual([true, false]);
  });
});

describe('by standard deviations', () => {
  test('of a shift: by the values on both sides', () => {
    const isUp = (shift: number, n: number, m: number): boolean => courseOf(5, 0.6, [[shift]], [n, m])[0]!;
    expect([isUp(0.49, 100, 1e12), isUp(0.51, 100, 1e12)]).toEqual([false, true]);
    expect([isUp(0.7, 100, 100), isUp(0.71, 100, 100)]).toEqual([false, true]);
  });

  /** P(χ² of 2k degrees of freedom > x), exactly. */
  function tail(k: number, x: number): number {
    let [term, sum] = [Math.exp(-x / 2), 0];
    for (let j = 0; j < k; j++) {
      sum += term;
      term *= x / 2 / (j + 1);
    }
    return sum;
  }

  test.each([
    [64, 3, 0.00135],
    [64, 5, 2.867e-7],
    [10, 3, 0.00135],
    [10, 4, 3.167e-5],
  ])(
    'of a log variance ratio of 2 · %i degrees of freedom: %d, either way, is as rare as of a Gaussian',
    (k, z, rare) => {
      const isUp = (ratio: number): boolean => courseOf(z, 0, [[0, ratio]], [2 * k + 1, 1e12])[0]!;
      /** The least ratio, by its size, that raises it. */
      const level = (sign: 1 | -1): number => {
        let [least, most] = [0, 20];
        for (let i = 0; i < 60; i++) {
          const middle = (least + most) / 2;
          if (isUp(sign * middle)) most = middle;
          else least = middle;
        }
        return sign * most;
      };
      const above = tail(k, 2 * k * Math.exp(level(1)));
      const below = 1 - tail(k, 2 * k * Math.exp(level(-1)));
      expect(above / rare).toBeGreaterThan(0.8);
      expect(above / rare).toBeLessThan(1.25);
      expect(below / rare).toBeGreaterThan(0.5);
      expect(below / rare).toBeLessThan(1.5);
    },
  );

  test('the other way round, with the reference as short', () => {
    const [up] = courseOf(5, 0, [[0, 0.8]], [1e12, 129]);
    const [down] = courseOf(5, 0, [[0, -0.8]], [129, 1e12]);
    expect([up, down]).toEqual([true, true]);
  });

  test('a feature that has stopped, or begun, to move', () => {
    expect(
      courseOf(5, 0.6, [
        [0, -Infinity],
        [0, 0],
        [0, Infinity],
      ]),
    ).toEqual([true, false, true]);
  });
});

test('several features: which, in order, and the same list as long as nothing changes', () => {
  const alarms = new Alarms(3, alarmRule({ shift: 1 }, 0.5));
  const n = Float64Array.of(9, 9, 9);
  const zero = new Float64Array(3);
  const judge = (...shift: number[]) =>
    alarms.judge({ shift: Float64Array.from(shift), logVarianceRatio: zero, divergence: zero }, n, n);
  expect(judge(0, 0, 2)).toEqual({ raised: [2], cleared: [] });
  const { current } = alarms;
  expect(judge(0.9, 0, 1)).toEqual({ raised: [], cleared: [] });
  expect(alarms.current).toBe(current);
  expect(judge(1, -1, 0)).toEqual({ raised: [0, 1], cleared: [2] });
  expect(alarms.current).toEqual([0, 1]);
  expect(current).toEqual([2]);
  expect(alarms.clear()).toEqual({ raised: [], cleared: [0, 1] });
  expect(alarms.current).toEqual([]);
});

test('a level is a positive number, of a score there is', () => {
  for (const [raise, option] of [
    [0, 'raise'],
    [-1, 'raise'],
    [Number.NaN, 'raise'],
    [{}, 'raise'],
    [null, 'raise'],
    ['5', 'raise'],
    [{ shift: 0 }, 'raise.shift'],
    [{ shift: 1, divergence: Number.NaN }, 'raise.divergence'],
    [{ mean: 1 }, 'raise.mean'],
  ] as const)
    expect(thrownBy(() => alarmRule(raise as never, 0.5))).toMatchObject({ option });
  for (const clear of [-0.1, 1.1, Number.NaN])
    expect(thrownBy(() => alarmRule(5, clear))).toMatchObject({ option: 'clear' });
});
