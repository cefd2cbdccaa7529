import { runInNewContext } from 'node:vm';
import { Affine, NotInvertibleError, OptionError, ShapeError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from './thrown-by.js';

const of = (...values: number[]): Float64Array => Float64Array.of(...values);

describe('by hand', () => {
  const affine = new Affine(of(2, -1), of(10, 0), of(1, 5));

  test('applies per channel, to every position', () => {
    const x = tensor([1, 2, 5, 6, 3, 4, 7, 8], [2, 2, 2]);
    const y = affine.apply(x);
    expect([...y.data]).toEqual([10, 12, 0, -1, 14, 16, -2, -3]);
    expect(y.shape).toEqual([2, 2, 2]);
    expect([...x.data]).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });

  test('a missing value stays missing', () => {
    expect([...affine.apply(tensor([Number.NaN, 5], [1, 2])).data]).toEqual([Number.NaN, 0]);
  });

  test('the type is that of the data, or the one asked for; computed in float64', () => {
    const x = tensor(Float32Array.of(1, 5), [1, 2]);
    expect(affine.apply(x).data).toBeInstanceOf(Float32Array);
    expect(affine.apply(x, 'float64').data).toBeInstanceOf(Float64Array);
    const epoch = new Affine(of(1), of(0), of(1.7e12));
    expect(epoch.apply(tensor([1.7e12 + 0.25], [1, 1]), 'float32').data[0]).toBe(0.25);
  });

  test('a center of its own, by default 0', () => {
    expect([...new Affine(of(3), of(1)).center]).toEqual([0]);
  });

  test('invert, then', () => {
    expect([...affine.invert().apply(affine.apply(tensor([7, 9], [1, 2]))).data]).toEqual([7, 9]);
    const doubled = affine.then(new Affine(of(2, 2), of(0, 1)));
    expect([...doubled.apply(tensor([1, 6], [1, 2])).data]).toEqual([20, -1]);
  });

  test('then is centred where the next one is, unless that is out of reach', () => {
    const second = new Affine(of(2, 2), of(0, 0), of(30, 0));
    const both = new Affine(of(10, 5e-324), of(0, 1e10)).then(second);
    expect([both.scale, both.shift, both.center]).toEqual([of(20, 1e-323), of(0, 2e10), of(3, 0)]);
    const constant = new Affine(of(0, 1), of(7, 0), of(1, 1)).then(second);
    expect([...constant.apply(tensor([5, 5], [1, 2])).data]).toEqual([-46, 8]);
  });

  test('arrays of another realm are arrays', () => {
    const foreign = runInNewContext('Float32Array.of(1, 3)') as Float32Array;
    expect(foreign).not.toBeInstanceOf(Float32Array);
    const y = new Affine(foreign, of(0, 0)).apply(tensor(foreign, [1, 2]));
    expect(y.data).toEqual(Float32Array.of(1, 9));
  });

  test('what it was made from is copied', () => {
    const scale = of(1, 1);
    const copy = new Affine(scale, of(0, 0));
    scale[0] = 9;
    expect([...copy.scale]).toEqual([1, 1]);
  });
});

describe('refusals', () => {
  test.each([0, -0, 5e-324])('a scale of %s has no inverse', (scale) => {
    const error = thrownBy(() => new Affine(of(1, scale), of(0, 0)).invert());
    expect(error).toBeInstanceOf(NotInvertibleError);
    expect(error).toMatchObject({ code: 'EVENKEEL_NOT_INVERTIBLE', channel: 1, value: scale });
  });

  test.each<[string, unknown[]]>([
    ['scale', [undefined]],
    ['scale', [[1], of(0)]],
    ['scale', [{ length: -1 }, of(0)]],
    ['scale', [Int32Array.of(1), of(0)]],
    ['shift', [of(1), null]],
    ['shift', [of(1), [0]]],
    ['center', [of(1), of(0), [0]]],
    ['center', [of(1), of(0), 0]],
    ['center', [of(1), of(0), null]],
    ['scale[0]', [of(Number.NaN), of(0)]],
    ['shift[1]', [of(1, 1), of(0, Infinity)]],
    ['center[0]', [of(1), of(0), of(-Infinity)]],
  ])('%s: %j', (option, given) => {
    const error = thrownBy(() => new Affine(...(given as [Float64Array, Float64Array])));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test('other channels', () => {
    const affine = new Affine(of(1, 2), of(0, 0));
    for (const action of [
      () => new Affine(of(), of()),
      () => new Affine(of(1, 2), of(0)),
      () => new Affine(of(1), of(0), of(0, 0)),
      () => affine.apply(tensor([1, 2, 3], [1, 3])),
      () => affine.apply(tensor([1, 2], [2])),
      () => affine.then(new Affine(of(1), of(0))),
    ]) {
      const error = thrownBy(action);
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ code: 'EVENKEEL_SHAPE' });
    }
  });

  test('what is no tensor, or no type', () => {
    const affine = new Affine(of(1), of(0));
    for (const x of [null, undefined, 5, [1], { shape: [1, 1] }, { data: [1], shape: [1, 1] }])
      expect(thrownBy(() => affine.apply(x as never))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
    for (const dtype of ['int8', 32, ''])
      expect(thrownBy(() => affine.apply(tensor([1], [1, 1]), dtype as never))).toMatchObject({
        code: 'EVENKEEL_OPTION',
        option: 'dtype',
      });
  });

  test('what is no affine does not come next', () => {
    const affine = new Affine(of(1), of(0));
    expect(thrownBy(() => affine.then({ ...affine } as Affine))).toMatchObject({ option: 'next' });
  });
});
