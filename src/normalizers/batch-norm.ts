/** Batch normalization: one statistic a channel, shared by all samples and positions of a minibatch. */
import type { Affine } from '../affine.js';
import { anyNumber, numbersFromJSON, numbersToJSON, stateOf, wholeFromJSON } from '../json.js';
import { fillMissing } from '../kernels/apply.js';
import { findInfinite, findNonFinite } from '../kernels/find.js';
import { channelCount } from '../options.js';
import type { Location, Running } from '../running/running.js';
import { startRunning } from '../running/running-mode.js';
import { Moments } from '../stats/moments.js';
import { sampleErrorAt, type Tensor, type View, viewOf } from '../tensor.js';
import { type BatchNormOptions, batchNormOptions, savedOptions } from './batch-norm-options.js';
import { affineOf, checkParameters, type Normalizer, type Parameters } from './normalizer.js';

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
export class BatchNorm implements Normalizer {
  readonly channels: number;
  /** Learnable scale, shape `[C]`, ones at first: write to it, from -1e100 to 1e100. Not used with `affine: false`. */
  readonly gamma: Float64Array;
  /** Learnable shift, shape `[C]`, zeros at first: write to it, from -1e100 to 1e100. Not used with `affine: false`. */
  readonly beta: Float64Array;
  readonly #options: Required<BatchNormOptions>;
  /** The learnable ones, or, with `affine: false`, ones and zeros of its own. */
  readonly #parameters: Parameters;
  #running: Running;
  #batches = 0;

  /** @throws OptionError naming the option that cannot be used */
  constructor(channels: number, options: BatchNormOptions = {}) {
    this.channels = channelCount('channels', channels);
    this.#options = batchNormOptions(options);
    this.gamma = new Float64Array(channels).fill(1);
    this.beta = new Float64Array(channels);
    this.#parameters = this.#options.affine ? this : { gamma: this.gamma.slice(), beta: this.beta.slice() };
    this.#running = startRunning(this.#options.running, channels, this.#options.runningDdof);
  }

  /** How many batches have been learned from, in one channel or more. */
  get batches(): number {
    return this.#batches;
  }

  /** Mean learned per channel, shape `[C]`; 0 before anything was. A fresh array: it is not written to, nor does writing to it do anything. */
  get runningMean(): Float64Array {
    return this.#running.location().mean;
  }

  /** Variance learned per channel, shape `[C]`; 1 before anything was. A fresh array, as above. */
  get runningVariance(): Float64Array {
    return this.#running.location().variance;
  }

  /**
   * Learns from a batch, then normalizes it with its own statistics (training).
   *
   * A channel with fewer than `minValues` values in the batch is normalized with the running statistics, which have learned
   * from them by then (a single value has no variance, and teaches an average of batches nothing).
   *
   * @param x `[N, C, …positions]`
   * @returns the same shape, in the option's `dtype`, with the batch's `moments`
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with); nothing is learned then
   */
  forward(x: Tensor): BatchNormalized {
    const view = this.#check(x);
    checkParameters(this.#parameters);
    const moments = new Moments(this.channels);
    moments.updateBatch(x);
    if (this.#running.learn(moments, view.n, this.#options.minValues)) this.#batches++;
    return { ...this.#emit(x, view, this.#affine(this.#locate(moments))), moments };
  }

  /**
   * Normalizes with the running statistics and learns nothing (test time).
   *
   * @param x `[N, C, …positions]`
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with)
   */
  infer(x: Tensor): Tensor {
    return this.#emit(x, this.#check(x), this.toAffine());
  }

  /**
   * What `infer` is: the affine of the running statistics, gamma and beta.
   * @throws OptionError if gamma or beta is no number to work with
   */
  toAffine(): Affine {
    checkParameters(this.#parameters);
    return this.#affine(this.#running.location());
  }

  /** Plain JSON; `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    return {
      kind: 'BatchNorm',
      version: 1,
      channels: this.channels,
      options: structuredClone(this.#options),
      batches: this.#batches,
      gamma: numbersToJSON(this.gamma),
      beta: numbersToJSON(this.beta),
      running: this.#running.toJSON(),
    };
  }

  /** @throws StateError if `json` is not the state of a `BatchNorm`, naming what was expected and what came */
  static fromJSON(json: unknown): BatchNorm {
    const state = stateOf('BatchNorm', 1, json);
    const channels = wholeFromJSON('BatchNorm.channels', state['channels'], 1);
    const gamma = numbersFromJSON('BatchNorm.gamma', state['gamma'], channels, anyNumber);
    const beta = numbersFromJSON('BatchNorm.beta', state['beta'], channels, anyNumber);
    const bn = new BatchNorm(channels, savedOptions(state['options']));
    const { running, runningDdof } = bn.#options;
    bn.#batches = wholeFromJSON('BatchNorm.batches', state['batches'], 0);
    bn.gamma.set(gamma);
    bn.beta.set(beta);
    bn.#running = startRunning(running, channels, runningDdof, state['running'] ?? null);
    return bn;
  }

  /** Refuses what must not be learned from, before anything is. */
  #check(x: Tensor): View {
    const view = viewOf(x, this.channels);
    const at = this.#options.missing === 'error' ? findNonFinite(x.data) : findInfinite(x.data);
    if (at >= 0) throw sampleErrorAt(x, view, at);
    return view;
  }

  /** Where a batch lies: by its own statistics, a channel with too few values by the running ones. */
  #locate(batch: Moments): Location {
    const { count } = batch;
    const at = { mean: batch.mean.slice(), meanLow: batch.meanLow.slice(), variance: batch.variance() };
    if (count.every((values) => values >= this.#options.minValues)) return at;
    const running = this.#running.location();
    count.forEach((values, i) => {
      if (values >= this.#options.minValues) return;
      for (const part of ['mean', 'meanLow', 'variance'] as const) at[part][i] = running[part][i]!;
    });
    return at;
  }

  #affine(at: Location): Affine {
    return affineOf(at, this.#options.eps, this.#parameters);
  }

  #emit(x: Tensor, { n, c, l }: View, affine: Affine): Tensor {
    const y = affine.apply(x, this.#options.dtype);
    if (this.#options.missing === 'mean') fillMissing(y.data, n, c, l, this.#parameters.beta);
    return y;
  }
}
