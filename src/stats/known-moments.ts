/** A statistic from the count, mean and variance that others keep of it. */
import { OptionError, ShapeError } from '../errors.js';
import { divide, low, multiply } from '../kernels/double-double.js';
import { COUNT, M2, M2_LOW, MEAN, PLANES } from '../kernels/planes.js';
import { channelCount, knownOptions, numberBetween } from '../options.js';

/** What is known of each channel. */
export interface KnownMoments {
  /** How many values were seen: in all channels, or shape `[C]`. */
  readonly count: number | ArrayLike<number>;
  /** Shape `[C]`. */
  readonly mean: ArrayLike<number>;
  /** Shape `[C]`; NaN, or 0, where `count <= ddof`. */
  readonly variance: ArrayLike<number>;
  /** What was taken from the count before the variance was divided by it: 0, or 1 where it is unbiased. 0 by default. */
  readonly ddof?: number;
}

/** Leaves M2 in two words in channel i: what, divided again, is the variance to the last bit. */
function storeM2(state: Float64Array, c: number, i: number, variance: unknown, divisor: number): void {
  const where = `variance[${i}]`;
  if (divisor <= 0) {
    if (variance === 0 || Number.isNaN(variance)) return;
    throw new OptionError(where, 'NaN, of so few values', variance);
  }
  const infinite = variance === Infinity;
  const given = infinite ? Infinity : numberBetween(where, variance, 0, Number.MAX_VALUE);
  const m2 = multiply(given, 0, divisor, 0);
  const m2Low = infinite ? 0 : low[0]!;
  if (!infinite && (m2 === Infinity || divide(m2, m2Low, divisor, 0) !== given))
    throw new OptionError(where, 'such that float64 holds its sum of squares', variance);
  state[M2 * c + i] = m2;
  state[M2_LOW * c + i] = m2Low;
}

/** The planes of that statistic. @throws OptionError or ShapeError at what cannot be one */
export function knownMoments(known: KnownMoments): Float64Array {
  const {
    count,
    mean,
    variance,
    ddof = 0,
  } = knownOptions('known', known, ['count', 'mean', 'variance', 'ddof']);
  const c = channelCount('mean.length', mean?.length);
  const counts = typeof count === 'number' ? new Float64Array(c).fill(count) : count;
  for (const [name, values] of Object.entries({ count: counts, variance })) {
    if (values?.length !== c) throw new ShapeError(`a ${name} of ${c} channels, as the mean`, values?.length);
  }
  numberBetween('ddof', ddof, 0, Number.MAX_VALUE);
  const state = new Float64Array(PLANES * c);
  for (let i = 0; i < c; i++) {
    const n = numberBetween(`count[${i}]`, counts[i], 0, Number.MAX_SAFE_INTEGER);
    const most = n === 0 ? 0 : Number.MAX_VALUE; // no mean of nothing
    state[COUNT * c + i] = n;
    state[MEAN * c + i] = numberBetween(`mean[${i}]`, mean[i], -most, most);
    storeM2(state, c, i, variance[i], n - ddof);
  }
  return state;
}
