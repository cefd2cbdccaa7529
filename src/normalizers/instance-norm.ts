/** Instance normalization: one statistic a sample and channel. */
import type { Affine } from '../affine.js';
import { OptionError, ShapeError } from '../errors.js';
import { type Checks, numberBetween, oneOf, settle } from '../options.js';
import { LOCATION_PLANES, MEAN, MEAN_LOW, VARIANCE } from '../running/location.js';
import { type GivenStatistics, MovingAverage } from '../running/moving-average.js';
import { Moments } from '../stats/moments.js';
import { type Tensor, tensor, type View, viewOf } from '../tensor.js';
import type { Output } from '../tensor-pool.js';
import type { Sharing } from './gradient.js';
import { restore } from './norm.js';
import { type NormOptions, normChecks } from './norm-options.js';
import { savedChannels, TrackedNorm } from './tracked-norm.js';

export interface InstanceNormOptions extends NormOptions {
  /** Whether gamma and beta are learnable; false here, as PyTorch's. */
  readonly affine?: boolean;
  /** Whether `forward` keeps running statistics for `infer` to normalize with; false. */
  readonly trackRunningStats?: boolean;
  /** Of the running statistics, from 0 to 1: the weight of the *new*; 0.1. */
  readonly momentum?: number;
}

const channelsOf = savedChannels('InstanceNorm');

const checks: Checks<InstanceNormOptions> = {
  ...normChecks,
  affine: (value = false) => normChecks.affine(value),
  trackRunningStats: (value = false) => oneOf('trackRunningStats', value, [true, false]),
  momentum: (value = 0.1) => numberBetween('momentum', value, 0, 1),
};

/** The options with their defaults. @throws OptionError naming the one that cannot be used */
export const instanceNormOptions = (given: InstanceNormOptions): Required<InstanceNormOptions> =>
  settle(checks, given);

/**
 * Instance normalization of `[N, C, …positions]`: each channel of each sample by the mean and biased variance of its own
 * positions, of which there must be two or more.
 *
 * With `trackRunningStats`, `forward` also averages the samples' means and unbiased variances into running ones, which
 * `infer` normalizes with, channel by channel, as PyTorch's; `infer` is `forward` without.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance Normalization", 2016, arXiv:1607.08022.
 *
 * @example
 * import { InstanceNorm, tensor } from 'evenkeel';
 * const norm = new InstanceNorm(2, { eps: 0 });
 * console.log(norm.forward(tensor([1, 3, 500, 100], [1, 2, 2])).data); // Float32Array(4) [ -1, 1, 1, -1 ]
 */
export class InstanceNorm extends TrackedNorm<InstanceNormOptions, MovingAverage> {
  protected readonly kind = 'InstanceNorm';

  /** @throws OptionError naming the option that cannot be used */
  constructor(channels: number, options: InstanceNormOptions = {}) {
    super(channels, instanceNormOptions(options));
  }

  protected override started(): MovingAverage {
    return new MovingAverage(this.channels, 1, this.options.momentum);
  }

  /** As `BatchNorm`'s. @throws OptionError also if nothing is tracked */
  override setRunning(statistics: GivenStatistics): void {
    this.#tracked('setRunning');
    super.setRunning(statistics);
  }

  /** What `infer` is where statistics are tracked. @throws OptionError also if they are not: each sample has its own then */
  override toAffine(): Affine {
    this.#tracked('toAffine');
    return super.toAffine();
  }

  /**
   * Normalizes with each sample's own statistics, having learned from them where they are tracked.
   * @param x `[N, C, …positions]`, two positions or more
   * @param out what the values go into: an array of as many, of the option's `dtype`, or a pool; a fresh one by default
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with, `out` is of another type);
   *   nothing is learned then
   */
  override forward(x: Tensor, out?: Output): Tensor {
    const sharing = this.sharing(x);
    const y = this.output(x, out);
    const moments = this.measure(x, sharing);
    if (this.options.trackRunningStats) this.count(this.#learn(moments, sharing.parameters));
    return this.emit(x, sharing, this.place(moments), y, true);
  }

  /**
   * Normalizes with the running statistics where they are tracked (test time), else with each sample's own.
   * @param x `[N, C, …positions]`; two positions or more where nothing is tracked
   * @param out,throws as above
   */
  override infer(x: Tensor, out?: Output): Tensor {
    return this.options.trackRunningStats ? super.infer(x, out) : this.forward(x, out);
  }

  protected sharing(x: Tensor): Sharing {
    const parameters = viewOf(x, this.channels);
    const { n, c, l } = parameters;
    // One value has no spread: all would come out as beta, and nobody would be told.
    if (l < 2) throw new ShapeError(`a tensor [N, ${c}, …] of two positions or more`, x.shape);
    return { statistics: { n: 1, c: n * c, l }, parameters };
  }

  /** @throws StateError if `json` is not the state of an `InstanceNorm`, naming what was expected and what came */
  static fromJSON(json: unknown): InstanceNorm {
    return restore('InstanceNorm', checks, json, channelsOf, (state, options) => {
      const norm = new InstanceNorm(channelsOf(state), options);
      const running = MovingAverage.fromJSON(state['running'], norm.channels, 1, options.momentum);
      return norm.resume(state['batches'], running);
    });
  }

  #tracked(method: string): void {
    if (!this.options.trackRunningStats)
      throw new OptionError('trackRunningStats', `true for ${method}`, false);
  }

  /** Averages over the samples that have a variance. */
  #learn(moments: Moments, { n, c }: View): boolean {
    const { count } = moments;
    const average = (values: Float64Array): Moments => {
      const over = new Moments(c);
      over.updateBatch(tensor(values, [n, c]));
      return over;
    };
    const means = average(moments.mean.map((mean, i) => (count[i]! > 1 ? mean : Number.NaN)));
    const variances = average(moments.variance(1).map((variance) => Math.min(variance, Number.MAX_VALUE)));
    const location = new Float64Array(LOCATION_PLANES * c);
    location.set(means.mean, MEAN * c);
    location.set(means.meanLow, MEAN_LOW * c);
    location.set(variances.mean, VARIANCE * c);
    return this.running.average(location, (i) => means.count[i]! > 0);
  }
}
