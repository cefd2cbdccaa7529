/**
 * Where data lies, as one Float64Array of planes of C values each, in this order: the mean per channel; what it leaves over,
 * so that both together are it to twice the precision; the variance.
 */
import { MEAN as MOMENTS_MEAN } from '../kernels/planes.js';
import { variances } from '../kernels/variances.js';
import { type Moments, planesOf } from '../stats/moments.js';

export const MEAN = 0;
export const MEAN_LOW = 1;
export const VARIANCE = 2;
export const LOCATION_PLANES = 3;

/**
 * Where values lie by their own statistic; the variance is NaN where there is none.
 * @param into the planes of a location are written to the front of it
 */
export function locateMoments(moments: Moments, ddof: number, into: Float64Array): void {
  locateMean(moments, into);
  variances(planesOf(moments), moments.channels, ddof, into, VARIANCE * moments.channels);
}

/** Of that, the mean and what it leaves over. */
export function locateMean(moments: Moments, into: Float64Array): void {
  const c = moments.channels;
  const state = planesOf(moments);
  for (let i = 0; i < VARIANCE * c; i++) into[i] = state[MOMENTS_MEAN * c + i]!;
}
