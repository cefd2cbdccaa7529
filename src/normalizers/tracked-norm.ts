/** Norms by the channel that remember: what batches taught is kept as running statistics, to normalize with at test time. */
import type { Affine } from '../affine.js';
import { OptionError } from '../errors.js';
import { wholeFromJSON } from '../json.js';
import { channelCount } from '../options.js';
import { MEAN, VARIANCE } from '../running/location.js';
import { type GivenStatistics, MovingAverage } from '../running/moving-average.js';
import { locationOf, type Running } from '../running/running.js';
import { type Tensor, viewOf } from '../tensor.js';
import type { Output } from '../tensor-pool.js';
import { Norm } from './norm.js';
import type { NormOptions } from './norm-options.js';
import { givenPlacement } from './placement.js';

/** What one remembers. */
export let runningOf: (norm: TrackedNorm<NormOptions>) => Running;

export abstract class TrackedNorm<O extends NormOptions, R extends Running = Running> extends Norm<O> {
  readonly channels: number;
  protected running: R;
  #batches = 0;

  protected constructor(channels: number, options: Required<O>) {
    super(channelCount('channels', channels), options);
    this.channels = channels;
    this.running = this.started();
  }

  static {
    runningOf = (norm) => norm.running;
  }

  /** Running statistics that have learned nothing, by options and channels. (The constructor asks for them before it has more.) */
  protected abstract started(): R;

  /** How many batches have been learned from, in one channel or more. */
  get batches(): number {
    return this.#batches;
  }

  /** The same, as every normalizer that learns tells it. */
  get version(): number {
    return this.#batches;
  }

  /**
   * Rows that were not learned, as they came too late: older than the window (`{ windowMs }`), or 500 half-lives or more before
   * the latest (`{ halfLifeMs }`) in each channel they have values in. A batch is as old as its latest
   * row.
   */
  get late(): number {
    return this.running.late ?? 0;
  }

  /** Forgets the running statistics, as if no batch had come; options, gamma and beta stay. */
  reset(): void {
    this.running = this.started();
    this.#batches = 0;
  }

  /** Mean learned per channel, shape `[C]`; 0 before anything was. A fresh array: it is not written to, nor does writing to it do anything. */
  get runningMean(): Float64Array {
    return this.#located(MEAN);
  }

  /** Variance learned per channel, shape `[C]`; 1 before anything was. A fresh array, as above. */
  get runningVariance(): Float64Array {
    return this.#located(VARIANCE);
  }

  /**
   * Goes on from running statistics that were learned elsewhere. They are averages of batches, so `running` must be
   * `'average'` or `{ momentum }`: what pools knows of rows, which these do not tell.
   * @throws OptionError if it is not, or a value cannot be one; ShapeError if they are of other channels
   */
  setRunning(statistics: GivenStatistics): void {
    if (!(this.running instanceof MovingAverage))
      throw new OptionError(
        'running',
        "'average' or { momentum } for setRunning",
        Object(this.options).running,
      );
    this.#batches = this.running.set(statistics);
  }

  /**
   * Normalizes with the running statistics and learns nothing (test time).
   *
   * @param x `[N, C, …positions]`
   * @param out what the values go into: an array of as many, of the option's `dtype`, or a pool; a fresh one by default
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with, `out` is of another type)
   */
  override infer(x: Tensor, out?: Output): Tensor {
    const view = viewOf(x, this.channels);
    const y = this.output(x, out);
    const sharing = { statistics: view, parameters: view };
    return this.emit(x, sharing, givenPlacement(this.running, this.channels), y, false);
  }

  /**
   * What `infer` is: the affine of the running statistics, gamma and beta.
   * @throws OptionError if gamma or beta is no number to work with
   */
  toAffine(): Affine {
    return this.affineAt(locationOf(this.running, this.channels));
  }

  #located(plane: number): Float64Array {
    return locationOf(this.running, this.channels).slice(plane * this.channels, (plane + 1) * this.channels);
  }

  /** Counts a batch, if any channel learned from it. */
  protected count(learned: boolean): void {
    if (learned) this.#batches++;
  }

  protected own(): object {
    return { channels: this.channels, batches: this.#batches, running: this.running.toJSON() };
  }

  /** Goes on from saved running statistics. @throws StateError */
  protected resume(batches: unknown, running: R): this {
    this.#batches = wholeFromJSON(`${this.kind}.batches`, batches, 0);
    this.running = running;
    return this;
  }
}

/** How many channels a saved state says there are. @throws StateError */
export const savedChannels =
  (kind: string) =>
  (state: Record<string, unknown>): number =>
    wholeFromJSON(`${kind}.channels`, state['channels'], 1);
