/** The contract of a normalizer, and the one step they all share: from a statistic to an affine. */
import { Affine } from '../affine.js';
import { MEAN, MEAN_LOW, VARIANCE } from '../running/location.js';
import type { Tensor } from '../tensor.js';
import type { Output } from '../tensor-pool.js';
import type { Parameters } from './parameters.js';

export interface Normalizer {
  /**
   * Learns from x, then normalizes it (training). The result may carry more than the tensor, such as its moments.
   * @param out what the values go into, or the pool it is taken from; a fresh array by default
   */
  forward(x: Tensor, out?: Output): Tensor;
  /** Normalizes with what has been learned; learns nothing (test time). `out` as above. */
  infer(x: Tensor, out?: Output): Tensor;
  /** Plain JSON; the kind's `fromJSON` continues from it bit for bit. */
  toJSON(): unknown;
  /** How much has been learned, in batches or rows, if it learns: what was made of it holds for as long as this stays. Saved. */
  readonly version?: number;
  /** Forgets what has been learned, if it learns. */
  reset?(): void;
}

/** What becomes of a NaN: it is refused, it stays one, or it is taken for the mean. */
export type Missing = 'error' | 'keep' | 'mean';

/**
 * (x - mean) / sqrt(variance + eps) * gamma + beta as an affine, into planes: center, scale, shift; without parameters, the
 * part before gamma and beta. Its center is the mean's high word; what the low word adds goes into the shift. Without spread
 * (variance + eps = 0, or an infinite variance) there is nothing to scale: the scale is 0, and the channel maps to beta.
 */
export function placeAffine(
  location: Float64Array,
  c: number,
  eps: number,
  parameters: Parameters | undefined,
  into: Float64Array,
): void {
  for (let i = 0; i < c; i++) {
    const spread = location[VARIANCE * c + i]! + eps;
    const scale = spread > 0 ? (parameters ? parameters.gamma[i]! : 1) / Math.sqrt(spread) : 0;
    const rest = location[MEAN_LOW * c + i]! * scale;
    const beta = parameters ? parameters.beta[i]! : 0;
    into[i] = location[MEAN * c + i]!;
    into[c + i] = scale;
    into[2 * c + i] = Math.abs(rest) < Infinity ? beta - rest : beta; // beyond float64, as all but the center itself is
  }
}

/** The same as an `Affine`. */
export function affineOf(location: Float64Array, c: number, eps: number, parameters?: Parameters): Affine {
  const planes = new Float64Array(3 * c);
  placeAffine(location, c, eps, parameters, planes);
  return new Affine(planes.subarray(c, 2 * c), planes.subarray(2 * c), planes.subarray(0, c));
}
