/** A StandardScaler as others keep one: of each feature how many values there were, their mean and their variance. */
import { FormatError } from '../errors.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import type { StandardScalerOptions } from '../normalizers/standard-scaler-options.js';
import { Moments } from '../stats/moments.js';
import { optionsOf, refuseFilling, refuseOther, refuseUnfitted } from './expressible.js';

interface Known {
  readonly count: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
}

/** The scaler that has learned this. @throws FormatError where float64 does not hold its sums */
export function scalerOf(where: string, known: Known, options: StandardScalerOptions): StandardScaler {
  const scaler = new StandardScaler(known.mean.length, options);
  try {
    scaler.moments.merge(Moments.from(known));
  } catch (error) {
    throw new FormatError(where, 'such that float64 holds their sums', known, error);
  }
  return scaler;
}

/**
 * What a scaler has learned, and by what it divides.
 * @throws FormatError if it knows nothing of a feature, or its options are not as they are there
 */
export function knownOf(
  format: string,
  scaler: StandardScaler,
  asThere: StandardScalerOptions,
): Record<'count' | 'mean' | 'variance' | 'scale', Float64Array> {
  refuseFilling({ options: scaler }, format);
  refuseOther(format, optionsOf<StandardScalerOptions>(scaler), {
    withStd: true,
    ddof: 0,
    running: 'pooled',
    clip: undefined,
    ...asThere,
  });
  const { count, mean } = scaler.moments;
  refuseUnfitted(count);
  const variance = scaler.moments.variance();
  const { withStd = true } = asThere;
  const at = withStd ? variance.findIndex((value) => !Number.isFinite(value)) : -1; // else it is of no account
  if (at >= 0) throw new FormatError(`variance[${at}]`, 'finite', variance[at]);
  return { count, mean, variance, scale: scaler.toAffine().scale };
}
