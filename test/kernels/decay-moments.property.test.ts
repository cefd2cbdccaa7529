/** What a statistic weighs less is the product of two words that double-double arithmetic has, to the last bit. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { decayMoments } from '../../src/kernels/decay-moments.js';
import { low, multiply } from '../../src/kernels/double-double.js';
import { COUNT, COUNT_LOW, M2, M2_LOW, PLANES } from '../../src/kernels/planes.js';
import { updateMoments } from '../../src/kernels/update-moments.js';

const values = fc.oneof(
  fc.double({ min: 1e9 - 1, max: 1e9 + 1, noNaN: true }),
  fc.constantFrom(Number.NaN, 0, 1e152, 1e300),
);
const rows = fc.array(fc.tuple(values, values), { minLength: 1, maxLength: 9 });
const factors = fc.oneof(fc.constantFrom(0, 1, 1e-310, 5e-324), fc.double({ min: 0, max: 1, noNaN: true }));

test.prop([rows, fc.tuple(factors, factors), fc.constantFrom(1, 0.3, 2 ** 53 - 1)])(
  'count and M2 by the factor of their channel, the mean as it was',
  (rows, factors, weight) => {
    const s = new Float64Array(PLANES * 2);
    for (const row of rows) updateMoments(s, Float64Array.from(row), weight, 2);
    decayMoments(s, 2, Float64Array.of(0.7, 0.9)); // for low words in the counts
    const expected = s.slice();
    factors.forEach((factor, i) => {
      if (factor === 1) return;
      for (const [high, below] of [
        [COUNT, COUNT_LOW],
        [M2, M2_LOW],
      ] as const) {
        if (s[2 * high + i] === Infinity) continue;
        expected[2 * high + i] = multiply(s[2 * high + i]!, s[2 * below + i]!, factor, 0);
        expected[2 * below + i] = low[0]!;
      }
      if (expected[i] === 0) for (let plane = 0; plane < PLANES; plane++) expected[2 * plane + i] = 0;
    });
    decayMoments(s, 2, Float64Array.from(factors));
    expect([...s]).toEqual([...expected]);
  },
);
