/** Quantiles per channel, online, in bounded memory: a sketch that merges. */
import { checkValues } from '../check-values.js';
import { OptionError, ShapeError, StateError } from '../errors.js';
import { stateOf, wholeFromJSON } from '../json.js';
import { KllSketch, MOST_VALUES } from '../kernels/kll-sketch.js';
import { weightedQuantiles } from '../kernels/weighted-quantiles.js';
import { channelCount, numberBetween, oneOf } from '../options.js';
import { valuesOf } from '../row.js';
import { type Tensor, viewOf } from '../tensor.js';
import { sketchFromJSON, sketchToJSON } from './kll-sketch-json.js';
import type { Statistic } from './statistic.js';

/** A quantile of each channel, shape `[C]`, in the data's unit. Fresh arrays. */
export interface QuantileWords {
  /** NaN where nothing was seen. */
  readonly values: Float64Array;
  /** What `values` leaves over: values + low is the quantile to twice the precision, as interpolating may need it. */
  readonly low: Float64Array;
}

/**
 * The quantiles of each channel: updated by a row, by a batch, or by another `Quantiles`, in any order and any tree.
 *
 * Exact, and equal to `numpy.nanquantile`, while a channel has seen 4096 values or fewer. Beyond that it keeps 4096 of them
 * at most (32 KiB a channel), however long the stream, and the rank of any one quantile is off by no more than 0.6% of the
 * count (and a value) with 99% confidence, by 1% with 99.9999%: the median of a million values lies between their 49.4% and
 * their 50.6% quantile, whatever their offset, magnitudes, order and repetitions, and however shards of them were merged.
 * `rankError` has the bound for what was seen. The least and the greatest value, `quantile(0)` and
 * `quantile(1)`, are exact always.
 *
 * No randomness from outside: the same data in the same order gives the same sketch. The confidence is over data that is not
 * made to fool the hash by which values are dropped; shards of the very same data err alike, and their merge as each of them.
 *
 * Missing values: a NaN counts for nothing in its channel, so `count` is per channel. Infinities are refused.
 *
 * Source: KLL: Z. Karnin, K. Lang, E. Liberty, FOCS 2016, arXiv:1603.05346.
 *
 * @example
 * import { Quantiles, tensor } from 'evenkeel';
 * const monday = new Quantiles(2);
 * monday.update([1, 1e9 + 10]);
 * monday.updateBatch(tensor([3, 1e9 + 30, 4, Number.NaN], [2, 2])); // channel 1 is missing in the second row
 * const tuesday = new Quantiles(2);
 * tuesday.update([20, 1e9 + 20]);
 * monday.merge(tuesday);
 * console.log([...monday.quantile(0.5)]); // [ 3.5, 1000000020 ]
 * console.log([...monday.rankError()]); // [ 0, 0 ]
 */
export class Quantiles implements Statistic<Quantiles> {
  readonly channels: number;
  #sketches: readonly KllSketch[];
  #revision = 0;

  /** @throws OptionError unless `channels` is a positive integer */
  constructor(channels: number) {
    this.channels = channelCount('channels', channels);
    this.#sketches = Array.from({ length: channels }, () => new KllSketch());
  }

  get revision(): number {
    return this.#revision;
  }

  /** Values seen per channel (the sum of their weights), shape `[C]`. A fresh array. */
  get count(): Float64Array {
    return Float64Array.from(this.#sketches, ({ count }) => count);
  }

  /**
   * One quantile of each channel, in the data's unit, with linear interpolation between values, as numpy's.
   *
   * @param q a fraction: 0 the least value, 0.5 the median, 1 the greatest
   * @returns shape `[C]`; NaN where nothing was seen
   * @throws OptionError unless `q` is a number from 0 to 1
   */
  quantile(q: number): Float64Array {
    return this.quantiles([numberBetween('q', q, 0, 1)])[0]!.values;
  }

  /**
   * The same for several at once, which costs little more than one; and what float64 leaves over of each.
   * @throws OptionError unless `fractions` is an array of numbers from 0 to 1
   */
  quantiles(fractions: readonly number[]): QuantileWords[] {
    if (!Array.isArray(fractions))
      throw new OptionError('fractions', 'an array of numbers from 0 to 1', fractions);
    fractions.forEach((q: unknown, i) => void numberBetween(`fractions[${i}]`, q, 0, 1));
    const perChannel = this.#sketches.map(({ count, levels, min, max }) =>
      count === 0 ? undefined : weightedQuantiles(levels, min, max, fractions),
    );
    return fractions.map((_, i) => ({
      values: Float64Array.from(perChannel, (words) => words?.[i]?.value ?? Number.NaN),
      low: Float64Array.from(perChannel, (words) => words?.[i]?.low ?? 0),
    }));
  }

