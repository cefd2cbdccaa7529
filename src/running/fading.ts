/**
 * Running statistics that pool and forget: a value weighs half as much after so many further rows. There is no prior: the
 * first batch counts from its first row.
 *
 * The unbiased variance is that of weighted values. A row's own weight counts repetitions, and so does what a value of a
 * statistic merged into the pool weighs. Weights below one may come to no pair of values at all, and then there is no
 * variance yet.
 *
 * Source: what pandas' `ewm(halflife).var()` computes.
 */

import { kept } from '../block.js';
import { checkValues } from '../check-values.js';
import { StateError } from '../errors.js';
import { finite, fromZero, type Plane, planesFromJSON, planesToJSON, type Range, stateOf } from '../json.js';
import { divide, low } from '../kernels/double-double.js';
import { fadePairs, joinPairs, pairsOf, type WeightPairs } from '../kernels/weight-pairs.js';
import { numberBetween } from '../options.js';
import { valuesOf } from '../row.js';
import { Moments } from '../stats/moments.js';
import { type Tensor, viewOf } from '../tensor.js';
import { hasValues, locatePool, type Pool, poolFromJSON } from './running.js';

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

/** How much so many rows leave of what was before them. */
function fadingOf(rows: number, halfLifeRows: number): number {
  const halfLives = rows / halfLifeRows;
  return halfLives < FORGOTTEN ? 2 ** -halfLives : 0;
}

/** What a row counts, and how the channels fade, in one call: one for all, as wide as the last one. */
let spare = { count: new Float64Array(0), factors: new Float64Array(0) };

function takeSpare(channels: number): typeof spare {
  if (spare.count.length !== channels)
    spare = { count: new Float64Array(channels), factors: new Float64Array(channels) };
  return spare;
}

export class Fading implements Pool {
  readonly moments: Moments;
  /** Its counts, live. */
  readonly #held: Float64Array;
  readonly #ddof: number;
  readonly #halfLifeRows: number;
  /** What there is beside the moments. */
  readonly #state: Float64Array;
  /** Kept where the variance asked for is the unbiased one. */
  readonly #pairs: WeightPairs;
  /** Known, as it is what is mostly needed. */
  readonly #fadingOfRow: number;
  /** Rows since the channel had a value: all fades alike, so it need not fade until there is a new one. */
  readonly #idleRows: Float64Array;

  constructor(moments: Moments, ddof: number, halfLifeRows: number) {
    this.moments = moments;
    this.#held = moments.count;
    this.#ddof = ddof;
    this.#halfLifeRows = halfLifeRows;
    const { channels } = moments;
    this.#state = kept(planes.length * channels);
    const [high, low, weight, idleRows] = planes.map((_, plane) =>
      this.#state.subarray(plane * channels, (plane + 1) * channels),
    );
    this.#pairs = { high: high!, low: low!, weight: weight! };
    this.#idleRows = idleRows!;
    this.#fadingOfRow = fadingOf(1, halfLifeRows);
  }

  get channels(): number {
    return this.moments.channels;
  }

  get revision(): number {
    return this.moments.revision;
  }

  learn(batch: Moments, rows: number): boolean {
    const { count } = batch;
    this.#fade(count, rows);
    this.moments.merge(batch);
    this.#keepWeights(count);
    return hasValues(batch);
  }

  /** A row weighs what it is given, and is one row in the fading of the others. */
  update(row: ArrayLike<number>, weight = 1): void {
    numberBetween('weight', weight, 0, Number.MAX_SAFE_INTEGER);
    const values = valuesOf(row, this.channels);
    const { count } = takeSpare(values.length);
    for (let i = 0; i < count.length; i++) count[i] = Number.isNaN(values[i]) ? 0 : weight;
    this.#fade(count, 1);
    this.moments.update(values, weight);
    this.#keepWeights(count);
  }

  /** Row by row. */
  updateBatch(x: Tensor, missing: 'skip' | 'error' = 'skip'): void {
    const view = viewOf(x, this.channels);
    const { n, c, l } = view;
    checkValues(x.data, view, missing); // before anything is learned
    const sample = new Moments(c);
    for (let row = 0; row < n; row++) {
      const data = x.data.subarray(row * c * l, (row + 1) * c * l);
      if (l === 1) this.update(data);
      else {
        sample.decay(0);
        sample.updateBatch({ data, shape: [1, c, l] });
        this.learn(sample, 1);
      }
    }
  }

  /** What is merged is as recent as the last row. */
  merge({ moments }: Pool): void {
    this.moments.merge(moments);
  }

  /** Of the channels that have values in so many further rows, what was learned before these. */
  #fade(count: Float64Array, rows: number): void {
    const { factors } = takeSpare(count.length);
    for (let i = 0; i < count.length; i++) {
      const idleRows = this.#idleRows[i]! + rows;
      const hasValues = count[i]! > 0;
      this.#idleRows[i] = hasValues ? 0 : idleRows;
      if (!hasValues) factors[i] = 1;
      else factors[i] = idleRows === 1 ? this.#fadingOfRow : fadingOf(idleRows, this.#halfLifeRows);
    }
    if (this.#ddof === 1) fadePairs(this.#pairs, this.#held, count, factors);
    this.moments.decay(factors);
    if (this.#ddof === 1) joinPairs(this.#pairs, this.#held, count);
  }

  /** What was learned is in the pool now, and all of it in the pairs. */
  #keepWeights(count: Float64Array): void {
    if (this.#ddof === 0) return;
    for (let i = 0; i < count.length; i++) if (count[i]! > 0) this.#pairs.weight[i] = this.#held[i]!;
  }

  variance(out?: Float64Array): Float64Array {
    const variance = this.moments.variance(0, out);
    if (this.#ddof === 1) {
      for (let i = 0; i < variance.length; i++) {
        const all = pairsOf(this.#pairs, this.#held, i);
        const rest = divide(all, low[0]!, this.#held[i]!, 0); // W - V / W
        variance[i] = all > 0 ? variance[i]! * (this.#held[i]! / rest) : Number.NaN;
      }
    }
    return variance;
  }

  locate(into: Float64Array): void {
    locatePool(this, into);
  }

  tells(channel: number): boolean {
    return this.#ddof === 1 ? pairsOf(this.#pairs, this.#held, channel) > 0 : this.#held[channel]! > 0;
  }

  toJSON(): unknown {
    const own = planesToJSON(planes, this.#state);
    return { kind: 'Fading', version: 1, moments: this.moments.toJSON(), ...own };
  }

  static fromJSON(json: unknown, channels: number, ddof: number, halfLifeRows: number): Fading {
    const state = stateOf('Fading', 1, json);
    const moments = poolFromJSON('Fading', state['moments'], channels);
    const at = moments.count.findIndex((count) => !weights.holds(count));
    if (at >= 0) throw new StateError(`Fading.moments.count[${at}]`, weights.expected, moments.count[at]);
    const fading = new Fading(moments, ddof, halfLifeRows);
    fading.#state.set(planesFromJSON('Fading', planes, state, channels));
    return fading;
  }
}
