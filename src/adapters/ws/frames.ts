/**
 * Wire ↔ samples, pure. What a subscriber is sent is what a producer may send.
 *
 * Text is JSON: a number, null (a missing value), an object or an array of numbers is one sample; an array of arrays or
 * objects is that many. Binary is little-endian float32 rows, NaN for a missing value. Nothing is infinite in either.
 */
import { FrameError } from '../../errors.js';
import { findInfinite } from '../../kernels/find.js';
import { type FloatArray, isFloatArray, type Tensor, tensor } from '../../tensor.js';
import { jsonText } from './json-text.js';
import { isSample, isValue, MOST_LEVELS } from './sample.js';

/** A message as it came: text, or the bytes of a binary one. */
export type WireFrame = string | Uint8Array;

/** A message ready to be sent, to any number of clients: never written again. */
export interface EncodedFrame {
  readonly bytes: Uint8Array;
  readonly binary: boolean;
}

export type FrameFormat = 'json' | 'binary';

/** The most a limit on a message's length can be: `ws` takes a larger one for none. */
export const MOST_BYTES: number = 2 ** 31 - 1;

/**
 * The samples a message carries, one or more.
 *
 * @param columns values a row of a binary message; by default the message is one row
 * @throws FrameError if it carries none, or is damaged
 */
export function decodeFrame(frame: WireFrame, columns?: number): unknown[] {
  if (typeof frame === 'string') return decodeText(frame);
  if (isBytes(frame)) return decodeBinary(frame, columns);
  throw new FrameError('is neither text nor bytes', frame);
}

// By its name, as another realm's has another constructor.
const isBytes = (frame: unknown): frame is Uint8Array =>
  ArrayBuffer.isView(frame) && (frame as Uint8Array)[Symbol.toStringTag] === 'Uint8Array';

function decodeText(text: string): unknown[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new FrameError('is not JSON', text);
  }
  const samples: unknown[] = Array.isArray(json) && !json.some(isValue) ? json : [json];
  if (samples.length > 0 && samples.every(isSample)) return samples;
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
  return Array.from({ length: byteLength / (4 * columns) }, (_, row) => {
    const values = Float32Array.from({ length: columns }, (_, i) =>
      view.getFloat32(4 * (row * columns + i), true),
    );
    const at = findInfinite(values);
    if (at >= 0) throw new FrameError('has a value that is not finite', values[at]);
    return values;
  });
}

/**
 * The message that carries `value`. As JSON, NaN is null and -0 is 0. Refused is what would arrive as something else, or
 * as nothing: infinities, and what float32 rounds to one; functions and objects of a class, unless it has a `toJSON`.
 *
 * @param value a tensor, sent as nested arrays of its shape or, as binary, as its values in order; a Float32Array or
 *   Float64Array, as a tensor of one axis; or any other sample, which is JSON in either format
 * @throws FrameError if it is not a sample that can be sent
 * @throws ShapeError if it is a tensor whose shape does not fit its data
 */
export function encodeFrame(value: unknown, format: FrameFormat = 'json'): EncodedFrame {
  const x = asTensor(value);
  if (x && format === 'binary') return { bytes: encodeFloats(x.data), binary: true };
  return { bytes: new TextEncoder().encode(x ? tensorText(x) : sampleText(value)), binary: false };
}

function asTensor(value: unknown): Tensor | undefined {
  if (isFloatArray(value)) return tensor(value, [value.length]);
  if (typeof value !== 'object' || value === null) return undefined;
  const { data, shape } = value as Partial<Tensor>;
  return isFloatArray(data) && shape !== undefined ? tensor(data, shape) : undefined;
}

function encodeFloats(data: FloatArray): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * data.length));
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (Math.abs(Math.fround(value)) === Infinity) throw new FrameError('as float32 cannot carry', value);
    view.setFloat32(4 * i, value, true);
  }
  return new Uint8Array(view.buffer);
}

function tensorText({ data, shape }: Tensor): string {
  const at = findInfinite(data);
  if (at >= 0) throw new FrameError('as JSON cannot carry', data[at]);
  if (shape.length > 1 + MOST_LEVELS) throw new FrameError('has too many axes', shape.length);
  let level: unknown[] = Array.from(data);
  for (const axis of shape.slice(1).reverse()) {
    level = Array.from({ length: level.length / axis }, (_, i) => level.slice(i * axis, (i + 1) * axis));
  }
  return JSON.stringify(level);
}

function sampleText(value: unknown): string {
  const text = jsonText(value);
  decodeText(text); // what no producer may send is not sent to a subscriber either
  return text;
}
