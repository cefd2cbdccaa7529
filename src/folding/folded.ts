/** What folding takes and gives, whatever the layer: its checks, and how a norm after a layer becomes part of it. */
import { Affine } from '../affine.js';
import { OptionError, ShapeError } from '../errors.js';
import { add, low, multiply } from '../kernels/double-double.js';
import { findNonFinite } from '../kernels/find.js';
import { channelsOf, dtypeOf, type FloatArray, isFloatArray, type Tensor, zeros } from '../tensor.js';

/** A norm that is one affine a channel, the same for every sample: `BatchNorm`, whatever has learned. */
export interface Foldable {
  /** What it does at test time, per channel. */
  toAffine(): Affine;
}

/** A layer that does what the layer and the norm did. */
export interface Folded {
  /** Of the shape and type that the layer's weight has. */
  readonly weight: Tensor;
  /** Shape `[out]`; of the type that the layer's bias has, its weight's if it has none. */
  readonly bias: FloatArray;
}

/** @throws ShapeError if the weight is no tensor of such a rank, OptionError if a value of it is not finite */
export function checkWeight(weight: Tensor, rank: (axes: number) => boolean, expected: string): void {
  channelsOf(weight);
  if (!rank(weight.shape.length)) throw new ShapeError(`a weight ${expected}`, weight.shape);
  checkFinite('weight.data', weight.data);
}

/** The bias, zeros where the layer has none. @throws ShapeError, OptionError */
export function biasOf(bias: FloatArray | null, weight: Tensor, out: number): FloatArray {
  if (bias === null) return zeros(dtypeOf(weight), out);
  if (!isFloatArray(bias)) throw new OptionError('bias', 'a Float32Array, a Float64Array or null', bias);
  if (bias.length !== out) throw new ShapeError(`a bias of ${out} values, the output channels`, bias.length);
  checkFinite('bias', bias);
  return bias;
}

/** The norm's affine, of as many channels as the layer has where the norm is. @throws OptionError, ShapeError */
export function affineFor(norm: Foldable, channels: number, of: string): Affine {
  if (typeof Object(norm).toAffine !== 'function') throw new OptionError('norm', 'one with toAffine()', norm);
  const affine = norm.toAffine();
  if (!(affine instanceof Affine)) throw new OptionError('norm.toAffine()', 'an Affine', affine);
  if (affine.scale.length !== channels) {
    throw new ShapeError(`a norm of ${channels} channels, the layer’s ${of}`, affine.scale.length);
  }
  return affine;
}

/** The layer with the norm that comes after it: `outputOf` says which output channel a value of the weight belongs to. */
export function foldAfter(
  weight: Tensor,
  bias: FloatArray,
  affine: Affine,
  outputOf: (at: number) => number,
): Folded {
  return checkFolded({
    weight: {
      data: weight.data.map((value, at) => value * affine.scale[outputOf(at)]!),
      shape: [...weight.shape],
    },
    bias: bias.map((value, i) => throughNorm(affine, i, value)),
  });
}

/** (bias - center) * scale + shift in channel i: to two words, as at a large offset all but the last digits cancel. */
function throughNorm({ scale, shift, center }: Affine, i: number, bias: number): number {
  if (scale[i] === 0) return shift[i]!;
  const centred = add(bias, 0, -center[i]!, 0);
  const scaled = multiply(centred, low[0]!, scale[i]!, 0);
  return add(scaled, low[0]!, shift[i]!, 0);
}

/** @throws OptionError if a value left what its type holds: infinities are not handed on as weights */
export function checkFolded({ weight, bias }: Folded): Folded {
  const unheld = (name: string, at: number, value: unknown) =>
    new OptionError(`folded ${name}[${at}]`, 'a number that its type holds', value);
  const weightAt = findNonFinite(weight.data);
  if (weightAt >= 0) throw unheld('weight.data', weightAt, weight.data[weightAt]);
  const biasAt = findNonFinite(bias);
  if (biasAt >= 0) throw unheld('bias', biasAt, bias[biasAt]);
  return { weight, bias };
}

function checkFinite(name: string, values: FloatArray): void {
  const at = findNonFinite(values);
  if (at >= 0) throw new OptionError(`${name}[${at}]`, 'a finite number', values[at]);
}
