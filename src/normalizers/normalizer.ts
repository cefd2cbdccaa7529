/** The contract of a normalizer, and the one step they all share: from a statistic to an affine. */
import { Affine } from '../affine.js';
import { finiteValues } from '../options.js';
import type { Location } from '../running/running.js';
import type { Tensor } from '../tensor.js';

export interface Normalizer {
  /** Learns from x, then normalizes it (training). The result may carry more than the tensor, such as its moments. */
  forward(x: Tensor): Tensor;
  /** Normalizes with what has been learned; learns nothing (test time). */
  infer(x: Tensor): Tensor;
  /** Plain JSON; the kind's `fromJSON` continues from it bit for bit. */
  toJSON(): unknown;
}

/** The learnable scale and shift, shape `[C]` each. */
export interface Parameters {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

/** @throws OptionError if a learned scale or shift is no longer a finite number */
export function checkParameters({ gamma, beta }: Parameters): void {
  finiteValues('gamma', gamma);
  finiteValues('beta', beta);
}

/**
 * (x - mean) / sqrt(variance + eps) * gamma + beta as an affine. Its center is the mean's high word; what the low word
 * adds goes into the shift. Without spread (variance + eps = 0, or an infinite variance) there is nothing to scale: the
 * scale is 0, and the channel maps to beta.
 */
export function affineOf(at: Location, eps: number, { gamma, beta }: Parameters): Affine {
  const scale = at.variance.map((variance, i) =>
    variance + eps > 0 ? gamma[i]! / Math.sqrt(variance + eps) : 0,
  );
  const shift = scale.map((value, i) => beta[i]! - at.meanLow[i]! * value);
  return new Affine(scale, shift, at.mean);
}
