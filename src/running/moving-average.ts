/** Running statistics as deep learning frameworks keep them: an average of the batches' means and variances. */
import { kept } from '../block.js';
import { OptionError, ShapeError } from '../errors.js';
import {
  finite,
  fromZero,
  fromZeroToInfinity,
  type Plane,
  planesFromJSON,
  planesToJSON,
  type Range,
  stateOf,
  wholeFromZero,
} from '../json.js';
import { approach } from '../kernels/approach.js';
import { divide, low } from '../kernels/double-double.js';
import { COUNT } from '../kernels/planes.js';
import { knownOptions } from '../options.js';
import { type Moments, planesOf } from '../stats/moments.js';
import * as location from './location.js';
import type { Running } from './running.js';

/** Running statistics that were learned elsewhere. */
export interface GivenStatistics {
  /** Shape `[C]`, finite. */
  readonly mean: ArrayLike<number>;
  /** Shape `[C]`, finite, from 0 up. */
  readonly variance: ArrayLike<number>;
  /** Over how many batches they were averaged; 1. With 0 they are what an average starts from, as PyTorch's 0 and 1. */
  readonly batches?: number;
}

function numbers(name: string, given: ArrayLike<number>, length: number, range: Range): number[] {
  if (typeof given !== 'object' || given === null || given.length !== length)
    throw new ShapeError(`${name} of ${length} channels`, Object(given).length);
  return Array.from(given, (value, i) => {
    if (typeof value === 'number' && range.holds(value)) return value;
    throw new OptionError(`${name}[${i}]`, range.expected, value);
  });
}

/** Of the state; those from the mean to the variance are a location. */
const planes: readonly Plane[] = [
  ['batches', wholeFromZero],
  ['mean', finite],
  ['meanLow', 'low'],
  ['variance', fromZeroToInfinity],
  ['varianceLow', 'low'],
];
const BATCHES = 0;
const MEAN = 1;
const MEAN_LOW = 2;
const VARIANCE = 3;
const VARIANCE_LOW = 4;

/** How far each channel goes towards a batch, in two words, and where the batch lies: one for all, as wide as the last one. */
let parts = new Float64Array(0);
let partLows = new Float64Array(0);
let located = new Float64Array(0);

/**
 * `new = (1 - momentum) * old + momentum * batch`, from mean 0 and variance 1: PyTorch's running statistics. Without a
 * momentum, the plain average over the batches (PyTorch's `momentum=None`). Either forgets the variance between batches.
 *
 * A channel learns nothing from a batch that has too few of its values for a variance: it takes two, or with ddof 0 one,
 * where `minValues` is 1 and so takes that for a batch.
 */
export class MovingAverage implements Running {
  readonly #momentum: number | undefined;
  readonly #ddof: number;
  readonly #channels: number;
  readonly #state: Float64Array;

  constructor(channels: number, ddof: number, momentum: number | undefined) {
    this.#momentum = momentum;
    this.#ddof = ddof;
    this.#channels = channels;
    this.#state = kept(planes.length * channels);
    this.#plane(VARIANCE).fill(1);
  }

  learn(batch: Moments, _rows: number, minValues: number): boolean {
    const least = Math.max(Math.min(minValues, 2), this.#ddof + 1);
    const c = this.#channels;
    if (located.length !== location.LOCATION_PLANES * c)
      located = new Float64Array(location.LOCATION_PLANES * c);
    location.locateMoments(batch, this.#ddof, located);
    const counts = planesOf(batch);
    return this.average(located, (i) => counts[COUNT * c + i]! >= least);
  }

  /** Takes in the location of a batch, of the channels that have something to say; returns whether any had. */
  average(to: Float64Array, has: (channel: number) => boolean): boolean {
    const [s, c] = [this.#state, this.#channels];
    if (parts.length !== c) [parts, partLows] = [new Float64Array(c), new Float64Array(c)];
    let learned = false;
    for (let i = 0; i < c; i++) {
      parts[i] = partLows[i] = 0;
      if (!has(i)) continue;
      learned = true;
      const batches = ++s[i + BATCHES * c]!;
      parts[i] = this.#momentum ?? divide(1, 0, batches, 0);
      if (this.#momentum === undefined) partLows[i] = low[0]!;
    }
    const [mean, meanLow, variance] = [location.MEAN * c, location.MEAN_LOW * c, location.VARIANCE * c];
    approach(s, MEAN * c, MEAN_LOW * c, c, to, mean, meanLow, parts, partLows);
    approach(s, VARIANCE * c, VARIANCE_LOW * c, c, to, variance, undefined, parts, partLows);
    return learned;
  }

  #plane(plane: number): Float64Array {
    return this.#state.subarray(plane * this.#channels, (plane + 1) * this.#channels);
  }

  /**
   * Goes on from averages that were taken elsewhere; returns over how many batches.
   * @throws ShapeError, OptionError, with nothing changed
   */
  set(given: GivenStatistics): number {
    const {
      mean,
      variance,
      batches = 1,
    } = knownOptions('statistics', given, ['mean', 'variance', 'batches']);
    const channels = this.#channels;
    const means = numbers('mean', mean, channels, finite);
    const variances = numbers('variance', variance, channels, fromZero);
    if (!wholeFromZero.holds(batches)) throw new OptionError('batches', wholeFromZero.expected, batches);
    this.#state.fill(0);
    this.#plane(BATCHES).fill(batches);
    this.#plane(MEAN).set(means);
    this.#plane(VARIANCE).set(variances);
    return batches;
  }

  locate(into: Float64Array): void {
    const from = MEAN * this.#channels;
    for (let i = 0; i < location.LOCATION_PLANES * this.#channels; i++) into[i] = this.#state[from + i]!;
  }

  tells(channel: number): boolean {
    return this.#state[BATCHES * this.#channels + channel]! > 0;
  }

  tellsMean(channel: number): boolean {
    return this.tells(channel);
  }

  toJSON(): unknown {
    return { kind: 'MovingAverage', version: 1, ...planesToJSON(planes, this.#state) };
  }

  static fromJSON(
    json: unknown,
    channels: number,
    ddof: number,
    momentum: number | undefined,
  ): MovingAverage {
    const saved = planesFromJSON('MovingAverage', planes, stateOf('MovingAverage', 1, json), channels);
    const average = new MovingAverage(channels, ddof, momentum);
    average.#state.set(saved);
    return average;
  }
}
