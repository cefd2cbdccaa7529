import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { nearMedian } from '../../src/stats/near-median.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('the values near the median', () => {
  test.each<[string, number[], number, number[]]>([
    ['as they came', [5, 3, 99, 4, 1, 2, 8, 7, 6, 9], 3, [5, 3, 4, 1, 2, 8, 7, 6, 9]],
    ['both tails', [...upTo(18), -50, 50], 3, upTo(18)],
    ['not of fewer than ten', [...upTo(8), 1e9], 3, [...upTo(8), 1e9]],
    ['4.5 and 4.5 / 1.645 * 3 = 8.21 from it: within', [...upTo(9), 12.7], 3, [...upTo(9), 12.7]],
    ['beyond', [...upTo(9), 12.8], 3, upTo(9)],
    ['nine tenths in any case', [...upTo(9), 10], 1e-300, upTo(9)],
    ['of one', [7], 3, [7]],
    ['all equal', [7, 7, 7], 3, [7, 7, 7]],
    ['nine tenths equal', [...Array(9).fill(0), 1], 3, Array(9).fill(0)],
    ['less than nine tenths', [...Array(8).fill(0), 1, 99], 3, [...Array(8).fill(0), 1]],
    ['on and off', [...upTo(18), 1000, 1001, 1002], 3, [...upTo(18), 1000, 1001, 1002]],
    ['up to where float64 ends', [...Array(9).fill(1.7e308), -1.7e308], 3, Array(9).fill(1.7e308)],
    ['at an offset', [...upTo(9), 20].map((x) => x + 1e15), 3, upTo(9).map((x) => x + 1e15)],
  ])('%s', (_case, values, sd, near) => {
    const before = [...values];
    expect(nearMedian(values, sd)).toEqual(near);
    expect(values).toEqual(before);
  });

  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
  const spike = fc.oneof(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.constantFrom(1e300, -1e300));
  const sds = fc.double({ min: 1e-3, max: 100, noNaN: true });
  property.prop([numbers, fc.array(spike, { maxLength: 6 }), sds])(
    'nine tenths at least; of what is near, a tenth of spikes moves the ends only within what the rest span',
    (rest, spikes, sd) => {
      const some = spikes.slice(0, Math.floor(rest.length / 9));
      const near = nearMedian([...some, ...rest], sd);
      expect(near.length * 10).toBeGreaterThanOrEqual((some.length + rest.length) * 9);
      const [least, greatest] = [Math.min(...rest), Math.max(...rest)];
      const reach = Math.max(1, sd * 0.608) * (greatest - least) * (1 + 1e-12);
      expect(Math.min(...near)).toBeGreaterThanOrEqual(least - reach);
      expect(Math.max(...near)).toBeLessThanOrEqual(greatest + reach);
    },
  );
});
