/** Batch normalization: one statistic a channel, shared by all samples and positions of a minibatch. */
import { numbersFromJSON, numbersToJSON, wholeFromZero } from '../json.js';
import { LOCATION_PLANES } from '../running/location.js';
import { locationOf, type Running } from '../running/running.js';
import { startRunning } from '../running/running-mode.js';
import type { Moments } from '../stats/moments.js';
import { type Tensor, viewOf } from '../tensor.js';
import type { Output } from '../tensor-pool.js';
import { latestOf } from '../times.js';
import { type BatchNormOptions, batchNormChecks, batchNormOptions } from './batch-norm-options.js';
import type { Gradients, Sharing } from './gradient.js';
import { restore } from './norm.js';
import { MEAN_OF, VARIANCE_OF } from './placement.js';
import {
  type Correction,
  checkRenormLimits,
  corrected,
  correctionOf,
  type RenormClips,
  type RenormLimits,
  uncorrected,
} from './renorm.js';
import { savedChannels, TrackedNorm } from './tracked-norm.js';

const channelsOf = savedChannels('BatchNorm');

const noClips = (channels: number): RenormClips => ({
  r: new Float64Array(channels),
  d: new Float64Array(channels),
});

/** A normalized batch, with the statistics of the batch it came from. */
export interface BatchNormalized extends Tensor {
  /** Of this batch alone, before it was normalized. */
  readonly moments: Moments;
}

/**
 * Batch normalization of `[N, C, …positions]`, channels on axis 1, rank 2 and up:
 * `y = (x - mean) / sqrt(variance + eps) * gamma + beta`, with mean and biased variance (ddof 0) per channel, of the
 * batch in `forward`, of what has been learned in `infer`.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167.
 *
 * @example
 * import { BatchNorm, tensor } from 'evenkeel';
 * const bn = new BatchNorm(1, { eps: 0 });
 * console.log(bn.forward(tensor([1, 3], [2, 1])).data); // Float32Array(2) [ -1, 1 ]
 * console.log(bn.runningMean[0], bn.runningVariance[0]); // 2 2
 * console.log(bn.infer(tensor([2], [1, 1])).data); // Float32Array(1) [ 0 ]
 */
export class BatchNorm extends TrackedNorm<BatchNormOptions> {
  protected readonly kind = 'BatchNorm';
  /** From the first batch that is corrected on. */
  #clips: RenormClips | undefined;
  /** Of the last pass. */
  #correction: Correction | undefined;

  /** @throws OptionError naming the option that cannot be used */
  constructor(channels: number, options: BatchNormOptions = {}) {
    const settled = batchNormOptions(options);
    super(channels, settled);
  }

  /**
   * In how many batches the correction of a channel was clipped, with `renorm`, whatever the limits were then; shape `[C]` each,
   * fresh arrays.
   */
  get renormClips(): RenormClips {
    const { r, d } = this.#clips ?? noClips(this.channels);
    return { r: r.slice(), d: d.slice() };
  }

  /** Other limits for the batches to come: the paper starts with rMax 1 and dMax 0, and relaxes them. @throws OptionError */
  setRenorm(limits: RenormLimits | false): void {
    this.revise({ renorm: checkRenormLimits(limits) });
  }

  /**
   * Learns from a batch, then normalizes it with its own statistics (training).
   *
   * A channel with fewer than `minValues` values in the batch is normalized with the running statistics, which have learned
   * from them by then (a single value has no variance, and teaches an average of batches nothing).
   *
   * @param x `[N, C, …positions]`, with the event times of its samples as `times` where `running` goes by them
   * @param out what the values go into: an array of as many, of the option's `dtype`, or a pool; a fresh one by default
   * @returns the same shape, in the option's `dtype`, with the batch's `moments`
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with, `out` is of another type, there are
   *   no `times`); nothing is learned then
   */
  override forward(x: Tensor, out?: Output): BatchNormalized {
    const sharing = this.sharing(x);
    const into = this.output(x, out);
    const time = this.running.byTime ? latestOf(x) : undefined;
    const moments = this.measure(x, sharing);
    const correction = this.#correct(moments); // by what was learned before
    this.count(this.running.learn(moments, sharing.statistics.n, this.options.minValues, time));
    const parameters = correction && corrected(this.parameters, correction);
    const { data, shape } = this.emit(x, sharing, this.place(moments), into, true, parameters);
    this.#correction = correction;
    return { data, shape, moments };
  }

  override infer(x: Tensor, out?: Output): Tensor {
    const y = super.infer(x, out);
    this.#correction = undefined;
    return y;
  }

  override reset(): void {
    super.reset();
    this.#clips = undefined;
  }

  protected override started(): Running {
    const { running, runningDdof } = this.options;
    return startRunning(running, this.channels, runningDdof);
  }

  override backward(dy: Tensor): Gradients {
    const gradients = super.backward(dy);
    return this.#correction ? uncorrected(gradients, this.#correction) : gradients;
  }

  protected sharing(x: Tensor): Sharing {
    const view = viewOf(x, this.channels);
    return { statistics: view, parameters: view };
  }

  /** By its own statistics; a channel with too few values by the running ones. */
  protected override place(moments: Moments): Float64Array {
    const own = super.place(moments);
    const { minValues } = this.options;
    const c = this.channels;
    let running: Float64Array | undefined;
    for (let i = 0; i < c; i++) {
      if (own[MEAN_OF * c + i]! >= minValues) continue;
      running ??= locationOf(this.running, c);
      for (let at = i; at < LOCATION_PLANES * c; at += c) own[at] = running[at]!;
      own[MEAN_OF * c + i] = own[VARIANCE_OF * c + i] = 0;
    }
    return own;
  }

  protected override own(): object {
    const { r, d } = this.renormClips;
    return { ...super.own(), renormClips: { r: numbersToJSON(r), d: numbersToJSON(d) } };
  }

  /** @throws StateError if `json` is not the state of a `BatchNorm`, naming what was expected and what came */
  static fromJSON(json: unknown): BatchNorm {
    return restore('BatchNorm', batchNormChecks, json, channelsOf, (state, options) => {
      const bn = new BatchNorm(channelsOf(state), options);
      const { running, runningDdof } = options;
      const saved = Object(state['renormClips']);
      const clipsOf = (of: 'r' | 'd'): Float64Array =>
        numbersFromJSON(`BatchNorm.renormClips.${of}`, saved[of], bn.channels, wholeFromZero);
      const clips = { r: clipsOf('r'), d: clipsOf('d') };
      if ([...clips.r, ...clips.d].some((count) => count > 0)) bn.#clips = clips;
      return bn.resume(
        state['batches'],
        startRunning(running, bn.channels, runningDdof, state['running'] ?? null),
      );
    });
  }

  #correct(moments: Moments): Correction | undefined {
    const { renorm, eps, minValues } = this.options;
    if (!renorm) return undefined;
    this.#clips ??= noClips(this.channels);
    const running = locationOf(this.running, this.channels);
    const corrects = (i: number): boolean => this.running.tells(i) && moments.count[i]! >= minValues;
    return correctionOf(super.place(moments), running, this.channels, eps, renorm, corrects, this.#clips);
  }
}
