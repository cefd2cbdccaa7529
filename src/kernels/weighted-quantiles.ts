/**
 * Quantiles of values that stand for many: numpy's default, linear interpolation (type 7 of Hyndman & Fan 1996,
 * doi:10.1080/00031305.1996.10473566), of the sorted sequence in which a value of level h occurs 2^h times. No missing values.
 */
import { add, low, multiply } from './double-double.js';

/** Sorted values, and for each how many there are up to and with it. */
interface Ordered {
  readonly values: Float64Array;
  readonly ranks: Float64Array;
}

function inOrder(levels: readonly Float64Array[]): Ordered {
  let values = new Float64Array(0);
  let weights = new Float64Array(0);
  const shortFirst = levels.map((level, h) => ({ level, h })).sort((a, b) => a.level.length - b.level.length);
  shortFirst.forEach(({ level, h }) => {
    const [below, belowWeights, here] = [values, weights, h === 0 ? level.slice().sort() : level];
    values = new Float64Array(below.length + here.length);
    weights = new Float64Array(values.length);
    let next = 0; // of those below
    for (let i = 0; i < values.length; i++) {
      const own = i - next;
      const isBelow = own === here.length || below[next]! <= here[own]!;
      values[i] = isBelow ? below[next]! : here[own]!;
      weights[i] = isBelow ? belowWeights[next++]! : 2 ** h;
    }
  });
  let rank = 0;
  return { values, ranks: weights.map((weight) => (rank += weight)) };
}

/** What stands at a place of the sequence, from 0. */
function valueAt({ values, ranks }: Ordered, place: number): number {
  let first = 0;
  let last = ranks.length - 1;
  while (first < last) {
    const middle = (first + last) >> 1;
    if (ranks[middle]! > place) last = middle;
    else first = middle + 1;
  }
  return values[first]!;
}

/** A value, and what it leaves over: their sum is it to twice the precision. */
export interface Words {
  readonly value: number;
  readonly low: number;
}

/** From a to b, rounded as numpy rounds it; where their difference leaves float64, as the weighted mean. */
function between(a: number, b: number, part: number): number {
  const difference = b - a;
  if (difference === Infinity) return a * (1 - part) + b * part;
  return part < 0.5 ? a + difference * part : b - difference * (1 - part);
}

/** What that leaves over of the value at a part in two words, unrounded; 0 where two words of it leave float64. */
function leftOver(value: number, a: number, b: number, part: number, partLow: number): number {
  const step = multiply(add(b, 0, -a, 0), low[0]!, part, partLow);
  const exact = add(a, 0, step, low[0]!);
  const rest = exact - value + low[0]!;
  return Number.isFinite(rest) ? rest : 0;
}

/**
 * @param levels one value or more in all; those of level h stand for 2^h each, and are sorted but on level 0
 * @param min the first of the sequence, and `max` the last, whether or not they were kept
 * @param fractions from 0 to 1
 */
export function weightedQuantiles(
  levels: readonly Float64Array[],
  min: number,
  max: number,
  fractions: readonly number[],
): Words[] {
  const ordered = inOrder(levels);
  const last = ordered.ranks.at(-1)! - 1;
  const at = (place: number): number => (place === 0 ? min : place >= last ? max : valueAt(ordered, place));
  return fractions.map((fraction) => {
    const place = multiply(last, 0, fraction, 0);
    const rest = low[0]!;
    const rounded = Math.floor(place);
    const value = between(at(rounded), at(Math.ceil(place)), place - rounded);
    // The place as it is may lie just below a whole number that it was rounded to.
    const whole = place === rounded && rest < 0 ? rounded - 1 : rounded;
    return { value, low: leftOver(value, at(whole), at(whole + 1), place - whole, rest) };
  });
}
