/**
 * What the moments of a batch are made of, per channel: the sum of its values, and of the squares of their distances from a
 * value near their mean, each in two float64 words, and how many there are. One array of planes, in this order; a plane is
 * an even number of values long, so that it can be walked in pairs.
 */
export const SHIFT = 0;
export const SUM = 1;
export const SUM_LOW = 2;
export const SQUARES = 3;
export const SQUARES_LOW = 4;
export const COUNT = 5;
/** Those, and one to work in. */
export const SUM_PLANES = 7;

/** How many values a plane of c channels takes. */
export const planeLength = (c: number): number => c + (c & 1);

/** Rows, or fours of a run, whose squares are summed in one word before they are added to the two. */
export const BLOCK = 32;
/** How many values of a channel, the first, make its shift. */
export const SHIFT_ROWS = 8;
/** Values of a run that are summed before they are added to its channel's. */
export const STRETCH = 4096;
