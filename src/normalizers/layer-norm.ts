/** Layer normalization: one statistic a sample, shared by all its values. */
import { restoreTrailing, TrailingNorm } from './trailing-norm.js';

/**
 * Layer normalization over the last axes of `[…, ...normalizedShape]`, as PyTorch's: what lies before them are samples, each
 * normalized by its own mean and biased variance, then scaled and shifted value by value. To normalize `[N, C, L]` by the
 * sample, `normalizedShape` is `[C, L]`. It has no memory: `infer` is `forward`. A sample of one value maps to beta.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", 2016, arXiv:1607.06450.
 *
 * @example
 * import { LayerNorm, tensor } from 'evenkeel';
 * const ln = new LayerNorm(2, { eps: 0 });
 * console.log(ln.forward(tensor([1, 3, 500, 100], [2, 2])).data); // Float32Array(4) [ -1, 1, 1, -1 ]
 */
export class LayerNorm extends TrailingNorm {
  protected readonly kind = 'LayerNorm';

  /** @throws StateError if `json` is not the state of a `LayerNorm`, naming what was expected and what came */
  static fromJSON(json: unknown): LayerNorm {
    return restoreTrailing('LayerNorm', json, LayerNorm);
  }
}
