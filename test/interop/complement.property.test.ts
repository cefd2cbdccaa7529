import { fc, test } from '@fast-check/vitest';
import { FormatError } from 'evenkeel';
import { describe, expect } from 'vitest';
import { complement } from '../../src/interop/complement.js';

describe('1 - momentum', () => {
  test.each([
    [0, 1],
    [0.1, 0.9],
    [0.01, 0.99],
    [0.001, 0.999],
    [0.25, 0.75],
    [0.3, 0.7],
    [1e-7, 0.9999999],
    [1e-16, 0.9999999999999999],
    [0.1000000238418579, 0.8999999761581421],
  ])('%f and %f', (a, b) => {
    expect(complement('momentum', a)).toBe(b);
    expect(complement('momentum', b)).toBe(a);
  });

  test.prop([fc.integer({ min: 0, max: 15 }), fc.bigInt({ min: 0n, max: 10n ** 15n })])(
    'as in decimals by hand: to 15 places, there and back',
    (places, n) => {
      const one = 10n ** BigInt(places);
      const decimal = (digits: bigint) => Number(`${digits}e-${places}`);
      const [part, rest] = [n % (one + 1n), one - (n % (one + 1n))];
      expect(complement('momentum', decimal(part))).toBe(decimal(rest));
      expect(complement('momentum', decimal(rest))).toBe(decimal(part));
    },
  );

  /** To 16 places a decimal below 0.5 may meet a float64 above it that another decimal is nearer to. */
  const finest = fc.bigInt({ min: 0n, max: 5n * 10n ** 15n }).map((n) => Number(`${n}e-16`));
  test.prop([fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), finest)], { numRuns: 500 })(
    'there and back, or refused',
    (momentum) => {
      let other: number;
      try {
        other = complement('momentum', momentum);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        return;
      }
      expect(Math.abs(other - (1 - momentum))).toBeLessThanOrEqual(2 ** -53);
      expect(complement('momentum', other)).toBe(momentum);
    },
  );

  test.prop([fc.double({ min: 0.5, max: 1, noNaN: true })])('never refused from 0.5 up', (momentum) => {
    expect(complement('momentum', complement('momentum', momentum))).toBe(momentum);
  });

  test.each([1e-20, 5e-324, 0.01 / 3, 2 ** -40])('%f is too fine', (momentum) => {
    expect(() => complement('momentum', momentum)).toThrow(FormatError);
  });
});
