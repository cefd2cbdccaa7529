/** Where each feature has been so far, and which values lie too far from it. */
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import { Moments } from '../stats/moments.js';
import { nearMedian } from '../stats/near-median.js';

/** What goes by too many standard deviations from the mean. */
export interface LevelOptions {
  readonly sd: number;
  readonly warmup: number;
  readonly readmit: number;
  /** Learns instead of statistics of its own. */
  readonly scaler: StandardScaler | undefined;
}

/** Who says which values are too far out. */
export type Judge = Pick<Level, 'look' | 'isOutlier' | 'learn'>;

/** None is. */
export const lenient: Judge = { look() {}, isOutlier: () => false, learn() {} };

/**
 * Statistics of what was accepted, a feature by itself. Own ones start from a warm-up, whose values are kept until it is
 * complete: then those that lie apart are left out, as one of them would hide all that come after it.
 *
 * Values too far out are counted while they come in a row: after `readmit` of them they are no outliers, but where the
 * feature is now. That is a new warm-up, which begins with them; a scaler forgets as it says, and what is too far out for it
 * passes until it has caught up, or the feature is back.
 */
export class Level {
  readonly #options: LevelOptions;
  /** Of what was accepted; a scaler's as they are now. */
  #moments: Moments;
  readonly #variance: Float64Array;
  /** How many values a scaler has learned of each feature; some may have faded since. */
  readonly #seen: Float64Array;
  /** The values so far, of each feature whose own statistics have not started. */
  readonly #warmUps: (number[] | undefined)[];
  readonly #outliers: Float64Array;
  /** Of a feature whose last values were too far out: these. */
  readonly #runs: (number[] | undefined)[] = [];
  /** Features that have a new level, if the row at hand is accepted. */
  readonly #moving: Set<number> = new Set();

  constructor(columns: number, options: LevelOptions) {
    this.#options = options;
    this.#moments = options.scaler?.moments ?? new Moments(columns);
    this.#variance = new Float64Array(columns);
    this.#seen = this.#moments.count.slice();
    this.#warmUps = Array.from({ length: columns }, () => (options.scaler ? undefined : []));
    this.#outliers = new Float64Array(columns);
  }

  /** Before the values of a row are judged. */
  look(): void {
    if (this.#options.scaler) this.#moments = this.#options.scaler.moments;
    this.#moments.variance(0, this.#variance);
    this.#moving.clear();
  }

  /** Whether a value is too far out, by what was there before its row. A missing one is not, and breaks no run. */
  isOutlier(column: number, value: number): boolean {
    if (Number.isNaN(value)) return false;
    if (!this.#isFar(column, value)) {
      this.#outliers[column] = 0;
      this.#runs[column] = undefined;
      return false;
    }
    const { readmit, scaler } = this.#options;
    this.#outliers[column]!++;
    if (this.#outliers[column]! < readmit) {
      if (!scaler && readmit !== Infinity) {
        this.#runs[column] ??= [];
        this.#runs[column].push(value);
      }
      return true;
    }
    if (!scaler) this.#moving.add(column);
    return false;
  }

  #isFar(column: number, value: number): boolean {
    const { sd, warmup, scaler } = this.#options;
    const isKnown = scaler ? this.#seen[column]! >= warmup : this.#warmUps[column] === undefined;
    const variance = this.#variance[column]!;
    const deviation = value - this.#moments.mean[column]! - this.#moments.meanLow[column]!;
    // Without spread there is nothing to go by.
    return isKnown && variance > 0 && Math.abs(deviation) > sd * Math.sqrt(variance);
  }

  /** Takes in an accepted row; what was put aside is NaN. */
  learn(row: Float64Array): void {
    const { scaler } = this.#options;
    if (scaler) {
      scaler.update(row);
      for (let i = 0; i < row.length; i++) if (!Number.isNaN(row[i])) this.#seen[i]!++;
      return;
    }
    for (const column of this.#moving) {
      this.#warmUps[column] = this.#runs[column] ?? [];
      this.#outliers[column] = 0;
      this.#runs[column] = undefined;
    }
    this.#moments.update(this.#warmUp(row));
  }

  /** Keeps what is of a warm-up. @returns the rest of the row */
  #warmUp(row: Float64Array): Float64Array {
    let rest = row;
    let starting: Map<number, readonly number[]> | undefined;
    for (let i = 0; i < row.length; i++) {
      const values = this.#warmUps[i];
      if (values === undefined || Number.isNaN(row[i])) continue;
      if (rest === row) rest = row.slice();
      rest[i] = Number.NaN;
      values.push(row[i]!);
      if (values.length < Math.max(2, this.#options.warmup)) continue; // one has no spread
      const near = nearMedian(values, this.#options.sd);
      if (near.every((value) => value === near[0])) values.length = 0;
      else {
        starting ??= new Map();
        starting.set(i, near);
      }
    }
    if (starting) this.#start(starting);
    return rest;
  }

  /** Statistics of features start anew, from these values. */
  #start(starting: ReadonlyMap<number, readonly number[]>): void {
    const row = new Float64Array(this.#moments.channels).fill(1);
    let longest = 0;
    for (const [column, values] of starting) {
      row[column] = 0;
      longest = Math.max(longest, values.length);
      this.#warmUps[column] = undefined;
    }
    this.#moments.decay(row);
    row.fill(Number.NaN);
    for (let k = 0; k < longest; k++) {
      for (const [column, values] of starting) row[column] = values[k] ?? Number.NaN;
      this.#moments.update(row);
    }
  }
}
