/** Count, mean and variance per channel, online: the statistic everything else is made of. */
import { handedOut, kept } from '../block.js';
import { OptionError, ShapeError } from '../errors.js';
import { planesToJSON, stateOf, wholeFromJSON } from '../json.js';
import { decayMoments } from '../kernels/decay-moments.js';
import { mergeMoments } from '../kernels/merge-moments.js';
import { COUNT, MEAN, MEAN_LOW, PLANES } from '../kernels/planes.js';
import { updateMoments } from '../kernels/update-moments.js';
import { variances } from '../kernels/variances.js';
import { channelCount, numberBetween, oneOf } from '../options.js';
import { valuesOf } from '../row.js';
import { checkOut, type FloatArray, type Tensor, type View, viewOf } from '../tensor.js';
import { type KnownMoments, knownMoments } from './known-moments.js';
import { momentPlanes, savedMoments } from './moments-json.js';
import type { Statistic } from './statistic.js';
import { summarize } from './summary.js';

/** Where a batch is summarized before it is merged: one for all, as wide as the widest. */
let spare = new Float64Array(0);

/** The moments of a batch as it is viewed. @throws as `summarize` */
export let momentsOf: (data: FloatArray, view: View, missing: 'skip' | 'error', named: View) => Moments;

/** What a statistic is stored as: live planes, to be read without a view of each. */
export let planesOf: (moments: Moments) => Float64Array;

/**
 * Count, mean and variance of each channel: updated by a row, by a batch, or by another `Moments`, in any order and
 * any tree. Exact at any offset: mean and squared deviations are kept in two float64 words each. (Deviations are squared:
 * below about 1e-154 they lose digits, then vanish; beyond 1e154 they make the variance infinite, for good. The mean of a
 * float32 tensor whose neighbours differ by more than a factor of 2^26 is right to 2^-52 of their root mean square.)
 *
 * Missing values: a NaN counts for nothing in its channel, so `count` is per channel. Infinities are refused.
 *
 * Sources: Welford 1962, doi:10.1080/00401706.1962.10490022; Chan, Golub & LeVeque 1983,
 * doi:10.1080/00031305.1983.10483115.
 *
 * @example
 * import { Moments } from 'evenkeel';
 * const today = new Moments(2);
 * today.update([1, 10]);
 * today.update([3, Number.NaN]); // channel 1 is missing here
 * const yesterday = new Moments(2);
 * yesterday.update([5, 30]);
 * today.merge(yesterday);
 * console.log([...today.count]); // [ 3, 2 ]
 * console.log([...today.mean]); // [ 3, 20 ]
 * console.log([...today.variance(1)]); // [ 4, 200 ]
 */
export class Moments implements Statistic<Moments> {
  readonly channels: number;
  /** From when it is first needed. */
  #planes: Float64Array | undefined;
  #views: (Float64Array | undefined)[] | undefined;
  #revision = 0;

  /** @throws OptionError unless `channels` is a positive integer */
  constructor(channels: number) {
    this.channels = channelCount('channels', channels);
  }

  static {
    momentsOf = (data, view, missing, named) => {
      const moments = new Moments(view.c);
      moments.#planes = handedOut(PLANES * view.c);
      summarize(data, view, missing, moments.#planes, named);
      moments.#revision++;
      return moments;
    };
    planesOf = (moments) => moments.#state;
  }

  get #state(): Float64Array {
    this.#planes ??= kept(PLANES * this.channels);
    return this.#planes;
  }

