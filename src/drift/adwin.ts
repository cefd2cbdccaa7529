/** ADWIN: a window that grows while the mean stays what it is, and is cut where it changed. */
import { StateError } from '../errors.js';
import { stateOf, wholeFromJSON } from '../json.js';
import { add } from '../kernels/double-double.js';
import { mergeMoments } from '../kernels/merge-moments.js';
import { COUNT, M2, MEAN, MEAN_LOW, PLANES } from '../kernels/planes.js';
import { type Checks, numberBetween, positiveInteger, savedOptions, settle } from '../options.js';
import { Moments, planesOf } from '../stats/moments.js';
import { checkValue, type Detector } from './detector.js';

/** Named as river's; the defaults are river's. */
export interface AdwinOptions {
  /** How probable a cut may be, at most, at each check of values whose mean does not change; 0.002. */
  readonly delta?: number;
  /** Values from one check to the next; 32. */
  readonly clock?: number;
  /** Buckets of each size before two become one; 5. The more, the finer the cuts. */
  readonly maxBuckets?: number;
  /** Values that either side of a cut must have; 5. */
  readonly minWindowLength?: number;
  /** Nothing is checked until the window has more values than this; 10. */
  readonly gracePeriod?: number;
}

const checks: Checks<AdwinOptions> = {
  delta: (value = 0.002) => numberBetween('delta', value, Number.MIN_VALUE, 1 - Number.EPSILON),
  clock: (value = 32) => positiveInteger('clock', value),
  maxBuckets: (value = 5) => positiveInteger('maxBuckets', value, 2 ** 20),
  minWindowLength: (value = 5) => positiveInteger('minWindowLength', value),
  gracePeriod: (value = 10) => positiveInteger('gracePeriod', value),
};

/** Where statistics are while they merge. */
const [into, from] = [new Float64Array(PLANES), new Float64Array(PLANES)];
/** What is behind each cut: one for all, as long as the longest. */
let behind = new Float64Array(0);

/**
 * Finds changes of the mean, at any time and of any size, without a size of window to choose: the window holds all values
 * since the last change. It is kept as buckets of 1, 2, 4, … values, a few of each size, and a change is where the means on
 * both sides of a cut between buckets differ by more than a bound that holds with probability 1 - delta (in the form that
 * goes by the variance of the window); the oldest buckets go until no cut is left.
 *
 * The buckets are mergeable moments in two words; each side of a cut is merged, none is got by subtracting. So it finds the
 * same at any offset. The bound is of values in [0, 1], and good for those of about that scale: standardize others first.
 * What it says of is the mean: a spread that grows is found as far as the mean strays. Memory: buckets of log2 of the width.
 *
 * Differs from river's, which leaves the newest bucket of each size out of both means, and subtracts buckets from the
 * variance that it bounds by.
 *
 * Source: Bifet & Gavaldà 2007, doi:10.1137/1.9781611972771.42.
 *
 * @example
 * import { Adwin } from 'evenkeel';
 * const adwin = new Adwin();
 * for (let i = 1; i <= 600; i++) {
 *   const value = (i < 400 ? 0 : 2) + Math.sin(i);
 *   if (adwin.update(value)) console.log('changed by value', i, 'and', adwin.width, 'are left');
 * }
 * // changed by value 416 and 64 are left
 * // changed by value 448 and 64 are left
 * // changed by value 480 and 80 are left
 */
export class Adwin implements Detector {
  readonly #options: Required<AdwinOptions>;
  /** The statistic of each bucket, the oldest first. */
  #buckets = new Float64Array(16 * PLANES);
  /** How many buckets there are of 1, 2, 4, … values. */
  #sizes: number[] = [0];
  #length = 0;
  #ticks = 0;

  /** @throws OptionError naming the option that cannot be used */
  constructor(options: AdwinOptions = {}) {
    this.#options = settle(checks, options);
  }

  /** Values in the window. */
  get width(): number {
    return this.#sizes.reduce((width, buckets, level) => width + buckets * 2 ** level, 0);
  }

