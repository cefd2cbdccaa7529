/** 2 to a power that is no whole number, to far more digits than float64 has. */
import { Rational } from './rational.js';

const BITS = 300n;
const ONE = 1n << BITS;

/** The sum of 1 / (k 2^k) is the logarithm of 2. */
const LN2 = Array.from({ length: Number(BITS) }, (_, i) => ONE / (BigInt(i + 1) << BigInt(i + 1))).reduce(
  (sum, term) => sum + term,
  0n,
);

/** 2^-x to 250 bits and more, for x from 0 up. */
export function halved(x: Rational): Rational {
  const whole = x.numerator / x.denominator;
  const fraction = ((x.numerator - whole * x.denominator) << BITS) / x.denominator;
  const exponent = (fraction * LN2) >> BITS;
  let [term, sum] = [ONE, ONE];
  for (let k = 1n; term !== 0n; k++) {
    term = -((term * exponent) >> BITS) / k;
    sum += term;
  }
  return new Rational(sum, ONE << whole).trimmed();
}
