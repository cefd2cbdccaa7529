/**
 * Running statistics that pool and forget: a value weighs half as much after so many further rows, or after so long. There is
 * no prior: the first batch counts from its first row.
 *
 * By time, a row of time t weighs 2^(-(T - t) / halfLife), with T the latest; so does one that comes late, and the order in
 * which rows come changes nothing but the rounding. (Each channel is weighed as of its own latest value, which is the same.)
 * One that comes 500 half-lives late or more, in each channel that it has a value in, weighs nothing: it is counted as late, and
 * changes nothing.
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
import {
  finite,
  fromZero,
  type Plane,
  planesFromJSON,
  planesToJSON,
  type Range,
  stateOf,
  wholeFromJSON,
} from '../json.js';
import { divide, low } from '../kernels/double-double.js';
import { fadePairs, joinPairs, pairsOf, type WeightPairs } from '../kernels/weight-pairs.js';
import { numberBetween } from '../options.js';
import { valuesOf } from '../row.js';
import { Moments } from '../stats/moments.js';
import { type Tensor, viewOf } from '../tensor.js';
import { checkTime, timesOf } from '../times.js';
import { hasValues, locatePool, type Pool, poolFromJSON } from './running.js';

/**
 * After so many half-lives without a value a channel starts anew, and a value as late weighs nothing: squared weights would
 * leave float64.
 */
const FORGOTTEN = 500;

/** What the weights of a channel come to, so that their products stay in float64. */
const weights: Range = { expected: 'a number from 0 to 2^53', holds: (x) => x >= 0 && x <= 2 ** 53 };

const pairPlanes: readonly Plane[] = [
  ['pairs', finite],
  ['pairsLow', 'low'],
  ['paired', weights],
];
const timeOrNone: Range = { expected: 'a time, or -Infinity', holds: (x) => x < Infinity };

/** Saved beside the moments: last, how long ago a channel had a value, or when that was. */
const planesBy = {
  rows: [...pairPlanes, ['idleRows', fromZero]],
  ms: [...pairPlanes, ['asOf', timeOrNone]],
} satisfies Record<string, readonly Plane[]>;

const PLANES = pairPlanes.length + 1;

/** In rows, or in milliseconds of event time. */
export interface HalfLife {
  readonly of: number;
  readonly by: 'rows' | 'ms';
}

/** What is left of a weight after a while. */
function fadingOf(age: number, halfLife: number): number {
  const halfLives = age / halfLife;
  return halfLives < FORGOTTEN ? 2 ** -halfLives : 0;
}

/** How what comes is to be learned: as it is; by parts, late in some channels; not at all, as late as that in all it has values in. */
type Lateness = 'none' | 'some' | 'too-late';

/** What a row counts, how the channels fade, and what part of it each takes in, in one call: one for all, as wide as the last one. */
let spare = { count: new Float64Array(0), factors: new Float64Array(0), parts: new Float64Array(0) };

function takeSpare(channels: number): typeof spare {
  if (spare.count.length !== channels) {
    const [count, factors, parts] = [0, 0, 0].map(() => new Float64Array(channels));
    spare = { count: count!, factors: factors!, parts: parts! };
  }
  return spare;
}

export class Fading implements Pool {
  readonly moments: Moments;
  /** Its counts, live. */
  readonly #held: Float64Array;
  readonly #ddof: number;
  readonly #halfLife: HalfLife;
  /** What there is beside the moments. */
  readonly #state: Float64Array;
  /** Kept where the variance asked for is the unbiased one. */
  readonly #pairs: WeightPairs;
  /** Known, as it is what is mostly needed. */
  readonly #fadingOfOne: number;
  /** Rows since the start. */
  #passed = 0;
  #late = 0;
  /** Which row it was (or when) that a channel had its latest value: all fades alike, so it need not fade until there is a new one. */
  readonly #asOf: Float64Array;

  constructor(moments: Moments, ddof: number, halfLife: HalfLife) {
    this.moments = moments;
    this.#held = moments.count;
    this.#ddof = ddof;
    this.#halfLife = halfLife;
    const { channels } = moments;
    this.#state = kept(PLANES * channels);
    const [high, low, weight, asOf] = Array.from({ length: PLANES }, (_, plane) =>
      this.#state.subarray(plane * channels, (plane + 1) * channels),
    );
    this.#pairs = { high: high!, low: low!, weight: weight! };
    this.#asOf = asOf!;
    if (this.byTime) this.#asOf.fill(-Infinity);
    this.#fadingOfOne = fadingOf(1, halfLife.of);
  }

  get channels(): number {
    return this.moments.channels;
  }

  get revision(): number {
    return this.moments.revision;
  }

  get byTime(): boolean {
    return this.#halfLife.by === 'ms';
  }

  /** Rows that weighed nothing when they came: since it was made, or restored. */
  get late(): number {
    return this.#late;
  }

