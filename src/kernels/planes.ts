/**
 * How a statistic is stored: count, mean and sum of squared deviations (M2) per channel, each in two float64 words
 * (high + low), so that they hold at any offset, mean / sd of 1e9 and more. One Float64Array of six planes of C values, in
 * this order.
 */
export const COUNT = 0;
export const COUNT_LOW = 1;
export const MEAN = 2;
export const MEAN_LOW = 3;
export const M2 = 4;
export const M2_LOW = 5;
export const PLANES = 6;
