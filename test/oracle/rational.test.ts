import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  absoluteError,
  decompose,
  exactMoments,
  Rational,
  relativeError,
  sum,
  ulpError,
} from './rational.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('decomposing', () => {
  test('known values', () => {
    expect(decompose(1)).toEqual({ mantissa: 2n ** 52n, exponent: -52 });
    expect(decompose(-0.5)).toEqual({ mantissa: -(2n ** 52n), exponent: -53 });
    expect(decompose(5e-324)).toEqual({ mantissa: 1n, exponent: -1074 });
    expect(decompose(Number.MAX_VALUE)).toEqual({ mantissa: 2n ** 53n - 1n, exponent: 971 });
    expect(() => decompose(Number.NaN)).toThrow(RangeError);
  });

  test.prop([finite])('and rounding back is the identity', (x) => {
    expect(Rational.of(x).toNumber()).toBe(x === 0 ? 0 : x);
  });
});

describe('rounding is to nearest, ties to even', () => {
  // The platform rounds the four operations correctly, so it is the oracle's oracle.
  test.prop([finite, finite])('sums', (a, b) => {
    expect(Rational.of(a).plus(b).toNumber()).toBe(a + b === 0 ? 0 : a + b);
  });
  test.prop([finite, finite])('products', (a, b) => {
    expect(Math.abs(Rational.of(a).times(b).toNumber())).toBe(Math.abs(a * b));
  });
  test.prop([finite, finite.filter((x) => x !== 0)])('quotients', (a, b) => {
    expect(Math.abs(Rational.of(a).over(b).toNumber())).toBe(Math.abs(a / b));
  });
  test.prop([fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })])('square roots', (a) => {
    expect(Rational.of(a).sqrt().toNumber()).toBe(Math.sqrt(a));
  });

  test('ties, subnormals and overflow by hand', () => {
    const half = new Rational(1n, 2n);
    expect(
      Rational.of(2 ** 53)
        .plus(1)
        .toNumber(),
    ).toBe(2 ** 53);
    expect(
      Rational.of(2 ** 53)
        .plus(3)
        .toNumber(),
    ).toBe(2 ** 53 + 4);
    expect(Rational.of(5e-324).times(half).toNumber()).toBe(0);
    expect(Rational.of(5e-324).times(1.5).toNumber()).toBe(1e-323);
    expect(Rational.of(Number.MAX_VALUE).times(2).toNumber()).toBe(Infinity);
    expect(new Rational(-1n, 3n).toNumber()).toBe(-1 / 3);
  });
});

describe('errors', () => {
  test('are exact', () => {
    const third = new Rational(1n, 3n);
    expect(absoluteError(1, third)).toBe(2 / 3);
    expect(relativeError(1, third)).toBe(2);
    expect(relativeError(0, new Rational(0n))).toBe(0);
    expect(relativeError(1e-300, new Rational(0n))).toBe(Infinity);
    expect(relativeError(Number.NaN, third)).toBe(Infinity);
    expect(ulpError(1 + 2 ** -51, new Rational(1n))).toBe(2);
    expect(ulpError(2 ** -51, new Rational(0n), 1)).toBe(2);
    expect(ulpError(1 / 3, third)).toBeLessThanOrEqual(0.5);
  });
});

describe('moments', () => {
  test('by hand', () => {
    const { count, mean, variance } = exactMoments([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(count.toNumber()).toBe(8);
    expect(mean.toNumber()).toBe(5);
    expect(variance().toNumber()).toBe(4);
    expect(variance(1).toNumber()).toBe(32 / 7);
  });

  test('weights are repetitions', () => {
    const weighted = exactMoments([1.5, -3, 1e9], [2, 1, 3]);
    const repeated = exactMoments([1.5, 1.5, -3, 1e9, 1e9, 1e9]);
    expect(weighted.mean.compare(repeated.mean)).toBe(0);
    expect(weighted.variance(1).compare(repeated.variance(1))).toBe(0);
    expect(exactMoments([0, 4], [0.5, 0.25]).mean.compare(new Rational(4n, 3n))).toBe(0);
  });

  test.prop([fc.array(finite, { minLength: 1, maxLength: 20 })])('agree with the definition', (values) => {
    const { mean, m2 } = exactMoments(values);
    expect(mean.compare(sum(values).over(values.length))).toBe(0);
    const squares = values.map((x) => mean.minus(x)).map((d) => d.times(d));
    expect(squares.reduce((a, b) => a.plus(b), new Rational(0n)).compare(m2)).toBe(0);
  });
});