  learn(batch: Moments, rows: number, _minValues: number, time?: number): boolean {
    const { count } = batch;
    const lateness = this.#fade(count, this.#placeOf(rows, time));
    if (lateness === 'too-late') {
      this.#late += rows;
      return false;
    }
    if (lateness === 'some') this.#mergePart(batch.clone());
    else this.moments.merge(batch);
    this.#keepWeights(count);
    return hasValues(batch);
  }

  /** A row weighs what it is given, and is one row in the fading of the others. */
  update(row: ArrayLike<number>, weight = 1, time?: number): void {
    numberBetween('weight', weight, 0, Number.MAX_SAFE_INTEGER);
    const values = valuesOf(row, this.channels);
    const { count } = takeSpare(values.length);
    for (let i = 0; i < count.length; i++) count[i] = Number.isNaN(values[i]) ? 0 : weight;
    const lateness = this.#fade(count, this.#placeOf(1, time));
    if (lateness === 'too-late') {
      this.#late++;
      return;
    }
    if (lateness === 'some') {
      const sample = new Moments(values.length);
      sample.update(values, weight);
      this.#mergePart(sample);
    } else this.moments.update(values, weight);
    this.#keepWeights(count);
  }

  /** Row by row. */
  updateBatch(x: Tensor, missing: 'skip' | 'error' = 'skip'): void {
    const view = viewOf(x, this.channels);
    const { n, c, l } = view;
    checkValues(x.data, view, missing); // before anything is learned
    const times = this.byTime ? timesOf(x) : undefined;
    const sample = new Moments(c);
    for (let row = 0; row < n; row++) {
      const data = x.data.subarray(row * c * l, (row + 1) * c * l);
      if (l === 1) this.update(data, 1, times?.[row]);
      else {
        sample.decay(0);
        sample.updateBatch({ data, shape: [1, c, l] });
        this.learn(sample, 1, 1, times?.[row]);
      }
    }
  }

  /** What is merged is as recent as the last row. */
  merge({ moments }: Pool): void {
    this.moments.merge(moments);
  }

  /** Which row the last of so many is, or when it was. @throws OptionError if that is not told, nothing having passed */
  #placeOf(rows: number, time: number | undefined): number {
    if (this.byTime) return checkTime('time', time);
    this.#passed += rows;
    return this.#passed;
  }

  /** Of the channels that have values at that place, what was learned before these; where they are too late, nothing at all. */
  #fade(count: Float64Array, place: number): Lateness {
    const { factors, parts } = takeSpare(count.length);
    let isLate = false;
    let weighs = false;
    for (let i = 0; i < count.length; i++) {
      factors[i] = parts[i] = 1;
      if (!(count[i]! > 0)) continue;
      const asOf = this.#asOf[i]!;
      if (place < asOf) {
        isLate = true;
        parts[i] = fadingOf(asOf - place, this.#halfLife.of);
        weighs ||= parts[i]! > 0;
        continue;
      }
      // What was merged before there was a time is as recent as the first row.
      const age = asOf === -Infinity ? 0 : place - asOf;
      factors[i] = age === 1 ? this.#fadingOfOne : fadingOf(age, this.#halfLife.of);
      this.#asOf[i] = place;
      weighs = true;
    }
    if (isLate && !weighs) return 'too-late';
    if (this.#ddof === 1) fadePairs(this.#pairs, this.#held, count, factors);
    this.moments.decay(factors);
    if (this.#ddof === 1) joinPairs(this.#pairs, this.#held, count, parts);
    return isLate ? 'some' : 'none';
  }

  /** A statistic of its own, of which the channels take in their parts. */
  #mergePart(late: Moments): void {
    late.decay(takeSpare(this.channels).parts);
    this.moments.merge(late);
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

  tellsMean(channel: number): boolean {
    return this.#held[channel]! > 0;
  }

  toJSON(): unknown {
    const { by } = this.#halfLife;
    const state = this.#state.slice();
    const last = state.subarray((PLANES - 1) * this.channels);
    if (by === 'rows') for (let i = 0; i < last.length; i++) last[i] = this.#passed - last[i]!;
    const own = planesToJSON(planesBy[by], state);
    const late = this.byTime ? { late: this.#late } : {};
    return { kind: 'Fading', version: 1, moments: this.moments.toJSON(), ...own, ...late };
  }

  static fromJSON(json: unknown, channels: number, ddof: number, halfLife: HalfLife): Fading {
    const state = stateOf('Fading', 1, json);
    const moments = poolFromJSON('Fading', state['moments'], channels);
    const at = moments.count.findIndex((count) => !weights.holds(count));
    if (at >= 0) throw new StateError(`Fading.moments.count[${at}]`, weights.expected, moments.count[at]);
    const fading = new Fading(moments, ddof, halfLife);
    fading.#state.set(planesFromJSON('Fading', planesBy[halfLife.by], state, channels));
    if (fading.byTime) fading.#late = wholeFromJSON('Fading.late', state['late'], 0);
    // As if no row had passed yet.
    else for (let i = 0; i < channels; i++) fading.#asOf[i] = -fading.#asOf[i]!;
    return fading;
  }
}
