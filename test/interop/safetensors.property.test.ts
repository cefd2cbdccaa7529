import { fc, test } from '@fast-check/vitest';
import { FormatError } from 'evenkeel';
import { readSafetensors, type SafetensorsTensor, writeSafetensors } from 'evenkeel/interop';
import { describe, expect } from 'vitest';

const kinds = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  BOOL: Uint8Array,
};

/** Any bits, NaNs of every payload among them. */
const tensorOf = fc
  .tuple(
    fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
    fc.array(fc.nat(3), { maxLength: 4 }),
  )
  .chain(([dtype, shape]) => {
    const bytes = shape.reduce((a, b) => a * b, 1) * kinds[dtype].BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((bits) => ({ dtype, shape, data: new kinds[dtype](bits.slice().buffer) }) as SafetensorsTensor);
  });
const name = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => text !== '__metadata__');
const files = fc.tuple(fc.dictionary(name, tensorOf, { maxKeys: 5 }), fc.dictionary(name, fc.string()));
const bitsOf = ({ data, ...rest }: SafetensorsTensor): object => ({
  ...rest,
  bits: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
});

describe('there and back', () => {
  test.prop([files])('is the same, to the bit', ([tensors, metadata]) => {
    const bytes = writeSafetensors(tensors, metadata);
    const read = readSafetensors(bytes);
    expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, tensor] of Object.entries(tensors))
      expect(bitsOf(read.tensors[name]!)).toEqual(bitsOf(tensor));
    expect({ ...read.metadata }).toEqual({ ...metadata });
    expect(writeSafetensors(read.tensors, read.metadata)).toEqual(bytes);
  });
});

/** Whatever the bytes: what is read fits them, or they are refused as a format. */
function readOrRefused(bytes: Uint8Array): void {
  try {
    const { tensors } = readSafetensors(bytes);
    const size = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(size).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
  }
}

describe('damaged', () => {
  test.prop([files, fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 })], {
    numRuns: 1000,
  })('by flipped bits: read, or refused', ([tensors, metadata], flips) => {
    const bytes = writeSafetensors(tensors, metadata);
    for (const [at, bit] of flips) bytes[at % bytes.length]! ^= 1 << bit;
    readOrRefused(bytes);
  });

  test.prop([files, fc.nat()], { numRuns: 300 })(
    'by an end that is missing: refused',
    ([tensors, metadata], cut) => {
      const bytes = writeSafetensors(tensors, metadata);
      expect(() => readSafetensors(bytes.subarray(0, cut % bytes.length))).toThrow(FormatError);
    },
  );

  test.prop([fc.json(), fc.nat(32)])('JSON of any kind for a header: read, or refused', (json, body) => {
    const header = new TextEncoder().encode(json);
    const bytes = new Uint8Array(8 + header.length + body);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(header, 8);
    readOrRefused(bytes);
  });

  test.prop([fc.uint8Array({ maxLength: 64 })])('nothing but noise: read, or refused', readOrRefused);
});
