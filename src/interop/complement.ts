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
 * 1 - momentum, from 0 to 1: in decimals where it has no more than 16 (0.9 for 0.1, and 0.1 for 0.9, where float64 has
 * 0.09999999999999998), else in float64, as of a float32's 0.30000001192092896.
 */
export const complement = (momentum: number): number => decimalComplement(momentum) ?? 1 - momentum;

/**
 * The same, to be written: what is read again is this momentum, or one minus it is, to the last bit.
 * @throws FormatError where 1 - momentum is rounded, as of 1e-20 or 1 / 300
 */
export function writtenComplement(where: string, momentum: number): number {
  const other = complement(momentum);
  if (complement(other) === momentum || 1 - other === momentum) return other;
  throw new FormatError(
    where,
    'such that float64 holds 1 - momentum, unless the option momentum says how to go on',
    momentum,
  );
}
