/** Running statistics as deep learning frameworks keep them: an average of the batches' means and variances. */
import {
  finite,
  fromZero,
  fromZeroToInfinity,
  type Plane,
  planesFromJSON,
  planesToJSON,
  stateOf,
} from '../json.js';
import { add, low, multiply } from '../kernels/double-double.js';
import type { Moments } from '../stats/moments.js';
import type { Location, Running } from './running.js';

/** Nothing of an infinite variance is nothing. */
const weigh = (variance: number, part: number): number => (part === 0 ? 0 : part * variance);

const planes: readonly Plane[] = [
  ['batches', fromZero],
  ['mean', finite],
  ['meanLow', 'low'],
  ['variance', fromZeroToInfinity],
];

/**
 * `new = (1 - momentum) * old + momentum * batch`, from mean 0 and variance 1: PyTorch's running statistics. Without a
 * momentum, the plain average over the batches (PyTorch's `momentum=None`). Either forgets the variance between batches.
 *
 * A channel with fewer values in a batch than it takes for a variance learns nothing from that batch.
 */
export class MovingAverage implements Running {
  readonly #momentum: number | undefined;
  readonly #ddof: number;
  readonly #batches: Float64Array;
  readonly #mean: Float64Array;
  readonly #meanLow: Float64Array;
  readonly #variance: Float64Array;

  constructor(channels: number, ddof: number, momentum: number | undefined) {
    this.#momentum = momentum;
    this.#ddof = ddof;
    this.#batches = new Float64Array(channels);
    this.#mean = new Float64Array(channels);
    this.#meanLow = new Float64Array(channels);
    this.#variance = new Float64Array(channels).fill(1);
  }

  learn(batch: Moments, _rows: number, minValues: number): boolean {
    const least = Math.max(minValues, this.#ddof + 1);
    const variance = batch.variance(this.#ddof);
    const { count, mean, meanLow } = batch;
    let learned = false;
    for (let i = 0; i < variance.length; i++) {
      if (count[i]! < least) continue;
      learned = true;
      this.#batches[i]!++;
      const part = this.#momentum ?? 1 / this.#batches[i]!;
      const rest = add(1, 0, -part, 0);
      const old = multiply(this.#mean[i]!, this.#meanLow[i]!, rest, low[0]!);
      const oldLow = low[0]!;
      const next = multiply(mean[i]!, meanLow[i]!, part, 0);
      this.#mean[i] = add(old, oldLow, next, low[0]!);
      this.#meanLow[i] = low[0]!;
      this.#variance[i] = weigh(this.#variance[i]!, rest) + weigh(variance[i]!, part);
    }
    return learned;
  }

  location(): Location {
    return { mean: this.#mean.slice(), meanLow: this.#meanLow.slice(), variance: this.#variance.slice() };
  }

  #arrays(): Float64Array[] {
    return [this.#batches, this.#mean, this.#meanLow, this.#variance];
  }

  toJSON(): unknown {
    return { kind: 'MovingAverage', version: 1, ...planesToJSON(planes, this.#arrays()) };
  }

  static fromJSON(
    json: unknown,
    channels: number,
    ddof: number,
    momentum: number | undefined,
  ): MovingAverage {
    const saved = planesFromJSON('MovingAverage', planes, stateOf('MovingAverage', 1, json), channels);
    const average = new MovingAverage(channels, ddof, momentum);
    average.#arrays().forEach((values, i) => {
      values.set(saved[i]!);
    });
    return average;
  }
}
