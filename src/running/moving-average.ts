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
import { add, divide, low, multiply } from '../kernels/double-double.js';
import { knownOptions } from '../options.js';
import type { Moments } from '../stats/moments.js';
import { LOCATION_PLANES } from './location.js';
import type { Running } from './running.js';

/**
 * (1 - part) * a + part * b, each in two words: as a step from the one that weighs more towards the other, so that what
 * stays the same is reached, and kept, to the last bit. What is left over from before would be many sds of a channel that
 * has become constant.
 */
function between(a: number, aLow: number, b: number, bLow: number, part: number, partLow: number): number {
  if (part > 0.5) {
    const rest = add(1, 0, -part, -partLow);
    return between(b, bLow, a, aLow, rest, low[0]!);
  }
  if (part === 0) {
    low[0] = aLow;
    return a;
  }
  if (a === Infinity || b === Infinity) {
    low[0] = 0;
    return Infinity; // as a variance may be
  }
  const half = add(b / 2, bLow / 2, -a / 2, -aLow / 2); // the whole may leave float64
  const step = multiply(half, low[0]!, 2 * part, 2 * partLow);
  return add(a, aLow, step, low[0]!);
}

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

/** Where a batch lies, per channel. */
interface Batch {
  readonly mean: Float64Array;
  readonly meanLow: Float64Array;
  readonly variance: Float64Array;
}

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
    const variance = batch.variance(this.#ddof);
    const { count, mean, meanLow } = batch;
    return this.average({ mean, meanLow, variance }, (i) => count[i]! >= least);
  }

  /** Takes in where a batch lies, of the channels that have something to say; returns whether any had. */
  average({ mean, meanLow, variance }: Batch, has: (channel: number) => boolean): boolean {
    const [s, c] = [this.#state, this.#channels];
    let learned = false;
    for (let i = 0; i < c; i++) {
      if (!has(i)) continue;
      learned = true;
      const batches = ++s[i + BATCHES * c]!;
      const part = this.#momentum ?? divide(1, 0, batches, 0);
      const partLow = this.#momentum === undefined ? low[0]! : 0;
      const iMean = i + MEAN * c;
      const iMeanLow = i + MEAN_LOW * c;
      const iVariance = i + VARIANCE * c;
      const iVarianceLow = i + VARIANCE_LOW * c;
      s[iMean] = between(s[iMean]!, s[iMeanLow]!, mean[i]!, meanLow[i]!, part, partLow);
      s[iMeanLow] = low[0]!;
      s[iVariance] = between(s[iVariance]!, s[iVarianceLow]!, variance[i]!, 0, part, partLow);
      s[iVarianceLow] = low[0]!;
    }
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
    for (let i = 0; i < LOCATION_PLANES * this.#channels; i++) into[i] = this.#state[from + i]!;
  }

  tells(channel: number): boolean {
    return this.#state[BATCHES * this.#channels + channel]! > 0;
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
