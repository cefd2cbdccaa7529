/** Count, mean and variance of the latest rows, or of the latest while, without keeping rows. */
import { checkValues } from '../check-values.js';
import { OptionError, ShapeError, StateError } from '../errors.js';
import { stateOf, wholeFromJSON } from '../json.js';
import { PLANES } from '../kernels/planes.js';
import { SlidingBlocks } from '../kernels/sliding-blocks.js';
import { updateMoments } from '../kernels/update-moments.js';
import { channelCount, numberBetween, oneOf } from '../options.js';
import { valuesOf } from '../row.js';
import { type Tensor, viewOf } from '../tensor.js';
import { checkTime, timesOf } from '../times.js';
import { Moments, planesOf } from './moments.js';
import { ReadOnlyMoments } from './read-only-moments.js';
import type { Statistic } from './statistic.js';
import { summarize } from './summary.js';
import { blocksFromJSON, blocksToJSON } from './window-json.js';
import { checkSpan, type Span, type WindowSpan } from './window-span.js';

/** Where what comes is summarized before it is merged: one for all, as wide as the last one. */
let spare = new Float64Array(0);

function takeSpare(channels: number): Float64Array {
  if (spare.length !== PLANES * channels) spare = new Float64Array(PLANES * channels);
  return spare;
}

/**
 * Count, mean and variance of each channel over a sliding window: as `Moments` of the rows in it, whatever has left it.
 * Nothing is ever subtracted, so once an outlier has left, the statistics are as if it had never been. Rows are not kept:
 * they are summarized by blocks of `stride` rows (`strideMs`), which leave as a whole.
 *
 * - `{ size, stride }`: the latest `size` rows. At strides above 1 they are from `size - stride + 1` to `size` rows, as the
 *   oldest block leaves when the first row of a new one comes.
 * - `{ sizeMs, strideMs }`: blocks begin at multiples of `strideMs`; those are there that begin later than `sizeMs` before the
 *   latest row, so the window is from `sizeMs - strideMs` to `sizeMs` long. A row may come late: it is counted where it
 *   belongs, for as many merges as there may be older blocks; one older than the window is not learned, but counted as `late`.
 *
 * A row costs the same at any length: two updates, and a merge a block, two at most; two more to look at the statistics. What has
 * to be turned over is turned over while it is not needed, so no row waits for all blocks; only after a pause in which most of a
 * window has left may a row cost as many merges as there are blocks left. Memory: 48 bytes a block and channel, in arrays that grow with the blocks (and are then
 * copied).
 *
 * Missing values: a NaN counts for nothing in its channel, and the row still is one of `size`. Infinities are refused.
 *
 * Sources: Tangwongsan, Hirzel, Schneider & Wu 2015, doi:10.14778/2752939.2752940; turned over ahead of time as in Tangwongsan,
 * Hirzel & Schneider 2017, doi:10.1145/3093742.3093925; merged as `Moments`.
 *
 * @example
 * import { WindowMoments } from 'evenkeel';
 * const latest = new WindowMoments(1, { size: 3 });
 * for (const x of [1e17, 1, 2, 6]) latest.update([x]);
 * console.log(latest.mean[0], latest.variance(1)[0]); // 3 7
 */
export class WindowMoments implements Statistic<WindowMoments> {
  readonly channels: number;
  readonly #span: Span;
  readonly #blocks: SlidingBlocks;
  #passed = 0;
  #late = 0;
  #revision = 0;
  #total: ReadOnlyMoments | undefined;
  #totalOf = -1;

  /** @throws OptionError unless `channels` is a positive integer, and the span one of the two */
  constructor(channels: number, span: WindowSpan) {
    this.channels = channelCount('channels', channels);
    this.#span = checkSpan(span);
    this.#blocks = new SlidingBlocks(channels, this.#span.blocks);
  }

