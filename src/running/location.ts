/**
 * Where data lies, as one Float64Array of planes of C values each, in this order: the mean per channel; what it leaves over,
 * so that both together are it to twice the precision; the variance.
 */
export const MEAN = 0;
export const MEAN_LOW = 1;
export const VARIANCE = 2;
export const LOCATION_PLANES = 3;
