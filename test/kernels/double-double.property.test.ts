import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { add, divide, low, multiply } from '../../src/kernels/double-double.js';
import { Rational, ulpError } from '../oracle/rational.js';

/** Two words that do not overlap: the lower is within half an ulp of the higher. */
const twoWords = fc
  .tuple(fc.double({ min: -1e100, max: 1e100, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .filter(([high]) => Math.abs(high) > 1e-100)
  .map(([high, part]): [number, number] => [high, high * 2 ** -54 * part]);

const exact = ([high, low]: readonly [number, number]): Rational => Rational.of(high).plus(low);

/** As two words, and normalized: the high word is the whole, rounded. */
function expectWithin(high: number, expected: Rational, relative: number, size = expected.abs()): void {
  const result = exact([high, low[0]!]);
  expect(high + low[0]!).toBe(high);
  expect(result.minus(expected).abs().compare(size.times(relative))).toBeLessThanOrEqual(0);
}

describe('two words keep 100 bits', () => {
  test.prop([twoWords, twoWords])('of a sum', (a, b) => {
    expectWithin(add(...a, ...b), exact(a).plus(exact(b)), 2 ** -103, exact(a).abs().plus(exact(b).abs()));
  });
  test.prop([twoWords, twoWords])('of a product', (a, b) => {
    expectWithin(multiply(...a, ...b), exact(a).times(exact(b)), 2 ** -100);
  });
  test.prop([twoWords, twoWords])('of a quotient', (a, b) => {
    expectWithin(divide(...a, ...b), exact(a).over(exact(b)), 2 ** -100);
  });
});

describe('beyond 2^996, one word', () => {
  const large = fc.double({ min: 2 ** 996, max: Number.MAX_VALUE, noNaN: true });
  const factor = fc.double({ min: 2 ** -30, max: 2 ** 30, noNaN: true });
  const rounded = (high: number, expected: Rational): void => {
    if (high === Infinity) expect(expected.toNumber()).toBe(Infinity);
    else expect(ulpError(high, expected)).toBeLessThanOrEqual(2);
    expect(low[0]).not.toBeNaN();
  };
  test.prop([large, factor])('of a product and a quotient', (a, b) => {
    rounded(multiply(a, 0, b, 0), Rational.of(a).times(b));
    rounded(multiply(b, 0, a, 0), Rational.of(a).times(b));
    rounded(divide(a, 0, b, 0), Rational.of(a).over(b));
  });
});
