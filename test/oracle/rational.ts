/**
 * Exact rational arithmetic on BigInt: what the statistics ought to be, with no rounding anywhere. A float64 is a whole
 * number times a power of two, so sums of them need no common denominator but the least of those powers.
 */

const bits = new DataView(new ArrayBuffer(8));

/** x = mantissa * 2^exponent, exactly. @throws RangeError if x is not finite */
export function decompose(x: number): { mantissa: bigint; exponent: number } {
  if (!Number.isFinite(x)) throw new RangeError(`no exact value: ${x}`);
  bits.setFloat64(0, x);
  const word = bits.getUint32(0);
  const biased = (word >>> 20) & 0x7ff;
  const fraction = (word & 0xfffff) * 2 ** 32 + bits.getUint32(4);
  const magnitude = biased === 0 ? fraction : fraction + 2 ** 52;
  return { mantissa: BigInt(word >>> 31 ? -magnitude : magnitude), exponent: Math.max(biased, 1) - 1075 };
}

const bitLength = (n: bigint): number => {
  const hex = n.toString(16);
  return 4 * hex.length - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
};

const shift = (n: bigint, by: number): bigint => (by >= 0 ? n << BigInt(by) : n >> BigInt(-by));

/** The whole part of the square root. */
function wholeSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export class Rational {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;

  constructor(numerator: bigint, denominator: bigint = 1n) {
    if (denominator === 0n) throw new RangeError('division by zero');
    this.numerator = denominator < 0n ? -numerator : numerator;
    this.denominator = denominator < 0n ? -denominator : denominator;
  }

  /** The same number without the powers of two that both sides share: long sums stay short, and no gcd is taken. */
  trimmed(): Rational {
    const both = this.numerator | this.denominator;
    const zeros = BigInt(bitLength(both & -both) - 1);
    return new Rational(this.numerator >> zeros, this.denominator >> zeros);
  }

  /** n / d * 2^exponent */
  static scaled(n: bigint, d: bigint, exponent: number): Rational {
    return exponent < 0 ? new Rational(n, d << BigInt(-exponent)) : new Rational(n << BigInt(exponent), d);
  }

  static of(x: number | Rational): Rational {
    if (x instanceof Rational) return x;
    const { mantissa, exponent } = decompose(x);
    return Rational.scaled(mantissa, 1n, exponent);
  }

  plus(other: number | Rational): Rational {
    const { numerator, denominator } = Rational.of(other);
    return new Rational(
      this.numerator * denominator + numerator * this.denominator,
      this.denominator * denominator,
    );
  }

  minus(other: number | Rational): Rational {
    return this.plus(Rational.of(other).negated());
  }

  times(other: number | Rational): Rational {
    const { numerator, denominator } = Rational.of(other);
    return new Rational(this.numerator * numerator, this.denominator * denominator);
  }

  over(other: number | Rational): Rational {
    const { numerator, denominator } = Rational.of(other);
    return new Rational(this.numerator * denominator, this.denominator * numerator);
  }

  negated(): Rational {
    return new Rational(-this.numerator, this.denominator);
  }

  abs(): Rational {
    return this.numerator < 0n ? this.negated() : this;
  }

  /** The square root to 200 bits and more. */
  sqrt(): Rational {
    if (this.numerator < 0n) throw new RangeError('square root of a negative');
    if (this.numerator === 0n) return this;
    const square = this.numerator * this.denominator;
    const extra = Math.max(0, 200 - Math.floor(bitLength(square) / 2));
    return Rational.scaled(wholeSqrt(square << BigInt(2 * extra)), this.denominator, -extra);
  }

  compare(other: number | Rational): -1 | 0 | 1 {
    const { numerator } = this.minus(other);
    return numerator < 0n ? -1 : numerator > 0n ? 1 : 0;
  }

  /** The exponent of two of the unit in the last place, where this would be a float64. */
  #ulpExponent(): number {
    const { numerator, denominator } = this.abs();
    if (numerator === 0n) return -1074;
    let exponent = bitLength(numerator) - bitLength(denominator); // of the quotient, or one more
    const atLeast =
      exponent >= 0 ? numerator >= shift(denominator, exponent) : shift(numerator, -exponent) >= denominator;
    if (!atLeast) exponent--;
    return Math.max(exponent - 52, -1074);
  }

  /** The nearest float64, ties to even; subnormals and overflow included. */
  toNumber(): number {
    const { numerator, denominator } = this.abs();
    const exponent = this.#ulpExponent();
    const n = exponent < 0 ? shift(numerator, -exponent) : numerator;
    const d = exponent > 0 ? shift(denominator, exponent) : denominator;
    let units = n / d;
    const rest = 2n * (n - units * d);
    if (rest > d || (rest === d && units % 2n === 1n)) units++;
    if (exponent > 971) return this.numerator < 0n ? -Infinity : Infinity;
    const magnitude = Number(units) * 2 ** exponent;
    return this.numerator < 0n ? -magnitude : magnitude;
  }

  /** The unit in the last place of a float64 of this size. */
  ulp(): Rational {
    return Rational.scaled(1n, 1n, this.#ulpExponent());
  }
}

