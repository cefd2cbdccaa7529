/** y = (x - center) * scale + shift, per channel: what every normalizer comes down to. */
import { NotInvertibleError, OptionError, ShapeError } from './errors.js';
import { applyAffine } from './kernels/apply.js';
import { add, low, multiply } from './kernels/double-double.js';
import { findNonFinite } from './kernels/find.js';
import { oneOf } from './options.js';
import { type DType, dtypeOf, type FloatArray, isFloatArray, type Tensor, viewOf, zeros } from './tensor.js';

/** @returns how many there are */
function checkFinite(name: string, values: FloatArray, channels: number): number {
  if (!isFloatArray(values)) throw new OptionError(name, 'a Float32Array or Float64Array', values);
  if (values.length !== channels || channels === 0) {
    throw new ShapeError(`${name} of as many channels as the scale has, at least one`, values.length);
  }
  const bad = findNonFinite(values);
  if (bad >= 0) throw new OptionError(`${name}[${bad}]`, 'a finite number', values[bad]);
  return channels;
}

/**
 * An affine map of each channel: `y = (x - center) * scale + shift`.
 *
 * The center is subtracted first, in float64: `x * scale + shift` alone cancels its digits away when the offset is large
 * beside the spread (2e-4 of an sd at epoch milliseconds). Missing values (NaN) stay missing.
 *
 * @example
 * import { Affine, tensor } from 'evenkeel';
 * // a thermometer's volts to degrees: 0.5 V is 0 °C, and 1 V is 100 °C more
 * const celsius = new Affine(Float64Array.of(100), Float64Array.of(0), Float64Array.of(0.5));
 * console.log(celsius.apply(tensor([0.5, 0.75], [2, 1])).data); // Float64Array(2) [ 0, 25 ]
 * console.log(celsius.invert().apply(tensor([25], [1, 1])).data); // Float64Array(1) [ 0.75 ]
 */
export class Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  readonly center: Float64Array;
  /** Of all three: center, scale, shift. */
  readonly #planes: Float64Array;

  /**
   * @param scale shape `[C]`, copied
   * @param shift shape `[C]`, copied
   * @param center shape `[C]`, copied; zeros by default
   * @throws ShapeError if their lengths differ, OptionError if a value is not finite
   */
  constructor(scale: FloatArray, shift: FloatArray, center?: FloatArray) {
    const channels = checkFinite('scale', scale, scale?.length);
    checkFinite('shift', shift, channels);
    if (center !== undefined) checkFinite('center', center, channels);
    this.#planes = new Float64Array(3 * channels);
    const [centers, scales, shifts] = [0, 1, 2].map((i) =>
      this.#planes.subarray(i * channels, (i + 1) * channels),
    );
    this.center = centers!;
    this.scale = scales!;
    this.shift = shifts!;
    if (center !== undefined) this.center.set(center);
    this.scale.set(scale);
    this.shift.set(shift);
  }

  /**
   * Maps every value; computed in float64 whatever the types.
   *
   * @param x `[N, C, …positions]`
   * @param dtype of the result, where a value beyond float32 is an infinity; that of `x` by default
   * @throws ShapeError if `x` is no tensor, or of other channels; OptionError if `dtype` is none
   */
  apply(x: Tensor, dtype?: DType): Tensor {
    const { n, c, l } = viewOf(x, this.scale.length);
    const data = zeros(oneOf('dtype', dtype ?? dtypeOf(x), ['float32', 'float64']), x.data.length);
    applyAffine(x.data, n, c, l, this.#planes, data, false);
    return { data, shape: [...x.shape] };
  }

  /** Itself, as norms and scalers give theirs: so it folds as they do. */
  toAffine(): Affine {
    return this;
  }

  /** The affine that undoes this one. @throws NotInvertibleError if a scale is 0, or so small that its inverse overflows */
  invert(): Affine {
    const scale = this.scale.map((value, i) => {
      if (!Number.isFinite(1 / value)) throw new NotInvertibleError(i, value);
      return 1 / value;
    });
    return new Affine(scale, this.center, this.shift);
  }

  /**
   * This affine, then the next, as one: centred where the next one's center comes from, so that it is as exact as the two
   * steps. (The name makes an `Affine` look like a promise: do not `await` one, nor return one from an async function.)
   * @throws OptionError if `next` is not an `Affine`, or a scale or shift leaves float64; ShapeError if `next` is of other
   *   channels
   */
  // biome-ignore lint/suspicious/noThenProperty: the public name; composition reads a.then(b)
  then(next: Affine): Affine {
    if (!(next instanceof Affine)) throw new OptionError('next', 'an Affine', next);
    const channels = this.scale.length;
    if (next.scale.length !== channels)
      throw new ShapeError(`an affine of ${channels} channels`, next.scale.length);
    const scale = this.scale.map((value, i) => value * next.scale[i]!);
    const center = this.center.map((value, i) => {
      const origin = value + (next.center[i]! - this.shift[i]!) / this.scale[i]!;
      return scale[i] !== 0 && Number.isFinite(origin) ? origin : value;
    });
    const shift = center.map((value, i) => throughBoth(this, next, i, value));
    return new Affine(scale, shift, center);
  }
}

/** next(first(x)) in channel i: to two words on the way, as near an origin all but the last digits cancel. */
function throughBoth(first: Affine, next: Affine, i: number, x: number): number {
  const centred = add(x, 0, -first.center[i]!, 0);
  const scaled = multiply(centred, low[0]!, first.scale[i]!, 0);
  const between = add(scaled, low[0]!, first.shift[i]!, 0);
  const deviation = add(between, low[0]!, -next.center[i]!, 0);
  const scaledAgain = multiply(deviation, low[0]!, next.scale[i]!, 0);
  return add(scaledAgain, low[0]!, next.shift[i]!, 0);
}
