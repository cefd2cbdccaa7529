import { FormatError } from 'evenkeel';
import { readSafetensors, type SafetensorsTensor, writeSafetensors } from 'evenkeel/interop';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const f32 = (...values: number[]): SafetensorsTensor => ({
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
});

/** Bytes with this header and as many bytes behind it. */
function bytesWith(header: string | Uint8Array, body = 0, length?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + body);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}
const entry = (begin: number, end: number, shape = `[${(end - begin) / 4}]`): string =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe('the bytes', () => {
  test('are those the format’s page describes', () => {
    const bytes = writeSafetensors({ ab: f32(1, -2) }, { format: 'pt' });
    const header = '{"__metadata__":{"format":"pt"},"ab":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(padded.length));
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  test('have the widest tensors first, then by name, so that each is aligned', () => {
    const bytes = writeSafetensors({
      u8: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      b: f32(2),
      a: f32(1),
      n: { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) },
    });
    const { tensors } = readSafetensors(bytes);
    expect(Object.keys(tensors)).toEqual(['n', 'a', 'b', 'u8']);
  });

  test('may be a Buffer, or a part of one at any place, and are let go', () => {
    const bytes = Buffer.concat([Buffer.of(0), writeSafetensors({ x: f32(1, 2) })]).subarray(1);
    const { x } = readSafetensors(bytes).tensors;
    bytes.fill(0xff);
    expect(x).toEqual(f32(1, 2));
  });

  test('of no tensors, of empty ones, of names that objects have anyway', () => {
    expect(readSafetensors(writeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
    const odd = Object.fromEntries(
      ['__proto__', 'toString', '', '7', '"\\\u0000', 'ключ'].map((name, i) => [name, f32(i)]),
    );
    const read = readSafetensors(writeSafetensors({ ...odd, none: f32() }, { __proto__x: 'y' }));
    for (const [name, tensor] of Object.entries(odd)) expect(read.tensors[name]).toEqual(tensor);
    expect(read.tensors['none']).toEqual(f32());
    expect(read.tensors['constructor']).toBeUndefined();
  });

  test('in any order, and with names as long as they like', () => {
    const names = ['y', 'x'.repeat(1000)];
    const header = `{"${names[0]}":${entry(4, 8)},"${names[1]}":${entry(0, 4)}}`;
    const { tensors } = readSafetensors(bytesWith(header, 8));
    expect(Object.keys(tensors)).toEqual([names[1], names[0]]);
  });
});

describe('refused', () => {
  const huge = '9007199254740993';
  test.each<[string, Uint8Array]>([
    ['no length', new Uint8Array(7)],
    ['a header beyond the bytes', bytesWith('{}', 0, 3n)],
    ['a header of 2^64 - 1', bytesWith('{}', 0, 2n ** 64n - 1n)],
    ['a header beyond 100 MB', bytesWith('{}', 0, 100_000_001n)],
    ['no UTF-8', bytesWith(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
    ['no JSON', bytesWith('{"x":}')],
    ['an open string', bytesWith('{"x')],
    ['an open escape', bytesWith('{"x\\')],
    ['a bad escape in a name', bytesWith('{"\\q":1}')],
    ['JSON and more', bytesWith('{}{}')],
    ['an array', bytesWith('[]')],
    ['a space first', bytesWith(' {}')],
    ['no object for a tensor', bytesWith('{"x":1}')],
    ['another key in it', bytesWith(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"y":1}}`, 4)],
    ['no dtype', bytesWith('{"x":{"shape":[1],"data_offsets":[0,4]}}', 4)],
    ['an unknown dtype', bytesWith(`{"x":${entry(0, 4).replace('F32', 'F31')}}`, 4)],
    ['a dtype that objects have anyway', bytesWith(`{"x":${entry(0, 4).replace('F32', 'toString')}}`, 4)],
    ['a shape that is none', bytesWith(`{"x":${entry(0, 4, '1')}}`, 4)],
    ['a negative size', bytesWith(`{"x":${entry(0, 4, '[-1,-1]')}}`, 4)],
    ['a size that is no whole number', bytesWith(`{"x":${entry(0, 4, '[0.5,2]')}}`, 4)],
    ['a size beyond counting', bytesWith(`{"x":${entry(0, 0, `[${huge},${huge},0]`)}}`)],
    [
      'a size that overflows before it is nothing',
      bytesWith(`{"x":${entry(0, 0, '[4294967296,4294967296,0]')}}`),
    ],
    ['a shape of other size', bytesWith(`{"x":${entry(0, 4, '[2]')}}`, 4)],
    ['an end before the beginning', bytesWith(`{"x":${entry(4, 0, '[1]')}}`, 4)],
    ['one offset', bytesWith('{"x":{"dtype":"F32","shape":[1],"data_offsets":[4]}}', 4)],
    ['a gap at the beginning', bytesWith(`{"x":${entry(4, 8)}}`, 8)],
    ['a gap', bytesWith(`{"x":${entry(0, 4)},"y":${entry(8, 12)}}`, 12)],
    ['an overlap', bytesWith(`{"x":${entry(0, 8)},"y":${entry(4, 12)}}`, 12)],
    ['two at one place', bytesWith(`{"x":${entry(0, 4)},"y":${entry(0, 4)}}`, 4)],
    ['bytes that belong to none', bytesWith(`{"x":${entry(0, 4)}}`, 5)],
    ['bytes that are missing', bytesWith(`{"x":${entry(0, 8)}}`, 4)],
    ['a name twice', bytesWith(`{"x":${entry(0, 4)},"x":${entry(0, 4)}}`, 4)],
    ['a name twice, written otherwise', bytesWith(`{"x":${entry(0, 0)},"\\u0078" :${entry(0, 0)}}`)],
    ['a key twice', bytesWith(`{"x":{"dtype":"I32",${entry(0, 4).slice(1)}}`, 4)],
    ['metadata that is none', bytesWith('{"__metadata__":[]}')],
    ['metadata that is no text', bytesWith('{"__metadata__":{"a":1}}')],
    ['levels without end', bytesWith('{"x":'.repeat(100_000))],
    ['arrays without end', bytesWith(`{"x":${'['.repeat(100_000)}`)],
  ])('%s', (_, bytes) => {
    const error = thrownBy(() => readSafetensors(bytes));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).code).toBe('EVENKEEL_FORMAT');
  });

  test.each([undefined, null, 'bytes', new ArrayBuffer(16), [0], Float64Array.of(1)])('%o', (bytes) => {
    expect(() => readSafetensors(bytes as unknown as Uint8Array)).toThrow(FormatError);
  });

  test.each<[string, unknown]>([
    ['data of another kind', { ...f32(1, 2), data: Int32Array.of(1, 2) }],
    ['data of another size', { ...f32(1, 2), shape: [3] }],
    ['no data', { dtype: 'F32', shape: [1] }],
    ['plain numbers', { dtype: 'F32', shape: [1], data: [1] }],
    ['an unknown dtype', { ...f32(1), dtype: 'F128' }],
    ['nothing', undefined],
  ])('to write %s', (_, tensor) => {
    expect(() => writeSafetensors({ x: tensor as SafetensorsTensor })).toThrow(FormatError);
  });

  test('to write what is no plain object of tensors', () => {
    for (const tensors of [undefined, null, [], [f32(1)], new Map([['x', f32(1)]]), 'x', 0]) {
      const error = thrownBy(() => writeSafetensors(tensors as unknown as Record<string, SafetensorsTensor>));
      expect(error).toBeInstanceOf(FormatError);
    }
  });

  test('to write a tensor by the name of the metadata, or metadata that is no text', () => {
    expect(() => writeSafetensors({ __metadata__: f32(1) })).toThrow(FormatError);
    expect(() => writeSafetensors({}, { a: 1 } as unknown as Record<string, string>)).toThrow(FormatError);
  });
});
