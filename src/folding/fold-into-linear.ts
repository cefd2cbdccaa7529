/**
 * A norm and the Linear layer next to it, as one Linear layer. With the norm's affine of a channel,
 * `(x - center) * scale + shift`, and sums over the inputs i:
 *
 * - the norm after it: `W'[o, i] = W[o, i] * scale[o]`, `b'[o] = (b[o] - center[o]) * scale[o] + shift[o]`
 * - the norm before it: `W'[o, i] = W[o, i] * scale[i]`, `b'[o] = b[o] + Σ (W[o, i] * shift[i] - W'[o, i] * center[i])`
 *
 * The latter takes the folded weights as they were rounded: at the norm's center their roundings then cancel, and the layer
 * is as good at a large offset as it is at none.
 *
 * Source: B. Jacob et al., "Quantization and Training of Neural Networks…", CVPR 2018, arXiv:1712.05877, 3.2.
 */
import type { Affine } from '../affine.js';
import { add, low, multiply } from '../kernels/double-double.js';
import { type Checks, oneOf, settle } from '../options.js';
import { dtypeOf, type FloatArray, type Tensor, zeros } from '../tensor.js';
import {
  affineFor,
  biasOf,
  checkFolded,
  checkWeight,
  type Foldable,
  type Folded,
  foldAfter,
} from './folded.js';

export interface FoldIntoLinearOptions {
  /** Where the norm is: after the layer, or before it, as a scaler of a model's inputs is. `'after'`. */
  readonly norm?: 'after' | 'before';
}

const checks: Checks<FoldIntoLinearOptions> = {
  norm: (value = 'after') => oneOf('norm', value, ['after', 'before']),
};

/**
 * Folds a norm into the Linear layer before it, or after it: one layer with the same outputs, to rounding, and no norm left
 * to compute. Weights and biases are rounded once.
 *
 * A norm before a layer that computes in float32 is better left where it is if features lie far from zero beside their
 * spread: the norm subtracts in float64, the layer would round them first.
 *
 * A missing value (NaN) in what the layer is given reaches all its outputs, as in any layer; the norm's own rule for them is
 * gone with it.
 *
 * @param weight `[out, in]`
 * @param bias shape `[out]`, or null
 * @param norm one affine a channel: of `out` channels after the layer, of `in` channels before it
 * @returns new arrays, in the types that weight and bias have
 * @throws ShapeError if shapes do not fit; OptionError if a value is not finite (a missing one, NaN, too), the folded layer
 *   leaves its type, or an option or the norm cannot be used
 * @example
 * import { BatchNorm, foldIntoLinear, tensor } from 'evenkeel';
 * const scaler = new BatchNorm(2, { eps: 0, runningDdof: 0 });
 * scaler.forward(tensor([20, 1000, 24, 1020], [2, 2])); // means 22 and 1010, sds 2 and 10
 * const weight = tensor([1, 5, 3, -1], [2, 2]); // of the model's first layer, which takes scaled features
 * const layer = foldIntoLinear(weight, null, scaler, { norm: 'before' }); // this one takes them as they come
 * console.log(layer.weight.data, layer.bias); // Float64Array(4) [ 0.5, 0.5, 1.5, -0.1 ] Float64Array(2) [ -516, 68 ]
 */
export function foldIntoLinear(
  weight: Tensor,
  bias: FloatArray | null,
  norm: Foldable,
  options: FoldIntoLinearOptions = {},
): Folded {
  const { norm: where } = settle(checks, options);
  checkWeight(weight, (axes) => axes === 2, '[out, in]');
  const [out, inputs] = weight.shape as [number, number];
  const given = biasOf(bias, weight, out);
  return where === 'after'
    ? foldAfter(weight, given, affineFor(norm, out, 'outputs'), (at) => Math.floor(at / inputs))
    : foldBefore(weight, given, affineFor(norm, inputs, 'inputs'));
}

function foldBefore(weight: Tensor, bias: FloatArray, { scale, shift, center }: Affine): Folded {
  const inputs = weight.shape[1]!;
  const data = zeros(dtypeOf(weight), weight.data.length);
  const folded = bias.map((value, o) => {
    let [high, rest] = [value, 0];
    const plus = (a: number, b: number) => {
      const product = multiply(a, 0, b, 0);
      high = add(high, rest, product, low[0]!);
      rest = low[0]!;
    };
    for (let i = 0; i < inputs; i++) {
      const at = o * inputs + i;
      data[at] = weight.data[at]! * scale[i]!;
      plus(weight.data[at]!, shift[i]!);
      plus(-data[at]!, center[i]!);
    }
    return high;
  });
  return checkFolded({ weight: { data, shape: [...weight.shape] }, bias: folded });
}
