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
    ['[[]]', [[]]],
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
    'null',
    '[]',
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

  it('takes arrays nested a hundred thousand deep', () => {
    expect(decodeFrame('['.repeat(1e5) + ']'.repeat(1e5))).toHaveLength(1);
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
    ['null', null],
    ['a string', 'x'],
    ['true', true],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['a circle', circular],
    ['[]', []],
    ['NaN', Number.NaN],
    ['a Date', new Date(0)],
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
    expect(() => encodeFrame(new Float32Array(0))).toThrow(ShapeError);
  });
});
