/** Root mean square normalization: layer normalization that does not subtract the mean. */
import { MEAN, MEAN_LOW, VARIANCE } from '../running/location.js';
import type { Moments } from '../stats/moments.js';
import { MEAN_OF } from './placement.js';
import { restoreTrailing, TrailingNorm } from './trailing-norm.js';

/**
 * `y = x / sqrt(mean(x²) + eps) * gamma + beta` over the last axes of `[…, ...normalizedShape]`, one statistic a sample.
 * (beta stays 0 unless it is written to: PyTorch's, Keras's and ONNX's have none.) It has no memory: `infer` is `forward`.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019, arXiv:1910.07467.
 *
 * @example
 * import { RMSNorm, tensor } from 'evenkeel';
 * const norm = new RMSNorm(2, { eps: 0 });
 * console.log(norm.forward(tensor([5, 5, 1, -1], [2, 2])).data); // Float32Array(4) [ 1, 1, 1, -1 ]
 */
export class RMSNorm extends TrailingNorm {
  protected readonly kind = 'RMSNorm';

  /** About 0, which is given, with the mean square for a variance. */
  protected override place(moments: Moments): Float64Array {
    const own = super.place(moments);
    const c = moments.channels;
    for (let i = 0; i < c; i++) {
      own[VARIANCE * c + i]! += (own[MEAN * c + i]! + own[MEAN_LOW * c + i]!) ** 2;
      own[MEAN * c + i] = own[MEAN_LOW * c + i] = own[MEAN_OF * c + i] = 0;
    }
    return own;
  }

  /** @throws StateError if `json` is not the state of an `RMSNorm`, naming what was expected and what came */
  static fromJSON(json: unknown): RMSNorm {
    return restoreTrailing('RMSNorm', json, RMSNorm);
  }
}
