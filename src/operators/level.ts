/** Where each feature has been so far, and which values lie too far from it. */
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import { Moments } from '../stats/moments.js';

/** What goes by too many standard deviations from the mean. */
export interface LevelOptions {
  readonly sd: number;
  readonly warmup: number;
  readonly readmit: number;
  /** Learns instead of statistics of its own. */
  readonly scaler: StandardScaler | undefined;
}

/**
 * Statistics of what was accepted, a feature by itself. Values too far out are counted while they come in a row: after
 * `readmit` of them they are no outliers, but where the feature is now. Then own statistics start anew from that run; those
 * of a scaler forget as it says, and what is too far out for it passes until it has caught up, or the feature is back.
 */
export class Level {
  readonly #options: LevelOptions;
  /** Of what was accepted; a scaler's as they are now. */
  #moments: Moments;
  /** Values learned of each feature; those of a scaler may have faded since. */
  readonly #seen: Float64Array;
  readonly #variance: Float64Array;
  readonly #outliers: Float64Array;
  /** Features that have a new level, if the row at hand is accepted. */
  readonly #moving: Set<number> = new Set();
  /** Of a feature whose last values were too far out: these. */
  readonly #runs: (Moments | undefined)[];

  constructor(columns: number, options: LevelOptions) {
    this.#options = options;
    this.#moments = options.scaler?.moments ?? new Moments(columns);
    this.#seen = this.#moments.count.slice();
    this.#variance = new Float64Array(columns);
    this.#outliers = new Float64Array(columns);
    this.#runs = [];
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
    const { sd, warmup, readmit, scaler } = this.#options;
    const variance = this.#variance[column]!;
    const deviation = value - this.#moments.mean[column]! - this.#moments.meanLow[column]!;
    const isFar =
      this.#seen[column]! >= warmup &&
      variance > 0 && // without spread there is nothing to go by
      Math.abs(deviation) > sd * Math.sqrt(variance);
    if (!isFar) {
      this.#outliers[column] = 0;
      this.#runs[column] = undefined;
      return false;
    }
    this.#outliers[column]!++;
    if (this.#outliers[column]! < readmit) {
      if (!scaler) this.#learnRun(column, value);
      return true;
    }
    if (!scaler) this.#moving.add(column);
    return false;
  }

  /** Takes in an accepted row; what was put aside is NaN. */
  learn(row: Float64Array): void {
    for (const column of this.#moving) this.#restart(column);
    (this.#options.scaler ?? this.#moments).update(row);
    for (let i = 0; i < row.length; i++) if (!Number.isNaN(row[i])) this.#seen[i]!++;
  }

  #learnRun(column: number, value: number): void {
    if (this.#options.readmit === Infinity) return;
    this.#runs[column] ??= new Moments(this.#moments.channels);
    this.#runs[column].update(this.#alone(column, value, Number.NaN));
  }

  #restart(column: number): void {
    const run = this.#runs[column];
    this.#moments.decay(this.#alone(column, 0, 1));
    if (run) this.#moments.merge(run);
    this.#seen[column] = this.#moments.count[column]!;
    this.#outliers[column] = 0;
    this.#runs[column] = undefined;
  }

  #alone(column: number, value: number, others: number): Float64Array {
    return new Float64Array(this.#moments.channels).fill(others).fill(value, column, column + 1);
  }
}