  /** As it was given, with its default. */
  get span(): WindowSpan {
    return this.#span.given;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Rows in the window, whatever of them was missing. */
  get rows(): number {
    return this.#blocks.rows;
  }

  /** Rows that have come so far, in the window or not. */
  get passed(): number {
    return this.#passed;
  }

  /**
   * Where the stride of the newest row ends: as many rows as will have `passed` by then, or, by time, the first ms that is not
   * in it. -Infinity before the first row.
   */
  get end(): number {
    return (this.#blocks.newest + 1) * this.#span.stride;
  }

  /** Rows that were not learned, as they were older than the window when they came. */
  get late(): number {
    return this.#late;
  }

  /**
   * The statistics of the window, to be read: to be taught, they refuse (OptionError). The same object each time, brought up to
   * date when it is asked for; a `clone()` stays as it is.
   */
  get moments(): Moments {
    this.#total ??= new ReadOnlyMoments(
      this.channels,
      () => this.#totalOf,
      () => this.moments,
    );
    if (this.#totalOf !== this.#revision) {
      this.#blocks.total(planesOf(this.#total));
      this.#totalOf = this.#revision;
    }
    return this.#total;
  }

  /** Values in the window per channel (the sum of their weights), shape `[C]`. Read it, do not write to it. */
  get count(): Float64Array {
    return this.moments.count;
  }

  /** Mean per channel, shape `[C]`; 0 where there is nothing. As above. */
  get mean(): Float64Array {
    return this.moments.mean;
  }

  /** As `Moments.variance`. */
  variance(ddof?: number, out?: Float64Array): Float64Array {
    return this.moments.variance(ddof, out);
  }

  /**
   * Learns one row.
   *
   * @param row a value per channel; NaN is missing
   * @param weight how much it counts, from 0 up; 1 by default. One of weight 0 still is a row.
   * @param time when it was, in ms; only for a window by time, and needed there
   * @throws SampleError (not a number, not finite, wrong arity), OptionError (the weight, the time), the statistic unchanged
   */
  update(row: ArrayLike<number>, weight = 1, time?: number): void {
    numberBetween('weight', weight, 0, Number.MAX_SAFE_INTEGER);
    const key = this.#keyOf(0, time);
    this.#learnRow(valuesOf(row, this.channels), weight, key);
    this.#passed++;
    this.#revision++;
  }

  /**
   * Learns all samples of a batch, each as a row of its own.
   *
   * @param x `[N, C]` or `[N, C, …positions]`; NaN is missing
   * @param missing `'error'`: it is refused instead
   * @param times when each was, shape `[N]`, in ms, for a window by time; by default what `x` itself has as `times`
   * @throws ShapeError if it is of other channels, or the times of other samples; OptionError (times that are none, another
   *   `missing`); SampleError at an infinity, or at a missing value that is refused; the statistic unchanged
   */
  updateBatch(x: Tensor, missing: 'skip' | 'error' = 'skip', times?: Float64Array): void {
    oneOf('missing', missing, ['skip', 'error']);
    const view = viewOf(x, this.channels);
    const { n, c, l } = view;
    checkValues(x.data, view, missing);
    const when = this.#span.byTime ? timesOf(x, times) : undefined;
    const keys = Float64Array.from({ length: n }, (_, i) => this.#keyOf(i, when?.[i]));
    for (let row = 0, next = 0; row < n; row = next) {
      while (next < n && keys[next] === keys[row]) next++;
      const data = x.data.subarray(row * c * l, next * c * l);
      if (next - row === 1 && l === 1) this.#learnRow(valuesOf(data, c), 1, keys[row]!);
      else {
        const planes = takeSpare(c);
        summarize(data, { n: next - row, c, l }, 'skip', planes);
        this.#learn(planes, next - row, keys[row]!);
      }
    }
    this.#passed += n;
    this.#revision++;
  }

  /**
   * Learns all that another has learned; the other is left as it was.
   *
   * @param rows how many rows pass with it, as whose last it is in the window; 0: it is in the newest block, as the last row
   * @param time when the last of them was, in ms; for a window by time, where `rows` is more than 0
   * @throws OptionError if it is no `Moments` or `WindowMoments`, ShapeError if it is of other channels, the statistic unchanged
   */
  merge(other: Moments | WindowMoments, rows = 0, time?: number): void {
    const moments = other instanceof WindowMoments ? other.moments : other;
    if (!(moments instanceof Moments)) throw new OptionError('other', 'Moments or WindowMoments', other);
    if (moments.channels !== this.channels)
      throw new ShapeError(`Moments of ${this.channels} channels`, moments.channels);
    if (!Number.isInteger(numberBetween('rows', rows, 0, Number.MAX_SAFE_INTEGER)))
      throw new OptionError('rows', 'a whole number', rows);
    if (rows === 0) this.#blocks.merge(planesOf(moments), 0);
    else this.#learn(planesOf(moments), rows, this.#keyOf(rows - 1, time));
    this.#passed += rows;
    this.#revision++;
  }

  /** Another with all that this one has learned; what either learns from then on is its own. */
  clone(): WindowMoments {
    const copy = new WindowMoments(this.channels, this.span);
    copy.#blocks.restore(this.#blocks.save());
    copy.#passed = this.#passed;
    copy.#late = this.#late;
    return copy;
  }

  /** Plain JSON; `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    return {
      kind: 'WindowMoments',
      version: 1,
      channels: this.channels,
      span: { ...this.span },
      passed: this.#passed,
      late: this.#late,
      ...blocksToJSON(this.#blocks.save()),
    };
  }

  /** @throws StateError if `json` is not the state of a `WindowMoments`, naming what was expected and what came */
  static fromJSON(json: unknown): WindowMoments {
    const kind = 'WindowMoments';
    const state = stateOf(kind, 1, json);
    const channels = wholeFromJSON(`${kind}.channels`, state['channels'], 1);
    const { blocks } = savedSpan(`${kind}.span`, state['span']);
    const saved = blocksFromJSON(kind, state, channels, blocks);
    const window = new WindowMoments(channels, state['span'] as WindowSpan);
    window.#blocks.restore(saved);
    window.#passed = wholeFromJSON(`${kind}.passed`, state['passed'], window.rows);
    const { byTime, stride } = window.#span;
    const newest = window.#passed > 0 ? Math.floor((window.#passed - 1) / stride) : -Infinity;
    if (!byTime && saved.newest !== newest)
      throw new StateError(
        `${kind}.newest`,
        `${newest}, as ${window.#passed} rows have passed`,
        saved.newest,
      );
    window.#late = wholeFromJSON(`${kind}.late`, state['late'], 0);
    return window;
  }

  /** The block of the row that comes after so many others. @throws OptionError at a time that is none */
  #keyOf(after: number, time: number | undefined): number {
    const { byTime, stride } = this.#span;
    if (!byTime) return Math.floor((this.#passed + after) / stride);
    const key = Math.floor(checkTime('time', time) / stride);
    if (Number.isSafeInteger(key)) return key;
    throw new OptionError('time', `within 2^53 strides of ${stride} ms`, time);
  }

  #learnRow(row: Float64Array, weight: number, key: number): void {
    if (key > this.#blocks.newest) this.#blocks.begin(key);
    if (key === this.#blocks.newest) this.#blocks.update(row, weight);
    else {
      const planes = takeSpare(this.channels).fill(0);
      updateMoments(planes, row, weight, this.channels);
      this.#learn(planes, 1, key);
    }
  }

  #learn(planes: Float64Array, rows: number, key: number): void {
    if (key > this.#blocks.newest) this.#blocks.begin(key);
    if (key === this.#blocks.newest) this.#blocks.merge(planes, rows);
    else if (this.#blocks.isPast(key)) this.#late += rows;
    else this.#blocks.mergeInto(key, planes, rows);
  }
}

function savedSpan(where: string, json: unknown): Span {
  try {
    return checkSpan(json as WindowSpan);
  } catch (error) {
    throw new StateError(where, `a span (${(error as Error).message})`, json, error);
  }
}
