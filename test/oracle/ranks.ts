/** Quantiles and ranks of all the values, sorted: what a sketch of them is held to. */
import { Rational } from './rational.js';

export const sorted = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort();

/** How many values of a sorted array are less than x, or, with `orEqual`, x or less. */
export function rankIn(ordered: Float64Array, x: number, orEqual: boolean): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ordered[middle]! < x || (orEqual && ordered[middle] === x)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Above (or, negative, below) the place of the quantile q, from 0 to n - 1, the nearest place where x would stand. */
export function placesOff(ordered: Float64Array, x: number, q: number): number {
  const place = q * (ordered.length - 1);
  const first = rankIn(ordered, x, false);
  const last = rankIn(ordered, x, true) - 1; // less than first where x is between two values
  const [least, most] = last < first ? [last, first] : [first, last];
  return place < least ? least - place : place > most ? most - place : 0;
}

/** The quantile with linear interpolation, exactly; q is taken for what the float64 is. */
export function exactQuantile(ordered: Float64Array, q: number): Rational {
  const place = Rational.of(q).times(ordered.length - 1);
  let whole = Math.floor(q * (ordered.length - 1));
  if (place.compare(whole) < 0) whole--;
  const part = place.minus(whole);
  const below = ordered[whole]!;
  const above = ordered[Math.min(whole + 1, ordered.length - 1)]!;
  return Rational.of(above).minus(below).times(part).plus(below);
}
