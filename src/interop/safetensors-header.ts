/**
 * The header of safetensors bytes: its length (8 bytes, little-endian), then JSON that tells of each tensor its dtype, its shape
 * and its place among the bytes that follow.
 *
 * Source: https://github.com/huggingface/safetensors, "Format".
 */
import { FormatError } from '../errors.js';
import { isPlainObject } from '../plain-object.js';
import { nameOf, recordOf, wholeOf } from './foreign.js';
import { checkKeys } from './json-keys.js';

/** The array that each dtype comes in; what JavaScript has none for, as bits. */
interface Arrays {
  readonly F64: Float64Array<ArrayBuffer>;
  readonly F32: Float32Array<ArrayBuffer>;
  readonly BF16: Uint16Array<ArrayBuffer>;
  readonly F16: Uint16Array<ArrayBuffer>;
  readonly F8_E4M3: Uint8Array<ArrayBuffer>;
  readonly F8_E5M2: Uint8Array<ArrayBuffer>;
  readonly U64: BigUint64Array<ArrayBuffer>;
  readonly I64: BigInt64Array<ArrayBuffer>;
  readonly U32: Uint32Array<ArrayBuffer>;
  readonly I32: Int32Array<ArrayBuffer>;
  readonly U16: Uint16Array<ArrayBuffer>;
  readonly I16: Int16Array<ArrayBuffer>;
  readonly U8: Uint8Array<ArrayBuffer>;
  readonly I8: Int8Array<ArrayBuffer>;
  readonly BOOL: Uint8Array<ArrayBuffer>;
}

export type SafetensorsDType = keyof Arrays;

/** A tensor as safetensors has it: of any rank (shape `[]`: a single number), possibly empty. */
export type SafetensorsTensor = {
  [D in SafetensorsDType]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    /** Row-major; F16, BF16 and F8 as their bits. */
    readonly data: Arrays[D];
  };
}[SafetensorsDType];

/** By alignment, the widest first, as the reference implementation lays tensors out. */
export const arrays: {
  readonly [D in SafetensorsDType]: {
    readonly name: string;
    readonly BYTES_PER_ELEMENT: number;
    new (buffer: ArrayBuffer): Arrays[D];
  };
} = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

export const dtypes: readonly SafetensorsDType[] = Object.keys(arrays) as SafetensorsDType[];

export const LONGEST_HEADER = 100_000_000;
export const METADATA = '__metadata__';

/** What the header tells of a tensor. */
export interface Entry {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** An object of objects or strings, and in these arrays of numbers. */
const LEVELS = 3;

function parsed(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) throw new FormatError('header', 'a JSON object', text);
  try {
    checkKeys('header', text, LEVELS);
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw error instanceof FormatError ? error : new FormatError('header', 'JSON', text, error);
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new FormatError('header', 'UTF-8', bytes, error);
  }
}

/** What is said beside the tensors: strings, by name. */
export function metadataOf(value: unknown): Readonly<Record<string, string>> {
  if (!isPlainObject(value)) throw new FormatError(METADATA, 'an object', value);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw new FormatError(`${METADATA}.${key}`, 'a string', text);
  }
  return Object.assign(Object.create(null), value);
}

/** How many bytes a tensor takes. */
function sizeOf(where: string, dtype: SafetensorsDType, shape: readonly unknown[]): number {
  let size: number = arrays[dtype].BYTES_PER_ELEMENT;
  for (const axis of shape) size = wholeOf(where, size * wholeOf(where, axis, 0), 0);
  return size;
}

/** What is told of a tensor, in itself without contradiction. */
export function entryOf(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = recordOf(name, value, ['dtype', 'shape', 'data_offsets']);
  const kind = nameOf(`${name}.dtype`, dtype, dtypes);
  if (!Array.isArray(shape)) throw new FormatError(`${name}.shape`, 'an array of sizes', shape);
  if (!Array.isArray(offsets) || offsets.length !== 2)
    throw new FormatError(`${name}.data_offsets`, '[begin, end]', offsets);
  const begin = wholeOf(`${name}.data_offsets[0]`, offsets[0], 0);
  const end = wholeOf(`${name}.data_offsets[1]`, offsets[1], 0);
  const size = sizeOf(`${name}.shape`, kind, shape);
  if (end - begin !== size) throw new FormatError(`${name}.data_offsets`, `${size} bytes apart`, offsets);
  return { dtype: kind, shape, begin, end };
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their places, which follow each other without a gap. */
  readonly entries: readonly (readonly [name: string, entry: Entry])[];
  /** The bytes behind the header, all of which belong to a tensor. */
  readonly body: Uint8Array;
}

/** @throws FormatError at what is not of the format, or does not agree with the bytes */
export function headerOf(bytes: Uint8Array): Header {
  if (bytes.length < 8) throw new FormatError('bytes.length', '8 or more', bytes.length);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const most = Math.min(bytes.length - 8, LONGEST_HEADER);
  if (length > most) throw new FormatError('the length of the header', `at most ${most}`, length);
  const body = bytes.subarray(8 + Number(length));
  const header = parsed(decoded(bytes.subarray(8, 8 + Number(length))));
  const { [METADATA]: metadata = {}, ...named } = header;
  const entries = Object.entries(named).map(([name, value]) => [name, entryOf(name, value)] as const);
  // An empty tensor lies where the next one begins.
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const [name, { begin, end }] of entries) {
    if (begin !== at)
      throw new FormatError(`${name}.data_offsets`, `from ${at} on, without a gap`, [begin, end]);
    at = end;
  }
  if (at !== body.length)
    throw new FormatError('the bytes behind the header', `${at}, as it says`, body.length);
  return { metadata: metadataOf(metadata), entries, body };
}