  /** Count, mean and variance of the window: of one channel, and your own. */
  get moments(): Moments {
    const moments = new Moments(1);
    const all = planesOf(moments);
    for (let i = 0; i < this.#length; i++) mergeMoments(all, this.#bucket(i, from), 1);
    return moments;
  }

  /**
   * @param value finite; NaN is missing, and counts for nothing
   * @returns whether a change was found; the window then has what came since
   * @throws OptionError at any other value
   */
  update(value: number): boolean {
    checkValue(value);
    if (Number.isNaN(value)) return false;
    this.#insert(value);
    const { clock, gracePeriod } = this.#options;
    if (++this.#ticks % clock !== 0 || this.width <= gracePeriod) return false;
    let isChanged = false;
    while (this.#isCut()) {
      this.#dropOldest();
      isChanged = true;
    }
    return isChanged;
  }

  /** Forgets all values. */
  reset(): void {
    this.#sizes = [0];
    this.#length = 0;
    this.#ticks = 0;
  }

  /** Plain JSON: `Adwin.fromJSON(JSON.parse(JSON.stringify(a)))` continues as `a` would, bit for bit. */
  toJSON(): unknown {
    const options = { ...this.#options };
    const ticks = this.#ticks;
    if (this.#length === 0) return { kind: 'Adwin', version: 1, options, ticks, buckets: null };
    const buckets = new Moments(this.#length); // a channel each
    transpose(this.#buckets.subarray(0, this.#length * PLANES), this.#length, planesOf(buckets));
    return { kind: 'Adwin', version: 1, options, ticks, buckets: buckets.toJSON() };
  }

  /** @throws StateError if `json` is not the state of an `Adwin`, naming what was expected and what came */
  static fromJSON(json: unknown): Adwin {
    const { options, ticks, buckets } = stateOf('Adwin', 1, json);
    const adwin = new Adwin(savedOptions('Adwin.options', checks, options));
    adwin.#ticks = wholeFromJSON('Adwin.ticks', ticks, 0);
    if (buckets === null) return adwin;
    const moments = Moments.fromJSON(buckets);
    adwin.#length = moments.channels;
    adwin.#buckets = new Float64Array(moments.channels * PLANES);
    transpose(planesOf(moments), PLANES, adwin.#buckets);
    adwin.#sizes = sizesOf(moments.count, adwin.#options.maxBuckets);
    return adwin;
  }

  #insert(value: number): void {
    const at = this.#length++ * PLANES;
    if (at === this.#buckets.length) {
      const longer = new Float64Array(2 * at);
      longer.set(this.#buckets);
      this.#buckets = longer;
    }
    this.#buckets.fill(0, at, at + PLANES);
    this.#buckets[at + COUNT] = 1;
    this.#buckets[at + MEAN] = value;
    this.#sizes[0]!++;
    this.#compress();
  }

  /** Where there is a bucket too many of a size, the two oldest become one of the next. */
  #compress(): void {
    const sizes = this.#sizes;
    let end = this.#length;
    for (let level = 0; sizes[level]! > this.#options.maxBuckets; level++) {
      const oldest = end - sizes[level]!;
      mergeMoments(this.#bucket(oldest, into), this.#bucket(oldest + 1, from), 1);
      this.#buckets.set(into, oldest * PLANES);
      this.#remove(oldest + 1);
      sizes[level]! -= 2;
      sizes[level + 1] = (sizes[level + 1] ?? 0) + 1;
      end = oldest + 1;
    }
  }

  #dropOldest(): void {
    this.#remove(0);
    const last = this.#sizes.length - 1;
    this.#sizes[last]!--;
    while (this.#sizes.length > 1 && this.#sizes.at(-1) === 0) this.#sizes.pop();
  }

  #remove(at: number): void {
    this.#buckets.copyWithin(at * PLANES, (at + 1) * PLANES, this.#length * PLANES);
    this.#length--;
  }

  /** Whether the means before and behind some bucket differ by more than they should. */
  #isCut(): boolean {
    const length = this.#length;
    if (behind.length < length * PLANES) behind = new Float64Array(length * PLANES);
    into.fill(0);
    for (let i = length - 1; i >= 0; i--) {
      mergeMoments(into, this.#bucket(i, from), 1);
      behind.set(into, i * PLANES);
    }
    const bound = this.#bound(into[COUNT]!, into[M2]! / into[COUNT]!);
    into.fill(0);
    for (let i = 0; i < length - 1; i++) {
      mergeMoments(into, this.#bucket(i, from), 1);
      const next = (i + 1) * PLANES;
      const [mean, meanLow] = [behind[next + MEAN]!, behind[next + MEAN_LOW]!];
      const difference = add(into[MEAN]!, into[MEAN_LOW]!, -mean, -meanLow);
      if (Math.abs(difference) > bound(into[COUNT]!, behind[next + COUNT]!)) return true;
    }
    return false;
  }

  /** By how much the means of n0 and n1 values of the window may differ; Infinity where these are too few. */
  #bound(width: number, variance: number): (n0: number, n1: number) => number {
    const { delta, minWindowLength } = this.#options;
    const confidence = Math.log((2 * Math.log(width)) / delta);
    return (n0, n1) => {
      if (n0 < minWindowLength || n1 < minWindowLength) return Infinity;
      const m = 1 / (n0 - minWindowLength + 1) + 1 / (n1 - minWindowLength + 1);
      return Math.sqrt(2 * m * variance * confidence) + (2 / 3) * m * confidence;
    };
  }

  /** A copy of a bucket's statistic. */
  #bucket(i: number, copy: Float64Array): Float64Array {
    for (let plane = 0; plane < PLANES; plane++) copy[plane] = this.#buckets[i * PLANES + plane]!;
    return copy;
  }
}

/** @param rows of the matrix given, row by row */
function transpose(values: Float64Array, rows: number, out: Float64Array): void {
  const columns = values.length / rows;
  for (let i = 0; i < values.length; i++) out[(i % columns) * rows + Math.floor(i / columns)] = values[i]!;
}

/** How many buckets there are of each size. @throws StateError unless they are as they can have come about */
function sizesOf(counts: Float64Array, maxBuckets: number): number[] {
  const sizes: number[] = [];
  counts.forEach((count, i) => {
    const level = Math.log2(count);
    const isNext = Number.isInteger(level) && level >= 0 && (i === 0 || count <= counts[i - 1]!);
    if (!isNext)
      throw new StateError(`Adwin.buckets.count[${i}]`, 'a power of two, at most the one before', count);
    sizes[level] = (sizes[level] ?? 0) + 1;
    if (sizes[level] > maxBuckets)
      throw new StateError(`Adwin.buckets.count[${i}]`, `among at most ${maxBuckets} of a size`, count);
  });
  return Array.from(sizes, (buckets) => buckets ?? 0);
}
