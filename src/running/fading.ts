/**
 * Running statistics that pool and forget: a value weighs half as much after so many further rows. There is no prior: the
 * first batch counts from its first row.
 *
 * With weights w the unbiased variance is M2 / (W - V / W), W = sum(w), V = sum(w²); W less one would be right for weights
 * that count repetitions, and is wrong by a third at a half-life of one row. What is kept is P = W² - V, the weights'
 * products summed over all pairs of values, which grows by positive terms only: there is nothing to cancel. (A row's own
 * weight counts repetitions, and so does what a value of a statistic merged into the pool weighs. Weights below one may
 * come to no pair at all, and then there is no variance yet.)
 *
 * Source: M. Galassi et al., GNU Scientific Library Reference Manual, "Weighted Samples"; it is what pandas'
 * `ewm(halflife).var()` computes.
 */
import { StateError } from '../errors.js';
import { finite, fromZero, type Plane, planesFromJSON, planesToJSON, type Range, stateOf } from '../json.js';
import { add, divide, low, multiply } from '../kernels/double-double.js';
import { Moments } from '../stats/moments.js';
import type { Tensor } from '../tensor.js';
import { type Location, locationOf, type Pool, poolFromJSON } from './running.js';

/** After so many half-lives without a value a channel starts anew: squared weights would leave float64. */
const FORGOTTEN = 500;

/** What the weights of a channel come to, so that their products stay in float64. */
const weights: Range = { expected: 'a number from 0 to 2^53', holds: (x) => x >= 0 && x <= 2 ** 53 };

const planes: readonly Plane[] = [
  ['pairs', finite],
  ['pairsLow', 'low'],
  ['paired', weights],
  ['idleRows', fromZero],
];

/** The pairs that P holds, those among n new values, and of each new with each of the old. */
function pairs(p: number, pLow: number, old: number, n: number): number {
  const mixed = multiply(old, 0, 2 * n, 0);
  const fresh = add(mixed, low[0]!, n * (n - 1), 0);
  return add(p, pLow, fresh, low[0]!);
}

export class Fading implements Pool {
  readonly moments: Moments;
  /** Its counts, live. */
  readonly #held: Float64Array;
  readonly #ddof: number;
  readonly #halfLifeRows: number;
  /** P, in two words. */
  readonly #pairs: Float64Array;
  readonly #pairsLow: Float64Array;
  /** The weight of the values in P; the pool has more once something else has been merged into it. */
  readonly #paired: Float64Array;
  /** Rows since the channel had a value: all fades alike, so it need not fade until there is a new one. */
  readonly #idleRows: Float64Array;

  constructor(moments: Moments, ddof: number, halfLifeRows: number) {
    this.moments = moments;
    this.#held = moments.count;
    this.#ddof = ddof;
    this.#halfLifeRows = halfLifeRows;
    this.#pairs = new Float64Array(moments.channels);
    this.#pairsLow = new Float64Array(moments.channels);
    this.#paired = new Float64Array(moments.channels);
    this.#idleRows = new Float64Array(moments.channels);
  }

  get channels(): number {
    return this.moments.channels;
  }

  get revision(): number {
    return this.moments.revision;
  }

  learn(batch: Moments, rows: number): boolean {
    const { count } = batch;
    const fading = count.map((values, i) => {
      this.#idleRows[i]! += rows;
      if (values === 0) return 1;
      const halfLives = this.#idleRows[i]! / this.#halfLifeRows;
      this.#idleRows[i] = 0;
      return halfLives < FORGOTTEN ? 2 ** -halfLives : 0;
    });
    for (let i = 0; i < count.length; i++) if (count[i]! > 0) this.#fadePairs(i, fading[i]!);
    this.moments.decay(fading);
    for (let i = 0; i < count.length; i++) {
      if (count[i] === 0) continue;
      this.#pairs[i] = pairs(this.#pairs[i]!, this.#pairsLow[i]!, this.#held[i]!, count[i]!);
      this.#pairsLow[i] = low[0]!;
    }
    this.moments.merge(batch);
    for (let i = 0; i < count.length; i++) if (count[i]! > 0) this.#paired[i] = this.#held[i]!;
    return count.some((values) => values > 0);
  }

  /** A row weighs what it is given, and is one row in the fading of the others. */
  update(row: ArrayLike<number>, weight?: number): void {
    const sample = new Moments(this.channels);
    sample.update(row, weight);
    this.learn(sample, 1);
  }

  /** Row by row. */
  updateBatch(x: Tensor): void {
    const all = new Moments(this.channels);
    all.updateBatch(x); // refuses what it will, before anything is learned
    const [rows = 0, ...rest] = x.shape;
    const length = x.data.length / rows;
    for (let row = 0; row < rows; row++) {
      const sample = new Moments(this.channels);
      sample.updateBatch({ data: x.data.subarray(row * length, (row + 1) * length), shape: [1, ...rest] });
      this.learn(sample, 1);
    }
  }

  /** What is merged is as recent as the last row. */
  merge({ moments }: Pool): void {
    this.moments.merge(moments);
  }

  /** P of the whole pool. */
  #allPairs(i: number): number {
    const known = this.#paired[i]!;
    return pairs(this.#pairs[i]!, this.#pairsLow[i]!, known, this.#held[i]! - known);
  }

  #fadePairs(i: number, fading: number): void {
    const all = this.#allPairs(i);
    const once = multiply(all, low[0]!, fading, 0);
    this.#pairs[i] = multiply(once, low[0]!, fading, 0);
    this.#pairsLow[i] = low[0]!;
  }

  variance(out?: Float64Array): Float64Array {
    const variance = this.moments.variance(0, out);
    if (this.#ddof === 1) {
      for (let i = 0; i < variance.length; i++) {
        const all = this.#allPairs(i);
        const rest = divide(all, low[0]!, this.#held[i]!, 0); // W - V / W
        variance[i] = all > 0 ? variance[i]! * (this.#held[i]! / rest) : Number.NaN;
      }
    }
    return variance;
  }

  location(): Location {
    return locationOf(this.moments, this.variance());
  }

  tells(channel: number): boolean {
    return this.#ddof === 1 ? this.#allPairs(channel) > 0 : this.#held[channel]! > 0;
  }

  #arrays(): Float64Array[] {
    return [this.#pairs, this.#pairsLow, this.#paired, this.#idleRows];
  }

  toJSON(): unknown {
    const own = planesToJSON(planes, this.#arrays());
    return { kind: 'Fading', version: 1, moments: this.moments.toJSON(), ...own };
  }

  static fromJSON(json: unknown, channels: number, ddof: number, halfLifeRows: number): Fading {
    const state = stateOf('Fading', 1, json);
    const moments = poolFromJSON('Fading', state['moments'], channels);
    const at = moments.count.findIndex((count) => !weights.holds(count));
    if (at >= 0) throw new StateError(`Fading.moments.count[${at}]`, weights.expected, moments.count[at]);
    const fading = new Fading(moments, ddof, halfLifeRows);
    const saved = planesFromJSON('Fading', planes, state, channels);
    fading.#arrays().forEach((values, i) => {
      values.set(saved[i]!);
    });
    return fading;
  }
}
