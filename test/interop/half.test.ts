import { describe, expect, test } from 'vitest';
import { fromBF16, fromF16 } from '../../src/interop/half.js';

/** Its value by the definition of IEEE 754, bit by bit. */
function byDefinition(bits: number, exponentBits: number): number {
  const digits = bits.toString(2).padStart(16, '0');
  const exponent = Number.parseInt(digits.slice(1, 1 + exponentBits), 2);
  const fraction = digits.slice(1 + exponentBits);
  const bias = 2 ** (exponentBits - 1) - 1;
  const part = [...fraction].reduce((sum, digit, i) => sum + Number(digit) * 2 ** -(i + 1), 0);
  const sign = digits[0] === '1' ? -1 : 1;
  if (exponent === 2 * bias + 1) return part === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * part * 2 ** (1 - bias) : sign * (1 + part) * 2 ** (exponent - bias);
}

describe('all of them', () => {
  const all = Array.from({ length: 2 ** 16 }, (_, bits) => bits);
  test('F16', () => expect(all.map(fromF16)).toEqual(all.map((bits) => byDefinition(bits, 5))));
  test('BF16', () => expect(all.map(fromBF16)).toEqual(all.map((bits) => byDefinition(bits, 8))));
});