/** |x - exact| / |exact|: 0 where they are equal, Infinity where x is not finite or only `exact` is 0. */
export function relativeError(x: number, exact: Rational): number {
  if (!Number.isFinite(x)) return Infinity;
  const error = exact.minus(x).abs();
  if (error.numerator === 0n) return 0;
  return exact.numerator === 0n ? Infinity : error.over(exact.abs()).toNumber();
}

/** |x - exact| in units in the last place of a float64 as large as `exact`, or as `least` if that is larger. */
export function ulpError(x: number, exact: Rational, least = 0): number {
  if (!Number.isFinite(x)) return Infinity;
  const size = exact.abs().compare(least) < 0 ? Rational.of(least) : exact;
  return exact.minus(x).abs().over(size.ulp()).toNumber();
}

/** |x - exact|; Infinity where x is not finite. */
export function absoluteError(x: number, exact: Rational): number {
  return Number.isFinite(x) ? exact.minus(x).abs().toNumber() : Infinity;
}

/** The values as whole numbers times one power of two. */
function whole(values: ArrayLike<number>): { wholes: bigint[]; exponent: number } {
  const parts = Array.from(values, decompose);
  const exponent = parts.reduce(
    (least, part) => (part.mantissa === 0n ? least : Math.min(least, part.exponent)),
    1000,
  );
  const wholes = parts.map((part) =>
    part.mantissa === 0n ? 0n : part.mantissa << BigInt(part.exponent - exponent),
  );
  return { wholes, exponent };
}

export function sum(values: ArrayLike<number>): Rational {
  const { wholes, exponent } = whole(values);
  return Rational.scaled(
    wholes.reduce((total, value) => total + value, 0n),
    1n,
    exponent,
  );
}

/** What a statistic of values, each of a weight, ought to be. */
export interface ExactMoments {
  /** The sum of the weights. */
  readonly count: Rational;
  readonly mean: Rational;
  /** The sum of squared deviations from the mean. */
  readonly m2: Rational;
  variance(ddof?: number): Rational;
}

const momentsOf = (count: Rational, mean: Rational, m2: Rational): ExactMoments => ({
  count,
  mean,
  m2,
  variance: (ddof = 0) => m2.over(count.minus(ddof)),
});

/** The moments of parts, each weighed again. */
export function pool(parts: readonly (readonly [part: ExactMoments, weight: Rational])[]): ExactMoments {
  let [count, first, second] = [new Rational(0n), new Rational(0n), new Rational(0n)];
  for (const [part, weight] of parts) {
    const n = part.count.times(weight);
    const weighted = n.times(part.mean);
    count = count.plus(n);
    first = first.plus(weighted);
    second = second.plus(part.m2.times(weight)).plus(weighted.times(part.mean));
  }
  const mean = first.over(count);
  return momentsOf(count, mean, second.minus(first.times(mean)));
}

/** The moments of values that all weigh 1, or what `weights` says. At least one must weigh more than 0. */
export function exactMoments(values: ArrayLike<number>, weights?: ArrayLike<number>): ExactMoments {
  const x = whole(values);
  const w = weights && whole(weights);
  let count = w ? 0n : BigInt(values.length);
  let first = 0n;
  let second = 0n;
  x.wholes.forEach((value, i) => {
    if (!w) {
      first += value;
      second += value * value;
    } else {
      const weighted = w.wholes[i]! * value;
      count += w.wholes[i]!;
      first += weighted;
      second += weighted * value;
    }
  });
  return momentsOf(
    Rational.scaled(count, 1n, w?.exponent ?? 0),
    Rational.scaled(first, count, x.exponent),
    Rational.scaled(second * count - first * first, count, 2 * x.exponent + (w?.exponent ?? 0)),
  );
}
