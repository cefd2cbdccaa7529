import { runInNewContext } from 'node:vm';
import { FrameError, ShapeError, tensor } from 'evenkeel';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type EncodedFrame, encodeFrame } from '../../../src/adapters/ws/frames.js';

const littleEndian = (values: readonly number[], offset = 0): Uint8Array => {
  const view = new DataView(new ArrayBuffer(offset + 4 * values.length));
  for (const [i, value] of values.entries()) view.setFloat32(offset + 4 * i, value, true);
  return new Uint8Array(view.buffer, offset);
};
const textOf = ({ bytes, binary }: EncodedFrame): string => {
  expect(binary).toBe(false);
  return new TextDecoder().decode(bytes);
};

describe('decodeFrame, text', () => {
  it.each([
    ['20.5', [20.5]],
    ['[1,2,3]', [[1, 2, 3]]],
    ['[1,null]', [[1, null]]],
    ['[null]', [[null]]],
    ['{"t":20.5}', [{ t: 20.5 }]],
    ['{}', [{}]],
    [
      '[[1,2],[3,4]]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['[{"t":1},{"t":2}]', [{ t: 1 }, { t: 2 }]],
    ['null', [null]],
    [
      '[[[1,2],[3,null]],[[5]]]',
      [
        [
          [1, 2],
          [3, null],
        ],
        [[5]],
      ],
    ],
    ['{"name":"a","at":[0,"x",[]],"ok":true}', [{ name: 'a', at: [0, 'x', []], ok: true }]],
    ['[{"t":1},[1,2]]', [{ t: 1 }, [1, 2]]],
    [' [1] ', [[1]]],
  ])('%s is samples', (text, samples) => {
    expect(decodeFrame(text)).toEqual(samples);
  });

  it.each([
    '',
    '{',
    'NaN',
    '"text"',
    'true',
    '[]',
    '[[]]',
    '[[1],[]]',
    '[["a"]]',
    '[[true],[{"t":1}]]',
    '[[{"t":1}]]',
    '[[1,[2]]]',
    '[[[1],2]]',
    '1e999',
    '[1e999]',
    '[[1],[-1e999]]',
    '{"t":1e999}',
    '[{"t":1},{"a":[{"b":1e999}]}]',
    '[1,"2"]',
    '["1"]',
    '[true]',
    '[1,[2]]',
    '[[1],2]',
    '[[1],null]',
    '[{},1]',
    '[1,{}]',
    '\ufeff1',
  ])('%j is refused', (text) => {
    expect(() => decodeFrame(text)).toThrow(FrameError);
  });

  it('is refused with a code and what came, cut short', () => {
    const refused = (): unknown => decodeFrame(`"${'x'.repeat(1000)}"`);
    expect(refused).toThrow(expect.objectContaining({ code: 'EVENKEEL_FRAME', name: 'FrameError' }));
    expect(refused).toThrow(/^.{0,150}$/);
  });

  it('takes __proto__ for a key as any other', () => {
    const [sample] = decodeFrame('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(Object.hasOwn(sample as object, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(sample)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  const array = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  const object = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  it('takes samples of 32 levels, and refuses deeper ones, however deep', () => {
    for (const sample of [array(32), object(32), `{"a":${array(31)}}`])
      expect(decodeFrame(`[${sample},${sample}]`)).toHaveLength(2);
    for (const sample of [array(33), object(33), `{"a":${array(32)}}`, array(1e5), object(1e5)])
      expect(() => decodeFrame(`[${sample}]`)).toThrow(FrameError);
  });
});

describe('decodeFrame, binary', () => {
  it('is one row without columns, and rows with them', () => {
    const bytes = littleEndian([1, 2, 3, 4, 5, 6]);
    expect(decodeFrame(bytes)).toEqual([Float32Array.of(1, 2, 3, 4, 5, 6)]);
    expect(decodeFrame(bytes, 2)).toEqual([
      Float32Array.of(1, 2),
      Float32Array.of(3, 4),
      Float32Array.of(5, 6),
    ]);
  });

  it('reads little-endian bytes, whatever the platform writes', () => {
    expect(decodeFrame(Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f))).toEqual([
      Float32Array.of(1, Number.NaN),
    ]);
  });

  it('reads at any alignment', () => {
    for (const offset of [1, 2, 3, 5])
      expect(decodeFrame(littleEndian([7, 8], offset))).toEqual([Float32Array.of(7, 8)]);
  });

  it('gives rows that share nothing with the frame, nor with one another', () => {
    const bytes = littleEndian([1, 2]);
    const [a, b] = decodeFrame(bytes, 1) as Float32Array[];
    bytes.fill(0);
    a![0] = 9;
    expect(b![0]).toBe(2);
    expect(a!.buffer).not.toBe(b!.buffer);
  });

  it.each([
    [0, undefined],
    [3, undefined],
    [5, undefined],
    [0, 2],
    [4, 2],
    [12, 2],
    [7, 1],
  ])('refuses %i bytes with columns %s', (length, columns) => {
    expect(() => decodeFrame(new Uint8Array(length), columns)).toThrow(FrameError);
  });

  it('refuses an infinity, in any row', () => {
    expect(() => decodeFrame(littleEndian([1, Infinity]))).toThrow(FrameError);
    expect(() => decodeFrame(littleEndian([1, -Infinity]), 1)).toThrow(FrameError);
  });

  it('reads bytes of another realm', () => {
    const bytes = runInNewContext('Uint8Array.of(0, 0, 0x80, 0x3f)');
    expect(decodeFrame(bytes)).toEqual([Float32Array.of(1)]);
  });

  it('refuses what is neither text nor bytes', () => {
    for (const frame of [undefined, null, 1, {}, new ArrayBuffer(4)]) {
      expect(() => decodeFrame(frame as never)).toThrow(FrameError);
    }
  });
});

describe('encodeFrame', () => {
  it('writes a tensor as arrays of its shape, NaN as null', () => {
    expect(textOf(encodeFrame(tensor([1, 2, Number.NaN, 4, 5, 6], [3, 2])))).toBe('[[1,2],[null,4],[5,6]]');
    expect(textOf(encodeFrame(tensor([1, 2, 3, 4], [1, 2, 2])))).toBe('[[[1,2],[3,4]]]');
    expect(textOf(encodeFrame(tensor([1, 2], [2])))).toBe('[1,2]');
  });

  it('writes a tensor as little-endian float32', () => {
    const { bytes, binary } = encodeFrame(tensor([1, Number.NaN, -2], [3, 1]), 'binary');
    expect(binary).toBe(true);
    expect([...bytes]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f, 0, 0, 0, 0xc0]);
  });

  it('writes float arrays as a row, other samples as JSON in either format', () => {
    expect(textOf(encodeFrame(Float32Array.of(1, 2)))).toBe('[1,2]');
    expect(encodeFrame(Float64Array.of(1), 'binary').binary).toBe(true);
    expect(textOf(encodeFrame({ t: 1, raw: Float32Array.of(1, Number.NaN) }, 'binary'))).toBe(
      '{"t":1,"raw":[1,null]}',
    );
    expect(textOf(encodeFrame([{ t: 1 }, { t: null }]))).toBe('[{"t":1},{"t":null}]');
  });

  it('leaves out a property that is undefined, and takes what toJSON says', () => {
    expect(textOf(encodeFrame({ t: 1, u: undefined, at: new Date(0) }))).toBe(
      '{"t":1,"at":"1970-01-01T00:00:00.000Z"}',
    );
    expect(textOf(encodeFrame(Object.assign(Object.create(null), { t: 1 })))).toBe('{"t":1}');
    expect(textOf(encodeFrame(Number.NaN))).toBe('null');
  });

  it('writes what another realm made', () => {
    const x = runInNewContext('({ data: Float32Array.of(1, 2), shape: [1, 2] })');
    expect(textOf(encodeFrame(x))).toBe('[[1,2]]');
    expect(decodeFrame(encodeFrame(x, 'binary').bytes)).toEqual([Float32Array.of(1, 2)]);
    expect(textOf(encodeFrame(runInNewContext('({ t: [1] })')))).toBe('{"t":[1]}');
  });

  it('refuses as binary what is infinite, or would be in float32', () => {
    for (const value of [Infinity, -Infinity, 1e300, -3.5e38]) {
      expect(() => encodeFrame(tensor([1, value], [2]), 'binary')).toThrow(FrameError);
    }
    const { bytes } = encodeFrame(tensor([3.4e38, 1e-300], [2]), 'binary');
    expect(decodeFrame(bytes)).toEqual([Float32Array.of(3.4e38, 0)]);
  });

  it('shares nothing with the tensor', () => {
    const x = tensor(Float32Array.of(1, 2), [1, 2]);
    const { bytes } = encodeFrame(x, 'binary');
    x.data[0] = 9;
    expect(decodeFrame(bytes)).toEqual([Float32Array.of(1, 2)]);
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;
  it.each([
    ['undefined', undefined],
    ['a string', 'x'],
    ['true', true],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['a circle', circular],
    ['[]', []],
    ['an array of nothing', [[], []]],
    ['a Date', new Date(0)],
    ['a Map', new Map([['t', 1]])],
    ['a Set within', { t: new Set([1]) }],
    ['a RegExp', /x/],
    ['a Promise', Promise.resolve(1)],
    ['an Error', new Error('x')],
    ['an ArrayBuffer', new ArrayBuffer(4)],
    ['an Int32Array', Int32Array.of(1, 2)],
    ['a tensor of an Int32Array', { data: Int32Array.of(1, 2), shape: [1, 2] }],
    ['an object of a class', new (class Reading {})()],
    ['undefined in an array', [undefined, 1]],
    // biome-ignore lint/suspicious/noSparseArray: that is the case
    ['a hole in an array', { t: [1, , 2] }],
    ['a function in an array', [() => 1, 1]],
    ['a symbol in an array', { t: [Symbol('x')] }],
    ['a method', { t: 1, log() {} }],
    ['a tensor of too many axes', tensor([1], Array(34).fill(1))],
    ['a mixed array', [1, 'x']],
    ['Infinity', Infinity],
    ['an infinity within', { t: [-Infinity] }],
    ['an infinite tensor', tensor([1, Infinity], [1, 2])],
    [
      'a throwing toJSON',
      {
        toJSON() {
          throw new Error('mine');
        },
      },
    ],
  ])('refuses %s', (_name, value) => {
    expect(() => encodeFrame(value)).toThrow(FrameError);
  });

  it('refuses a tensor whose shape does not fit', () => {
    expect(() => encodeFrame({ data: Float32Array.of(1, 2, 3), shape: [2, 2] })).toThrow(ShapeError);
    expect(() => encodeFrame({ data: Float32Array.of(1, 2), shape: Int32Array.of(1, 2) })).toThrow(
      ShapeError,
    );
    expect(() => encodeFrame(new Float32Array(0))).toThrow(ShapeError);
  });
});
