/** Momentum the other way round: what weighs the new, and what weighs the old. */
import { FormatError } from '../errors.js';

/** A number from 0 to 1 has its last decimal place here, or between two float64 neighbours. */
const PLACES = 16;

/** 1 - x of the decimal that x is written as; undefined if it has too many places. */
function decimalComplement(x: number): number | undefined {
  for (let places = 0; places <= PLACES; places++) {
    const decimal = x.toFixed(places);
    if (Number(decimal) !== x) continue;
    const rest = 10n ** BigInt(places) - BigInt(decimal.replace('.', ''));
    const digits = rest.toString().padStart(places + 1, '0');
    return Number(`${digits.slice(0, digits.length - places)}.${digits.slice(digits.length - places)}`);
  }
  return undefined;
}

/**
 * 1 - momentum, in decimals: 0.9 for 0.1, and 0.1 for 0.9, where float64 has 0.09999999999999998. There and back is where it
 * began.
 * @throws FormatError where it would not be: a momentum of more than 16 places, as 1e-20 or most results of arithmetic
 */
export function complement(where: string, momentum: number): number {
  const other = decimalComplement(momentum);
  if (other !== undefined && decimalComplement(other) === momentum) return other;
  throw new FormatError(where, 'of 16 decimal places at most, to be turned round', momentum);
}
