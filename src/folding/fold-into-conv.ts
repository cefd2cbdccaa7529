/**
 * A convolution and the norm after it, as one convolution: with the norm's affine of output channel o,
 * `(x - center) * scale + shift`,
 * `W'[o, …] = W[o, …] * scale[o]`, `b'[o] = (b[o] - center[o]) * scale[o] + shift[o]`.
 *
 * Source: B. Jacob et al., "Quantization and Training of Neural Networks…", CVPR 2018, arXiv:1712.05877, 3.2. The layouts of
 * weights are those of PyTorch and ONNX.
 */
import { OptionError } from '../errors.js';
import { type Checks, oneOf, positiveInteger, settle } from '../options.js';
import type { FloatArray, Tensor } from '../tensor.js';
import { affineFor, biasOf, checkWeight, type Foldable, type Folded, foldAfter } from './folded.js';

export interface FoldIntoConvOptions {
  /** Whether it is a transposed convolution, whose weights come input first. false. */
  readonly transposed?: boolean;
  /** How many groups of channels it keeps apart; they divide its inputs and its outputs. 1. */
  readonly groups?: number;
}

const checks: Checks<FoldIntoConvOptions> = {
  transposed: (value = false) => oneOf('transposed', value, [true, false]),
  groups: (value = 1) => positiveInteger('groups', value),
};

/**
 * Folds a norm into the convolution before it, of any kernel rank, stride, padding and dilation: one convolution with the
 * same outputs, to rounding, and no norm left to compute.
 *
 * A missing value (NaN) in what it is given reaches all outputs it takes part in, as in any convolution; the norm's own rule
 * for them is gone with it.
 *
 * A norm *before* a convolution is not folded: where the convolution pads, it pads with zeros after the norm, which are other
 * values before it, so that no weights would do the same along the border.
 *
 * @param weight `[out, in / groups, …kernel]`, of a transposed one `[in, out / groups, …kernel]`
 * @param bias shape `[out]`, or null
 * @param norm one affine a channel, of `out` channels
 * @returns new arrays, in the types that weight and bias have
 * @throws ShapeError if shapes do not fit; OptionError if a value is not finite (a missing one, NaN, too), the folded layer
 *   leaves its type, or an option or the norm cannot be used
 * @example
 * import { BatchNorm, foldIntoConv, tensor } from 'evenkeel';
 * const bn = new BatchNorm(2, { eps: 0, runningDdof: 0 });
 * bn.forward(tensor([8, 3, 12, 7], [2, 2, 1])); // means 10 and 5, sds 2 and 2
 * const { weight, bias } = foldIntoConv(tensor([1, 2, 3, 4, 5, 6], [2, 1, 3]), Float64Array.of(0, 1), bn);
 * console.log(weight.data); // Float64Array(6) [ 0.5, 1, 1.5, 2, 2.5, 3 ]
 * console.log(bias); // Float64Array(2) [ -5, -2 ]
 */
export function foldIntoConv(
  weight: Tensor,
  bias: FloatArray | null,
  norm: Foldable,
  options: FoldIntoConvOptions = {},
): Folded {
  const { transposed, groups } = settle(checks, options);
  const layout = transposed ? '[in, out / groups, …kernel]' : '[out, in / groups, …kernel]';
  checkWeight(weight, (axes) => axes >= 3, layout);
  const [first, second] = weight.shape as [number, number];
  if (first % groups !== 0) {
    throw new OptionError('groups', `a divisor of ${first}, the weight’s first axis`, groups);
  }

  const out = transposed ? second * groups : first;
  const given = biasOf(bias, weight, out);
  const affine = affineFor(norm, out, 'outputs');
  const kernel = weight.data.length / (first * second);
  const outputOf = (at: number): number => {
    const [a, b] = [Math.floor(at / (kernel * second)), Math.floor(at / kernel) % second];
    return transposed ? Math.floor(a / (first / groups)) * second + b : a;
  };
  return foldAfter(weight, given, affine, outputOf);
}
