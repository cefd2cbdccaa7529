/**
 * A tensor is `{ data, shape }`, row-major, exactly what onnxruntime's and tfjs's constructors take.
 * Everything in Evenkeel sees it as `[N, C, L]`: samples, channels (axis 1), positions (all further axes; 1 if none).
 */
import { OptionError, SampleError, ShapeError } from './errors.js';

export type FloatArray = Float32Array | Float64Array;
export type DType = 'float32' | 'float64';

export interface Tensor {
  /** Row-major values. A NaN is a missing value. */
  readonly data: FloatArray;
  /** Positive integers whose product is `data.length`. */
  readonly shape: readonly number[];
}

/** How a tensor's values are walked: value (n, c, l) is at `(n * c + …) * l + …`. */
export interface View {
  readonly n: number;
  readonly c: number;
  readonly l: number;
}

/** By its name, as another realm's (an iframe's, a vm's) has other constructors. */
export function isFloatArray(data: unknown): data is FloatArray {
  if (!ArrayBuffer.isView(data)) return false;
  const name = (data as FloatArray)[Symbol.toStringTag];
  return name === 'Float64Array' || name === 'Float32Array';
}

/** Whether it is made as a tensor is; not, whether its shape fits its data. */
export function isTensor(item: unknown): item is Tensor {
  if (typeof item !== 'object' || item === null) return false;
  const { data, shape } = item as Partial<Tensor>;
  return isFloatArray(data) && Array.isArray(shape);
}

/** Whether it is one of several samples, of any rank but that of a row `[C]`. */
export const isBatch = <T>(item: T): item is T & Tensor => isTensor(item) && item.shape.length !== 1;

function checkShape(shape: unknown, length: number): void {
  if (!Array.isArray(shape) || shape.length === 0) throw new ShapeError('a shape of one or more axes', shape);
  let size = 1;
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 1) throw new ShapeError('a shape of positive integers', shape);
    size *= axis;
  }
  if (size !== length) throw new ShapeError(`a shape of ${length} values, as the data has`, shape);
}

/**
 * Makes a tensor, checking that data and shape fit. Typed arrays are not copied; number arrays become float64.
 *
 * @param data row-major values; NaN marks a missing one
 * @param shape positive integers, their product the number of values
 * @throws ShapeError if they do not fit, or the tensor is empty
 * @throws SampleError if an element of a number array is not a number (null, a string, a hole)
 * @throws OptionError if the data is neither
 * @example
 * import { tensor } from 'evenkeel';
 * const x = tensor([1, 2, 3, 4, 5, 6], [3, 2]); // 3 samples of 2 channels
 * console.log(x.data.length); // 6
 */
export function tensor(data: FloatArray | readonly number[], shape: readonly number[]): Tensor {
  if (!isFloatArray(data) && !Array.isArray(data)) {
    throw new OptionError('data', 'a Float32Array, a Float64Array or an array of numbers', data);
  }
  checkShape(shape, data.length);
  return { data: isFloatArray(data) ? data : fromNumbers(data, shape), shape: [...shape] };
}

function fromNumbers(values: readonly number[], shape: readonly number[]): Float64Array {
  const view = { c: shape[1] ?? 1, l: values.length / (shape[0]! * (shape[1] ?? 1)) };
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value: unknown = values[i];
    if (typeof value !== 'number') {
      const { row, channel } = placeOf(i, view);
      throw new SampleError('EVENKEEL_NOT_A_NUMBER', row, channel, value);
    }
    out[i] = value;
  }
  return out;
}

const placeOf = (at: number, { c, l }: Pick<View, 'c' | 'l'>): { row: number; channel: number } => ({
  row: Math.floor(at / (c * l)),
  channel: Math.floor(at / l) % c,
});

/** @throws ShapeError if it is no tensor, of any rank */
export function checkTensor(x: Tensor): void {
  if (typeof x !== 'object' || x === null || !isFloatArray(x.data)) {
    throw new ShapeError('a tensor { data: Float32Array | Float64Array, shape }', x);
  }
  checkShape(x.shape, x.data.length);
}

/** How many channels a tensor of rank 2 or more has, on axis 1. @throws ShapeError if it is not such a tensor */
export function channelsOf(x: Tensor): number {
  checkTensor(x);
  if (x.shape.length < 2) throw new ShapeError('a tensor [N, C, …] of two axes or more', x.shape);
  return x.shape[1]!;
}

/**
 * The `[N, C, L]` view of a tensor of rank 2 or more.
 *
 * @param channels how many channels axis 1 must have
 * @throws ShapeError if it is not such a tensor
 */
export function viewOf(x: Tensor, channels: number): View {
  if (channelsOf(x) !== channels)
    throw new ShapeError(`a tensor [N, ${channels}, …] (channels on axis 1)`, x.shape);
  const n = x.shape[0]!;
  return { n, c: channels, l: x.data.length / (n * channels) };
}

/** Zeros of the wanted type. */
export function zeros(dtype: DType, length: number): FloatArray {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

/** @throws ShapeError unless what is to be written to is an array of so many values */
export function checkOut(out: FloatArray, length: number): void {
  if (!isFloatArray(out) || out.length !== length)
    throw new ShapeError(`a Float32Array or Float64Array of ${length} values to write to`, out);
}

/** The type a tensor's values have. */
export function dtypeOf({ data }: Pick<Tensor, 'data'>): DType {
  return data[Symbol.toStringTag] === 'Float32Array' ? 'float32' : 'float64';
}

/** The error for a value that must not be learned from: the one at index `at` of the tensor's data. */
export function sampleErrorAt(data: FloatArray, view: View, at: number): SampleError {
  const value = data[at]!;
  const code = Number.isNaN(value) ? 'EVENKEEL_MISSING' : 'EVENKEEL_NOT_FINITE';
  const { row, channel } = placeOf(at, view);
  return new SampleError(code, row, channel, value);
}
