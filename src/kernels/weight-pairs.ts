/**
 * What the unbiased variance of weighted values is divided by. With weights w that is W - V / W, W = sum(w), V = sum(w²); W
 * less one would be right for weights that count repetitions, and is wrong by a third at a half-life of one row. What is
 * kept is P = W² - V, the weights' products summed over all pairs of values, which grows by positive terms only: there is
 * nothing to cancel.
 *
 * Source: M. Galassi et al., GNU Scientific Library Reference Manual, "Weighted Samples".
 */
import { add, low, multiply } from './double-double.js';

/** P of each channel, in two words, and what the values in it weigh. */
export interface WeightPairs {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly weight: Float64Array;
}

/** P, those among n new values that each weigh `part`, and of each new with each of the old. */
function joined(p: number, pLow: number, old: number, n: number, part: number): number {
  const mixed = multiply(old, 0, 2 * n * part, 0);
  const fresh = add(mixed, low[0]!, n * (n - 1) * part * part, 0);
  return add(p, pLow, fresh, low[0]!);
}

/** P of all that channel i holds, in two words: more than what is in it, once something has been merged. */
export function pairsOf(pairs: WeightPairs, held: Float64Array, i: number): number {
  const known = pairs.weight[i]!;
  if (held[i] !== known) return joined(pairs.high[i]!, pairs.low[i]!, known, held[i]! - known, 1);
  low[0] = pairs.low[i]!;
  return pairs.high[i]!;
}

/** Weighs all that the channels hold by their factors, of those that have new values. */
export function fadePairs(
  pairs: WeightPairs,
  held: Float64Array,
  count: Float64Array,
  factors: Float64Array,
): void {
  for (let i = 0; i < count.length; i++) {
    if (count[i] === 0) continue;
    const all = pairsOf(pairs, held, i);
    const once = multiply(all, low[0]!, factors[i]!, 0);
    pairs.high[i] = multiply(once, low[0]!, factors[i]!, 0);
    pairs.low[i] = low[0]!;
  }
}

/** Takes the new values in, before they are held; each weighs its channel's part. */
export function joinPairs(
  pairs: WeightPairs,
  held: Float64Array,
  count: Float64Array,
  parts: Float64Array,
): void {
  for (let i = 0; i < count.length; i++) {
    if (count[i] === 0) continue;
    pairs.high[i] = joined(pairs.high[i]!, pairs.low[i]!, held[i]!, count[i]!, parts[i]!);
    pairs.low[i] = low[0]!;
  }
}
