import { OptionError, SampleError, ShapeError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { channelsOf, dtypeOf, viewOf, zeros } from '../src/tensor.js';
import { thrownBy } from './thrown-by.js';

describe('tensor', () => {
  test('typed arrays are not copied; numbers become float64', () => {
    const data = Float32Array.of(1, 2);
    expect(tensor(data, [2]).data).toBe(data);
    const x = tensor([1, Number.NaN, -0, Infinity], [2, 1, 2]);
    expect(x.data).toEqual(Float64Array.of(1, Number.NaN, -0, Infinity));
    expect(x.shape).toEqual([2, 1, 2]);
  });

  test('the shape is copied', () => {
    const shape = [1, 2];
    const x = tensor([1, 2], shape);
    shape[0] = 5;
    expect(x.shape).toEqual([1, 2]);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['text', 'ab'],
    ['an array-like object', { 0: 1, length: 1 }],
    ['integers', Int32Array.of(1)],
    ['big integers', BigInt64Array.of(1n)],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['a buffer', new ArrayBuffer(8)],
  ])('data that is %s', (_, data) => {
    const error = thrownBy(() => tensor(data as never, [1]));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'data', value: data });
  });

  test.each([
    ['missing', undefined],
    ['null', null],
    ['a number', 6],
    ['text', '6'],
    ['typed', Int32Array.of(2, 3)],
    ['empty', []],
    ['of zero rows', [0, 6]],
    ['of zero columns', [6, 0]],
    ['negative', [-2, -3]],
    ['fractional', [1.5, 4]],
    ['NaN', [Number.NaN, 6]],
    ['infinite', [Infinity, 6]],
    ['of text', ['2', '3']],
    ['of bigints', [2n, 3n]],
    ['sparse', Object.assign(Array(3), { 0: 6, 2: 1 })],
    ['of another size', [2, 4]],
    ['too short', [5]],
    ['beyond what is countable', [2 ** 53, 2 ** 53]],
  ])('a shape that is %s', (_, shape) => {
    for (const data of [new Float64Array(6), [1, 2, 3, 4, 5, 6]]) {
      const error = thrownBy(() => tensor(data, shape as never));
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ code: 'EVENKEEL_SHAPE', value: shape });
    }
  });

  test('without data there is no tensor', () => {
    expect(thrownBy(() => tensor([], [0]))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
    expect(thrownBy(() => tensor([], []))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
  });

  test.each([[null], [undefined], ['3'], [3n], [true], [{}], [[3]], [Symbol('three')], [() => 3]])(
    'an element that is no number: %s',
    (value) => {
      // [N, C, L] = [2, 2, 2]: index 6 is row 1, channel 1, its first position.
      const error = thrownBy(() => tensor([1, 2, 3, 4, 5, 6, value, 8] as number[], [2, 2, 2]));
      expect(error).toBeInstanceOf(SampleError);
      expect(error).toMatchObject({ code: 'EVENKEEL_NOT_A_NUMBER', row: 1, feature: 1, value });
    },
  );

  test('a hole is no number', () => {
    const sparse = [1, 2, 3, 4];
    delete sparse[3];
    expect(thrownBy(() => tensor(sparse, [2, 2]))).toMatchObject({ row: 1, feature: 1, value: undefined });
    expect(thrownBy(() => tensor(sparse, [4]))).toMatchObject({ row: 3, feature: 0 });
  });
});

describe('views', () => {
  test('channels are on axis 1, all further axes are positions', () => {
    expect(viewOf(tensor(new Float64Array(120), [2, 3, 4, 5]), 3)).toEqual({ n: 2, c: 3, l: 20 });
    expect(viewOf(tensor(new Float64Array(6), [2, 3]), 3)).toEqual({ n: 2, c: 3, l: 1 });
    expect(channelsOf(tensor(new Float64Array(6), [2, 3]))).toBe(3);
  });

  test('what is no tensor, of rank 1, or changed since', () => {
    const changed = { data: new Float64Array(6), shape: [2, 3] };
    expect(viewOf(changed, 3).n).toBe(2);
    changed.shape[0] = 7;
    for (const x of [changed, tensor([1], [1]), null, undefined, 5, {}, { data: [1], shape: [1, 1] }]) {
      expect(thrownBy(() => channelsOf(x as never))).toBeInstanceOf(ShapeError);
      expect(thrownBy(() => viewOf(x as never, 3))).toBeInstanceOf(ShapeError);
    }
  });

  test('types', () => {
    expect(dtypeOf(tensor(new Float32Array(1), [1]))).toBe('float32');
    expect(dtypeOf(tensor([1], [1]))).toBe('float64');
    expect(zeros('float32', 2)).toEqual(new Float32Array(2));
    expect(zeros('float64', 2)).toEqual(new Float64Array(2));
  });
});
