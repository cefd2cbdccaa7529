/**
 * Wire ↔ samples, pure. What a subscriber is sent is what a producer may send.
 *
 * Text is JSON: a number, an object or an array of numbers is one sample (null is a missing value); an array of arrays
 * or objects is that many samples. Binary is little-endian float32 rows, NaN for a missing value.
 */
import { FrameError } from '../../errors.js';
import { findInfinite } from '../../kernels/find.js';
import { type FloatArray, type Tensor, tensor } from '../../tensor.js';

/** A message as it came: text, or the bytes of a binary one. */
export type WireFrame = string | Uint8Array;

/** A message ready to be sent, to any number of clients: never written again. */
export interface EncodedFrame {
  readonly bytes: Uint8Array;
  readonly binary: boolean;
}

export type FrameFormat = 'json' | 'binary';

const isValue = (item: unknown): boolean => typeof item === 'number' || item === null;
const isSample = (item: unknown): boolean => typeof item === 'object' && item !== null;

/**
 * The samples a message carries, one or more.
 *
 * @param columns values a row of a binary message; by default the message is one row
 * @throws FrameError if it carries none, or is damaged
 */
export function decodeFrame(frame: WireFrame, columns?: number): unknown[] {
  if (typeof frame === 'string') return decodeText(frame);
  if (frame instanceof Uint8Array) return decodeBinary(frame, columns);
  throw new FrameError('is neither text nor bytes', frame);
}

function decodeText(text: string): unknown[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new FrameError('is not JSON', text);
  }
  if (typeof json === 'number') return [json];
  if (Array.isArray(json) && json.length > 0) {
    if (json.every(isValue)) return [json];
    if (json.every(isSample)) return json;
  } else if (isSample(json) && !Array.isArray(json)) {
    return [json];
  }
  throw new FrameError('is not a sample, nor an array of samples', json);
}

// Through a DataView: right at any alignment and on any platform, and each row is a copy the receiver may keep.
function decodeBinary(bytes: Uint8Array, columns = bytes.byteLength / 4): Float32Array[] {
  const { byteLength } = bytes;
  if (byteLength === 0 || byteLength % (4 * columns) !== 0 || byteLength % 4 !== 0) {
    const rows = Number.isInteger(columns) ? `rows of ${columns} float32` : 'a row of float32';
    throw new FrameError(`has a length that is not ${rows}`, byteLength);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  return Array.from({ length: byteLength / (4 * columns) }, (_, row) =>
    Float32Array.from({ length: columns }, (_, i) => view.getFloat32(4 * (row * columns + i), true)),
  );
}

/**
 * The message that carries `value`. As JSON, NaN is null, -0 is 0 and infinities are refused, as JSON has none of them.
 *
 * @param value a tensor, sent as nested arrays of its shape or, as binary, as its values in order; a Float32Array or
 *   Float64Array, as a tensor of one axis; or any other sample, which is JSON in either format
 * @throws FrameError if it is not a sample JSON can carry
 * @throws ShapeError if it is a tensor whose shape does not fit its data
 */
export function encodeFrame(value: unknown, format: FrameFormat = 'json'): EncodedFrame {
  const x = asTensor(value);
  if (x && format === 'binary') return { bytes: encodeFloats(x.data), binary: true };
  return { bytes: new TextEncoder().encode(x ? tensorText(x) : sampleText(value)), binary: false };
}

const isFloats = (value: unknown): value is FloatArray =>
  value instanceof Float32Array || value instanceof Float64Array;

function asTensor(value: unknown): Tensor | undefined {
  if (isFloats(value)) return tensor(value, [value.length]);
  if (typeof value !== 'object' || value === null) return undefined;
  const { data, shape } = value as Partial<Tensor>;
  return isFloats(data) && Array.isArray(shape) ? tensor(data, shape) : undefined;
}

function encodeFloats(data: FloatArray): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * data.length));
  data.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

function tensorText({ data, shape }: Tensor): string {
  const at = findInfinite(data);
  if (at >= 0) throw new FrameError('as JSON cannot carry', data[at]);
  let level: unknown[] = Array.from(data);
  for (const axis of shape.slice(1).reverse()) {
    level = Array.from({ length: level.length / axis }, (_, i) => level.slice(i * axis, (i + 1) * axis));
  }
  return JSON.stringify(level);
}

function sampleText(value: unknown): string {
  const jsonValue = (_key: string, item: unknown): unknown => {
    if (item === Infinity || item === -Infinity) throw new FrameError('as JSON cannot carry', item);
    return isFloats(item) ? Array.from(item) : item;
  };
  let text: string | undefined;
  try {
    text = JSON.stringify(value, jsonValue);
  } catch (error) {
    if (error instanceof FrameError) throw error;
    throw new FrameError(`cannot be JSON (${error instanceof Error ? error.message : error})`, value);
  }
  if (text === undefined) throw new FrameError('cannot be JSON', value);
  decodeText(text); // what no producer may send is not sent to a subscriber either
  return text;
}
