/** The contract of a normalizer, and the one step they all share: from a statistic to an affine. */
import { Affine } from '../affine.js';
import { OptionError } from '../errors.js';
import { findInfinite, findNonFinite } from '../kernels/find.js';
import type { Location } from '../running/running.js';
import { sampleErrorAt, type Tensor, type View } from '../tensor.js';

export interface Normalizer {
  /** Learns from x, then normalizes it (training). The result may carry more than the tensor, such as its moments. */
  forward(x: Tensor): Tensor;
  /** Normalizes with what has been learned; learns nothing (test time). */
  infer(x: Tensor): Tensor;
  /** Plain JSON; the kind's `fromJSON` continues from it bit for bit. */
  toJSON(): unknown;
}

/** What becomes of a NaN: it is refused, it stays one, or it is taken for the mean. */
export type Missing = 'error' | 'keep' | 'mean';

/** Refuses what must not be learned from, before anything is. @throws SampleError naming row and channel of the view */
export function checkValues(x: Tensor, view: View, missing: Missing): void {
  const at = missing === 'error' ? findNonFinite(x.data) : findInfinite(x.data);
  if (at >= 0) throw sampleErrorAt(x, view, at);
}

/** The learnable scale and shift, shape `[C]` each. */
export interface Parameters {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

/** Far beyond any use, and small enough that no scale overflows: 1e100 over the root of the least variance is finite. */
const LARGEST = 1e100;

/** @throws OptionError if a learned scale or shift is no longer a number to work with */
export function checkParameters(parameters: Parameters): void {
  for (const name of ['gamma', 'beta'] as const) {
    const values = parameters[name];
    const at = values.findIndex((value) => !(Math.abs(value) <= LARGEST));
    if (at >= 0) throw new OptionError(`${name}[${at}]`, 'a finite number from -1e100 to 1e100', values[at]);
  }
}

/**
 * (x - mean) / sqrt(variance + eps) * gamma + beta as an affine; without parameters, the part before gamma and beta. Its
 * center is the mean's high word; what the low word adds goes into the shift. Without spread (variance + eps = 0, or an
 * infinite variance) there is nothing to scale: the scale is 0, and the channel maps to beta.
 */
export function affineOf(at: Location, eps: number, parameters?: Parameters): Affine {
  const scale = at.variance.map((variance, i) =>
    variance + eps > 0 ? (parameters?.gamma[i] ?? 1) / Math.sqrt(variance + eps) : 0,
  );
  const shift = scale.map((value, i) => {
    const rest = at.meanLow[i]! * value;
    const beta = parameters?.beta[i] ?? 0;
    return Math.abs(rest) < Infinity ? beta - rest : beta; // beyond float64, as all but the center itself is
  });
  return new Affine(scale, shift, at.mean);
}
