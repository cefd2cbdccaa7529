import { fc, test } from '@fast-check/vitest';
import { FormatError } from 'evenkeel';
import { describe, expect } from 'vitest';
import { complement, writtenComplement } from '../../src/interop/complement.js';
import { thrownBy } from '../thrown-by.js';

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
/** To 16 places a decimal below 0.5 may meet a float64 above it that another decimal is nearer to. */
const finest = fc.bigInt({ min: 0n, max: 5n * 10n ** 15n }).map((n) => Number(`${n}e-16`));

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
    expect([complement(a), complement(b)]).toEqual([b, a]);
    expect([writtenComplement('momentum', a), writtenComplement('momentum', b)]).toEqual([b, a]);
  });

  test.prop([fc.integer({ min: 0, max: 15 }), fc.bigInt({ min: 0n, max: 10n ** 15n })])(
    'as in decimals by hand: to 15 places, there and back',
    (places, n) => {
      const one = 10n ** BigInt(places);
      const decimal = (digits: bigint) => Number(`${digits}e-${places}`);
      const [part, rest] = [n % (one + 1n), one - (n % (one + 1n))];
      expect(complement(decimal(part))).toBe(decimal(rest));
      expect(complement(decimal(rest))).toBe(decimal(part));
    },
  );

  test.prop([fc.oneof(fraction, finest)], { numRuns: 500 })('of any momentum, rounded once', (momentum) => {
    const other = complement(momentum);
    expect(other).toBeGreaterThanOrEqual(0);
    expect(other).toBeLessThanOrEqual(1);
    expect(Math.abs(other - (1 - momentum))).toBeLessThanOrEqual(2 ** -53);
  });

  test.prop([fc.float({ min: 2 ** -28, max: 1, noNaN: true })], { numRuns: 500 })(
    'a float32, as ONNX has them, is the same float32 once it is read and written',
    (momentum) => {
      expect(Math.fround(writtenComplement('momentum', complement(momentum)))).toBe(momentum);
    },
  );
  test('by name: what onnx has of 0.3', () => {
    expect(complement(Math.fround(0.3))).toBe(0.699999988079071);
  });
});

describe('to be written', () => {
  test.each([0.99, 0.999, 0.9, 0.7])('1 - %f is that number', (old) => {
    expect(writtenComplement('momentum', 1 - old)).toBe(old);
  });

  test.prop([fc.oneof(fraction, finest)], { numRuns: 500 })('to the last bit, or refused', (momentum) => {
    let other: number;
    try {
      other = writtenComplement('momentum', momentum);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return;
    }
    expect([complement(other), 1 - other]).toContain(momentum);
  });

  test.prop([fc.double({ min: 0.5, max: 1, noNaN: true })])('never refused from 0.5 up', (momentum) => {
    expect(complement(writtenComplement('momentum', momentum))).toBe(momentum);
  });

  test.each([1e-20, 5e-324, 1 / 300])('%f is too fine, and there is a way out', (momentum) => {
    const error = thrownBy(() => writtenComplement('options.running.momentum', momentum));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(
      /^options\.running\.momentum .* unless the option momentum says/,
    );
  });
});