  /**
   * How far from its true rank any one quantile may be, as a fraction of the count, shape `[C]`: the share of all values
   * that lie between it and the true quantile, give or take one value. 0 while quantiles are exact.
   *
   * @param confidence how often at least that holds, from 0 up and less than 1; 0.99
   * @throws OptionError
   */
  rankError(confidence = 0.99): Float64Array {
    numberBetween('confidence', confidence, 0, 1 - Number.EPSILON / 2);
    const steps = Math.sqrt(2 * Math.log(2 / (1 - confidence)));
    return Float64Array.from(this.#sketches, ({ count, squares }) =>
      squares === 0 ? 0 : Math.min(1, (steps * Math.sqrt(squares)) / count),
    );
  }

  /**
   * Learns one sample.
   *
   * @param row a value per channel; NaN is missing
   * @param weight how many times it counts, a whole number from 0 up; 1 by default
   * @throws SampleError (not a number, not finite, wrong arity), OptionError (the weight), the statistic unchanged
   */
  update(row: ArrayLike<number>, weight = 1): void {
    if (!Number.isSafeInteger(weight) || weight < 0)
      throw new OptionError('weight', 'a whole number from 0 up', weight);
    const values = valuesOf(row, this.channels);
    this.#checkRoom('weight', (i) => (Number.isNaN(values[i]) ? 0 : weight));
    this.#revision++;
    this.#sketches.forEach((sketch, i) => {
      const x = values[i]!;
      if (!Number.isNaN(x)) sketch.add(x, weight); // else missing
    });
  }

  /**
   * Learns all samples of a batch.
   *
   * @param x `[N, C]` or `[N, C, …positions]`; NaN is missing
   * @param missing `'error'`: it is refused instead
   * @throws ShapeError if it is of other channels, OptionError at another `missing`
   * @throws SampleError at an infinity, or at a missing value that is refused, the statistic unchanged
   */
  updateBatch(x: Tensor, missing: 'skip' | 'error' = 'skip'): void {
    oneOf('missing', missing, ['skip', 'error']);
    const view = viewOf(x, this.channels);
    const { n, c, l } = view;
    checkValues(x.data, view, missing);
    this.#checkRoom('x', () => n * l);
    this.#revision++;
    for (let i = 0; i < c; i++) {
      const sketch = this.#sketches[i]!;
      for (let row = 0; row < n; row++) {
        for (let at = (row * c + i) * l, end = at + l; at < end; at++) {
          const value = x.data[at]!;
          if (!Number.isNaN(value)) sketch.add(value);
        }
      }
    }
  }

  /**
   * Learns all that another has learned; the other is left as it was.
   * @throws OptionError if it is no `Quantiles`, ShapeError if it is of other channels
   */
  merge(other: Quantiles): void {
    if (!(other instanceof Quantiles)) throw new OptionError('other', 'Quantiles', other);
    if (other.channels !== this.channels)
      throw new ShapeError(`Quantiles of ${this.channels} channels`, other.channels);
    this.#checkRoom('other', (i) => other.#sketches[i]!.count);
    this.#revision++;
    this.#sketches.forEach((sketch, i) => {
      sketch.merge(other.#sketches[i]!);
    });
  }

  /** Another with all that this one has learned; what either learns from then on is its own. */
  clone(): Quantiles {
    const copy = new Quantiles(this.channels);
    copy.#sketches = this.#sketches.map((sketch) => sketch.clone());
    return copy;
  }

  /** Plain JSON, up to 4096 numbers a channel; `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    const sketches = this.#sketches.map(sketchToJSON);
    return { kind: 'Quantiles', version: 1, channels: this.channels, sketches };
  }

  /** @throws StateError if `json` is not the state of a `Quantiles`, naming what was expected and what came */
  static fromJSON(json: unknown): Quantiles {
    const state = stateOf('Quantiles', 1, json);
    const channels = wholeFromJSON('Quantiles.channels', state['channels'], 1);
    const saved = state['sketches'];
    if (!Array.isArray(saved) || saved.length !== channels)
      throw new StateError('Quantiles.sketches', `an array of ${channels} sketches`, saved);
    const sketches = Array.from(saved, (sketch: unknown, i) =>
      sketchFromJSON(`Quantiles.sketches[${i}]`, sketch),
    );
    const quantiles = new Quantiles(channels); // only now: there are as many sketches as it claims
    quantiles.#sketches = sketches;
    return quantiles;
  }

  /** Ranks are whole numbers, and have to stay so. */
  #checkRoom(name: string, more: (channel: number) => number): void {
    const at = this.#sketches.findIndex(({ count }, i) => count + more(i) > MOST_VALUES);
    if (at >= 0) throw new OptionError(name, 'such that a channel has 2^53 - 1 values at most', more(at));
  }
}
