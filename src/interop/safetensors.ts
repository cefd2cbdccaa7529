/** The safetensors format, in which PyTorch models travel: a header, then the tensors' bytes, little-endian and row-major. */
import { FormatError } from '../errors.js';
import { isPlainObject } from '../plain-object.js';
import { isA, recordOf } from './foreign.js';
import {
  arrays,
  dtypes,
  entryOf,
  headerOf,
  LONGEST_HEADER,
  METADATA,
  metadataOf,
  type SafetensorsTensor,
} from './safetensors-header.js';

export interface Safetensors {
  readonly tensors: Readonly<Record<string, SafetensorsTensor>>;
  /** Whatever else its writer had to say. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads safetensors bytes: a file's, or a fetched model's. Everything is checked before it is used, and the tensors are copies:
 * the bytes may go.
 *
 * @param bytes all of them
 * @throws FormatError at what is not of the format: a header that is no JSON, has a name twice, or disagrees with the bytes
 * @example
 * import { readSafetensors, writeSafetensors } from 'evenkeel/interop';
 * const bytes = writeSafetensors({ x: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } });
 * const { tensors } = readSafetensors(bytes);
 * console.log(tensors['x']); // { dtype: 'F32', shape: [ 2 ], data: Float32Array(2) [ 1, 2 ] }
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  if (!isA('Uint8Array', bytes)) throw new FormatError('bytes', 'a Uint8Array', bytes);
  const { metadata, entries, body } = headerOf(bytes);
  const tensors: Record<string, SafetensorsTensor> = Object.create(null);
  for (const [name, { dtype, shape, begin, end }] of entries) {
    // A copy, as a place need not be aligned; and not by the view's own slice, which for a Buffer is none.
    const data = new arrays[dtype](Uint8Array.prototype.slice.call(body, begin, end).buffer);
    tensors[name] = { dtype, shape, data } as SafetensorsTensor;
  }
  return { tensors, metadata };
}

function checked(name: string, tensor: SafetensorsTensor): SafetensorsTensor {
  if (name === METADATA) throw new FormatError('a name', `other than ${METADATA}`, name);
  const { dtype, shape, data } = recordOf(name, tensor, ['dtype', 'shape', 'data']);
  const end: unknown = Object(data).byteLength;
  const entry = entryOf(name, { dtype, shape, data_offsets: [0, end] });
  const wanted = arrays[entry.dtype].name;
  if (!isA(wanted, data)) throw new FormatError(`${name}.data`, `a ${wanted}`, data);
  return tensor;
}

/** The header, padded so that what follows is aligned; its first eight bytes tell how long it is. */
function headerBytes(fields: readonly string[]): Uint8Array {
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > LONGEST_HEADER)
    throw new FormatError('the length of the header', `at most ${LONGEST_HEADER}`, length);
  const header = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

/**
 * Writes safetensors bytes, laid out as the reference implementation does.
 *
 * @param metadata whatever else there is to say
 * @throws FormatError at a tensor whose dtype, shape and data do not fit each other
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, SafetensorsTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  if (!isPlainObject(tensors)) throw new FormatError('tensors', 'a plain object of tensors', tensors);
  const entries = Object.entries(tensors).map(([name, tensor]) => [name, checked(name, tensor)] as const);
  const rank = ({ dtype }: SafetensorsTensor): number => dtypes.indexOf(dtype);
  entries.sort(([a, left], [b, right]) => rank(left) - rank(right) || (a < b ? -1 : 1));
  const said = metadataOf(metadata);
  const fields = Object.keys(said).length > 0 ? [`"${METADATA}":${JSON.stringify(said)}`] : [];
  let size = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    const entry = { dtype, shape, data_offsets: [size, size + data.byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    size += data.byteLength;
  }
  const header = headerBytes(fields);
  const bytes = new Uint8Array(header.length + size);
  bytes.set(header);
  let at = header.length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
