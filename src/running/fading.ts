/**
 * Running statistics that pool and forget: a value weighs half as much after so many further rows. There is no prior: the
 * first batch counts from its first row.
 *
 * With weights w the unbiased variance is M2 / (W - V / W), W = sum(w), V = sum(w²); W less one would be right for weights
 * that count repetitions, and is wrong by a third at a half-life of one row. What is kept is P = W² - V, the weights'
 * products summed over all pairs of values, which grows by positive terms only: there is nothing to cancel.
 *
 * Source: M. Galassi et al., GNU Scientific Library Reference Manual, "Weighted Samples"; it is what pandas'
 * `ewm(halflife).var()` computes.
 */
import { fromZero, type Plane, planesFromJSON, planesToJSON, stateOf } from '../json.js';
import { add, divide, low, multiply } from '../kernels/double-double.js';
import type { Moments } from '../stats/moments.js';
import { type Location, locationOf, poolFromJSON, type Running } from './running.js';

/** After so many half-lives without a value a channel starts anew: squared weights would leave float64. */
const FORGOTTEN = 500;

const planes: readonly Plane[] = [
  ['pairs', fromZero],
  ['pairsLow', 'low'],
  ['idleRows', fromZero],
];

export class Fading implements Running {
  readonly #moments: Moments;
  readonly #ddof: number;
  readonly #halfLifeRows: number;
  /** P, in two words. */
  readonly #pairs: Float64Array;
  readonly #pairsLow: Float64Array;
  /** Rows since the channel had a value: all fades alike, so it need not fade until there is a new one. */
  readonly #idleRows: Float64Array;

  constructor(moments: Moments, ddof: number, halfLifeRows: number) {
    this.#moments = moments;
    this.#ddof = ddof;
    this.#halfLifeRows = halfLifeRows;
    this.#pairs = new Float64Array(moments.channels);
    this.#pairsLow = new Float64Array(moments.channels);
    this.#idleRows = new Float64Array(moments.channels);
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
    this.#moments.decay(fading);
    for (let i = 0; i < count.length; i++) if (count[i]! > 0) this.#pair(i, count[i]!, fading[i]!);
    this.#moments.merge(batch);
    return count.some((values) => values > 0);
  }

  /** The pairs among the old values, among n new ones, and of each old with each new. */
  #pair(i: number, n: number, fading: number): void {
    const once = multiply(this.#pairs[i]!, this.#pairsLow[i]!, fading, 0);
    const old = multiply(once, low[0]!, fading, 0);
    const oldLow = low[0]!;
    const mixed = multiply(this.#moments.count[i]!, 0, 2 * n, 0);
    const among = add(mixed, low[0]!, n * (n - 1), 0);
    this.#pairs[i] = add(old, oldLow, among, low[0]!);
    this.#pairsLow[i] = low[0]!;
  }

  location(): Location {
    const variance = this.#moments.variance();
    if (this.#ddof === 1) {
      const { count } = this.#moments;
      for (let i = 0; i < variance.length; i++) {
        const rest = divide(this.#pairs[i]!, this.#pairsLow[i]!, count[i]!, 0); // W - V / W
        variance[i] = this.#pairs[i] === 0 ? Number.NaN : variance[i]! * (count[i]! / rest);
      }
    }
    return locationOf(this.#moments, variance);
  }

  tells(channel: number): boolean {
    return this.#ddof === 1 ? this.#pairs[channel]! > 0 : this.#moments.count[channel]! > 0;
  }

  #arrays(): Float64Array[] {
    return [this.#pairs, this.#pairsLow, this.#idleRows];
  }

  toJSON(): unknown {
    const own = planesToJSON(planes, this.#arrays());
    return { kind: 'Fading', version: 1, moments: this.#moments.toJSON(), ...own };
  }

  static fromJSON(json: unknown, channels: number, ddof: number, halfLifeRows: number): Fading {
    const state = stateOf('Fading', 1, json);
    const fading = new Fading(poolFromJSON('Fading', state['moments'], channels), ddof, halfLifeRows);
    const saved = planesFromJSON('Fading', planes, state, channels);
    fading.#arrays().forEach((values, i) => {
      values.set(saved[i]!);
    });
    return fading;
  }
}