  /** The same array each time. */
  #view(plane: number): Float64Array {
    this.#views ??= [];
    this.#views[plane] ??= this.#state.subarray(plane * this.channels, (plane + 1) * this.channels);
    return this.#views[plane];
  }

  get revision(): number {
    return this.#revision;
  }

  /** Values seen per channel (the sum of their weights), shape `[C]`. A live view: read it, do not write to it. */
  get count(): Float64Array {
    return this.#view(COUNT);
  }

  /** Mean per channel, shape `[C]`; 0 where nothing was seen. A live view: read it, do not write to it. */
  get mean(): Float64Array {
    return this.#view(MEAN);
  }

  /** What `mean` leaves over: mean + meanLow is the mean to twice the precision. A live view. */
  get meanLow(): Float64Array {
    return this.#view(MEAN_LOW);
  }

  /**
   * Variance per channel, shape `[C]`, in the square of the data's unit.
   *
   * @param ddof 0 divides by the count (population), 1 by the count less one (sample, unbiased)
   * @param out what to write to, shape `[C]`; a fresh array by default
   * @returns `out`: NaN where `count <= ddof`; Infinity where a sum of squared deviations has left float64
   * @throws OptionError unless `ddof` is a finite number from 0 up; ShapeError if `out` does not fit
   */
  variance(ddof = 0, out: Float64Array = new Float64Array(this.channels)): Float64Array {
    numberBetween('ddof', ddof, 0, Number.MAX_VALUE);
    checkOut(out, this.channels);
    variances(this.#state, this.channels, ddof, out);
    return out;
  }

  /**
   * Learns one sample.
   *
   * @param row a value per channel; NaN is missing
   * @param weight how much it counts, from 0 up; 1 by default
   * @throws SampleError (not a number, not finite, wrong arity), OptionError (the weight), the statistic unchanged
   */
  update(row: ArrayLike<number>, weight = 1): void {
    numberBetween('weight', weight, 0, Number.MAX_SAFE_INTEGER);
    updateMoments(this.#state, valuesOf(row, this.channels), weight, this.channels);
    this.#revision++;
  }

  /**
   * Learns all samples of a batch, as one merge.
   *
   * @param x `[N, C]` or `[N, C, …positions]`; NaN is missing
   * @param missing `'error'`: it is refused instead
   * @throws ShapeError if it is of other channels, OptionError at another `missing`
   * @throws SampleError at an infinity, or at a missing value that is refused, the statistic unchanged
   */
  updateBatch(x: Tensor, missing: 'skip' | 'error' = 'skip'): void {
    oneOf('missing', missing, ['skip', 'error']);
    const view = viewOf(x, this.channels);
    if (spare.length < PLANES * view.c) spare = new Float64Array(PLANES * view.c);
    summarize(x.data, view, missing, spare);
    mergeMoments(this.#state, spare, view.c);
    this.#revision++;
  }

  /**
   * Learns all that another has learned; the other is left as it was.
   * @throws OptionError if it is no `Moments`, ShapeError if it is of other channels
   */
  merge(other: Moments): void {
    if (!(other instanceof Moments)) throw new OptionError('other', 'Moments', other);
    if (other.channels !== this.channels)
      throw new ShapeError(`Moments of ${this.channels} channels`, other.channels);
    mergeMoments(this.#state, other === this ? this.#state.slice() : other.#state, this.channels);
    this.#revision++;
  }

  /**
   * Forgets by degrees: all that was learned so far weighs `factor` times what it did.
   * @param factor from 0 (nothing) to 1 (all); one for all channels, or shape `[C]`
   * @throws OptionError, ShapeError, the statistic unchanged
   */
  decay(factor: number | Float64Array): void {
    const given = factor instanceof Float64Array;
    const factors = given
      ? factor
      : new Float64Array(this.channels).fill(numberBetween('factor', factor, 0, 1));
    if (factors.length !== this.channels)
      throw new ShapeError(`factors of ${this.channels} channels`, factors.length);
    for (let i = 0; i < factors.length; i++)
      if (!(factors[i]! >= 0 && factors[i]! <= 1))
        throw new OptionError(`factor[${i}]`, 'a number from 0 to 1', factors[i]);
    decayMoments(this.#state, this.channels, factors);
    this.#revision++;
  }

  /**
   * The statistic of values that were summarized elsewhere: it has this count, this mean and, to the bit, this variance, and
   * goes on from there. Where nothing was seen, count and mean are 0 and the variance is NaN (or 0).
   *
   * @throws ShapeError if the lengths differ; OptionError at an unknown key, or what cannot be: a negative count or variance,
   *   a mean that is not finite, a variance of too few values, or one whose sum of squares float64 cannot hold
   * @example
   * import { Moments } from 'evenkeel';
   * const moments = Moments.from({ count: 3, mean: [2], variance: [4], ddof: 1 });
   * moments.update([6]);
   * console.log(moments.count[0], moments.mean[0], moments.variance(1)[0]); // 4 3 6.666666666666667
   */
  static from(known: KnownMoments): Moments {
    const state = knownMoments(known);
    const moments = new Moments(state.length / PLANES);
    moments.#state.set(state);
    return moments;
  }

  /** Another with all that this one has learned; what either learns from then on is its own. */
  clone(): Moments {
    const copy = new Moments(this.channels);
    copy.#state.set(this.#state);
    return copy;
  }

  /** Plain JSON: `Moments.fromJSON(JSON.parse(JSON.stringify(m)))` continues as `m` would, bit for bit. */
  toJSON(): unknown {
    return {
      kind: 'Moments',
      version: 1,
      channels: this.channels,
      ...planesToJSON(momentPlanes, this.#state),
    };
  }

  /** @throws StateError if `json` is not the state of a `Moments`, naming what was expected and what came */
  static fromJSON(json: unknown): Moments {
    const state = stateOf('Moments', 1, json);
    const channels = wholeFromJSON('Moments.channels', state['channels'], 1);
    const saved = savedMoments('Moments', state, channels);
    const moments = new Moments(channels);
    moments.#state.set(saved);
    return moments;
  }
}
