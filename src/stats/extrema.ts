/** The least and the greatest value per channel, online and exact. */
import { kept } from '../block.js';
import { checkValues } from '../check-values.js';
import { OptionError, ShapeError, StateError } from '../errors.js';
import {
  numbersFromJSON,
  numbersToJSON,
  type Range,
  stateOf,
  wholeFromJSON,
  wholeFromZero,
} from '../json.js';
import { batchExtrema } from '../kernels/batch-extrema.js';
import { channelCount, numberBetween, oneOf } from '../options.js';
import { valuesOf } from '../row.js';
import { type Tensor, viewOf } from '../tensor.js';
import type { Statistic } from './statistic.js';

const canBe = (seen: number, least: number, greatest: number): boolean =>
  seen === 0
    ? least === Infinity && greatest === -Infinity
    : Number.isFinite(least) && Number.isFinite(greatest) && least <= greatest;

const notNaN: Range = { expected: 'a number', holds: (x) => !Number.isNaN(x) };

/**
 * Minimum, maximum and count of each channel: updated by a row, by a batch, or by another `Extrema`, in any order and any
 * tree, with the same result to the last bit. Nothing is ever forgotten: a single outlier stays.
 *
 * Missing values: a NaN counts for nothing in its channel, so `count` is per channel. Infinities are refused.
 *
 * @example
 * import { Extrema } from 'evenkeel';
 * const inside = new Extrema(2);
 * inside.update([21, 40]);
 * inside.update([19, Number.NaN]); // channel 1 is missing here
 * const outside = new Extrema(2);
 * outside.update([-4, 85]);
 * inside.merge(outside);
 * console.log([...inside.min], [...inside.max]); // [ -4, 40 ] [ 21, 85 ]
 * console.log([...inside.count]); // [ 3, 2 ]
 */
export class Extrema implements Statistic<Extrema> {
  readonly channels: number;
  /** Values seen per channel, shape `[C]`, whatever their weights. Read it, do not write to it. */
  readonly count: Float64Array;
  /** The least value per channel, shape `[C]`, in the data's unit; Infinity where nothing was seen. As above. */
  readonly min: Float64Array;
  /** The greatest value per channel, shape `[C]`, in the data's unit; -Infinity where nothing was seen. As above. */
  readonly max: Float64Array;
  #revision = 0;

  /** @throws OptionError unless `channels` is a positive integer */
  constructor(channels: number) {
    this.channels = channelCount('channels', channels);
    this.count = kept(channels);
    this.min = kept(channels).fill(Infinity);
    this.max = kept(channels).fill(-Infinity);
  }

  get revision(): number {
    return this.#revision;
  }

  /**
   * Learns one sample.
   *
   * @param row a value per channel; NaN is missing
   * @param weight from 0 up; 0 learns nothing, and any other is as good as 1: a value is an extreme or it is not
   * @throws SampleError (not a number, not finite, wrong arity), OptionError (the weight), the statistic unchanged
   */
  update(row: ArrayLike<number>, weight = 1): void {
    numberBetween('weight', weight, 0, Number.MAX_SAFE_INTEGER);
    const values = valuesOf(row, this.channels);
    if (weight > 0) this.#learn(values, 1, 1);
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
    checkValues(x.data, view, missing);
    this.#learn(x.data, view.n, view.l);
  }

  #learn(data: Tensor['data'], n: number, l: number): void {
    batchExtrema(data, n, this.channels, l, this.count, this.min, this.max);
    this.#revision++;
  }

  /**
   * Learns all that another has learned; the other is left as it was.
   * @throws OptionError if it is no `Extrema`, ShapeError if it is of other channels
   */
  merge(other: Extrema): void {
    if (!(other instanceof Extrema)) throw new OptionError('other', 'Extrema', other);
    if (other.channels !== this.channels)
      throw new ShapeError(`Extrema of ${this.channels} channels`, other.channels);
    for (let i = 0; i < this.channels; i++) {
      this.count[i]! += other.count[i]!;
      this.min[i] = Math.min(this.min[i]!, other.min[i]!);
      this.max[i] = Math.max(this.max[i]!, other.max[i]!);
    }
    this.#revision++;
  }

  /** Another with all that this one has learned; what either learns from then on is its own. */
  clone(): Extrema {
    const copy = new Extrema(this.channels);
    copy.merge(this);
    return copy;
  }

  /** Plain JSON: `Extrema.fromJSON(JSON.parse(JSON.stringify(e)))` continues as `e` would, bit for bit. */
  toJSON(): unknown {
    const [count, min, max] = [this.count, this.min, this.max].map(numbersToJSON);
    return { kind: 'Extrema', version: 1, channels: this.channels, count, min, max };
  }

  /** @throws StateError if `json` is not the state of an `Extrema`, naming what was expected and what came */
  static fromJSON(json: unknown): Extrema {
    const state = stateOf('Extrema', 1, json);
    const channels = wholeFromJSON('Extrema.channels', state['channels'], 1);
    const count = numbersFromJSON('Extrema.count', state['count'], channels, wholeFromZero);
    const min = numbersFromJSON('Extrema.min', state['min'], channels, notNaN);
    const max = numbersFromJSON('Extrema.max', state['max'], channels, notNaN);
    const at = count.findIndex((seen, i) => !canBe(seen, min[i]!, max[i]!));
    if (at >= 0) {
      const expected =
        count[at] === 0 ? 'Infinity, and max -Infinity, where nothing was seen' : 'finite, and at most max';
      throw new StateError(`Extrema.min[${at}]`, expected, min[at]);
    }
    const extrema = new Extrema(channels); // only now: there are as many numbers as it claims
    extrema.count.set(count);
    extrema.min.set(min);
    extrema.max.set(max);
    return extrema;
  }
}
