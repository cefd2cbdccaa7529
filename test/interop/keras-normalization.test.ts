import { type BatchNorm, FormatError, OptionError, StandardScaler, tensor } from 'evenkeel';
import {
  type ForeignArray,
  type FromKerasOptions,
  fromKeras,
  type KerasConfig,
  toKeras,
} from 'evenkeel/interop';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const vector = (...data: number[]): ForeignArray => ({ data: Float32Array.from(data), shape: [data.length] });
const single = (value: number): ForeignArray => ({ data: Int32Array.of(value), shape: [] });
const [mean, variance] = [vector(20, 30), vector(25, 4)];
const read = (config: KerasConfig, weights: ForeignArray[], options?: FromKerasOptions): StandardScaler =>
  fromKeras({ class_name: 'Normalization', config, weights }, options);

describe('read', () => {
  const config = {
    name: 'normalization',
    trainable: true,
    dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null },
    axis: [-1],
    invert: false,
    mean: null,
    variance: null,
  };
  const weights = [mean!, variance!, single(0)];

  test('what it was adapted to, and goes on from there', () => {
    const scaler = read(config, weights, { count: 3 });
    expect([...scaler.transform([30, 26])]).toEqual([2, -2]);
    expect([...scaler.moments.count]).toEqual([3, 3]);
    scaler.update([40, 30]);
    expect([...scaler.moments.mean]).toEqual([25, 30]);
    expect([...scaler.moments.variance()]).toEqual([(3 * 25 + 3 * 25 + 225) / 4, 3]);
  });

  test('the count: the caller’s, of each feature too, else the layer’s', () => {
    const told = [mean!, variance!, single(7)];
    expect([...read(config, told).moments.count]).toEqual([7, 7]);
    expect([...read(config, told, { count: 9 }).moments.count]).toEqual([9, 9]);
    expect([...read(config, weights, { count: [5, 6] }).moments.count]).toEqual([5, 6]);
    const error = thrownBy(() => read(config, weights));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(/^options\.count must be how many values/);
  });

  test.each([-1, 1, 3, 0, [2], undefined])('the features on axis %o', (axis) => {
    const scaler = read(axis === undefined ? {} : { axis }, weights, { count: 3, missing: 'keep' });
    expect([...scaler.infer(tensor([30, Number.NaN], [1, 2])).data]).toEqual([2, Number.NaN]);
  });

  test.each([{ axis: null }, { axis: [] }])('on $axis: one feature, of all values', ({ axis }) => {
    const scaler = read({ axis }, [single(20), single(25), single(4)]);
    expect([scaler.features, ...scaler.transform([30])]).toEqual([1, 2]);
  });

  test('what it was made with', () => {
    const count = 10;
    const made = (
      config: Record<string, unknown>,
      options: object = {},
      input?: (number | null)[],
    ): number[] => {
      const build_config = input ? { input_shape: input } : null;
      const layer = {
        class_name: 'Normalization',
        config: config as KerasConfig,
        weights: [],
        build_config,
      } as const;
      const { moments } = fromKeras(layer, { count, ...options });
      return [...moments.mean, ...moments.variance()];
    };
    const both = { mean: [20, 30], variance: [25, 4] };
    expect(made(both)).toEqual([20, 30, 25, 4]);
    expect(made({ mean: 20, variance: 25, axis: null })).toEqual([20, 25]);
    const spread = [20, 20, 25, 25];
    expect(made({ mean: 20, variance: 25 }, { shape: 2 })).toEqual(spread);
    expect(made({ mean: 20, variance: 25 }, {}, [null, 7, 2])).toEqual(spread);
    expect(made({ mean: [20], variance: [25], axis: 1 }, {}, [null, 2, 7])).toEqual(spread);
    for (const refused of [
      () => made({ mean: 20, variance: 25 }), // of how many features?
      () => made({ mean: 20, variance: 25 }, { shape: [2, 3] }),
      () => made({ mean: [20] }),
      () => made({ variance: [20] }),
      () => made({ mean: [20, 30], variance: [25] }),
      () => made({ mean: [], variance: [] }),
      () => made({ mean: [[20, 30]], variance: [[25, 4]] }),
      () => made(both, { shape: 3 }),
      () => made(both, {}, [null, 3]),
      () => made({ ...both, axis: null }),
      () => made({ ...both, variance: [25, -4] }),
      () => read(both, weights, { count }), // what of the two?
      () => read({ mean: 20 }, weights, { count }),
      () => read({ variance: 25 }, weights, { count }),
      () => read(both, []), // of how many values?
    ])
      expect(thrownBy(refused)).toBeInstanceOf(FormatError);
    const negative = thrownBy(() => made({ ...both, variance: [25, -4] }));
    expect((negative as Error).message).toMatch(/^config\.variance\[1\] must be/);
  });

  test.each<[string, KerasConfig, ForeignArray[], string]>([
    ['the inverse', { invert: true }, weights, 'config.invert'],
    ['statistics of several axes', { axis: [1, 2] }, weights, 'config.axis'],
    ['weights without a count', {}, weights.slice(0, 2), 'weights'],
    ['weights at odds', {}, [mean!, vector(1), single(2)], 'variance.shape'],
    ['weights of no axis', { axis: null }, weights, 'mean.shape'],
    ['a negative variance', {}, [mean!, vector(25, -4), single(2)], 'variance[1]'],
    ['a negative count', {}, [mean!, variance!, single(-1)], 'count'],
    ['a constant feature', {}, [mean!, vector(25, 0), single(9)], 'the divisor of feature 1 must be 1e-7'],
    [
      'one that varies less than epsilon',
      {},
      [vector(0), vector(9e-15), single(9)],
      'feature 0 must be 1e-7',
    ],
  ])('not %s', (_, config, weights, where) => {
    const error = thrownBy(() => read(config, weights));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('not what is constant here, unless it is divided by 1 there too', () => {
    // 1e9 times its standard deviation from 0, of so many values
    const far = (variance: number) => read({}, [vector(1e9), vector(variance), single(9e6)]);
    expect([...far(1).transform([1e9 + 64])]).toEqual([64]);
    expect(thrownBy(() => far(0.25))).toBeInstanceOf(FormatError);
    expect((thrownBy(() => far(0.25)) as Error).message).toContain('the divisor of feature 0 must be 0.5');
  });

  test('nor with a count that is none, or of another layer', () => {
    for (const count of [0, -1, Number.NaN, Infinity, [3], [3, 0], [3, 4, 5], null, '3', ['3', '4']])
      expect(thrownBy(() => read({}, weights, { count } as FromKerasOptions))).toBeInstanceOf(OptionError);
    const bn = {
      class_name: 'BatchNormalization',
      config: {},
      weights: [mean!, mean!, mean!, variance!],
    } as const;
    expect(thrownBy(() => fromKeras(bn, { count: 3 }))).toBeInstanceOf(OptionError);
  });
});

describe('written', () => {
  const learned = (
    options: object = {},
    rows = [
      [1, 10],
      [3, 20],
    ],
  ): StandardScaler => {
    const scaler = new StandardScaler(rows[0]!.length, options);
    for (const row of rows) scaler.update(row);
    return scaler;
  };

  test('mean, variance and count', () => {
    expect(toKeras(learned(), { dtype: 'float32' })).toEqual({
      class_name: 'Normalization',
      config: { axis: 1, invert: false },
      weights: [vector(2, 15), vector(1, 25), single(2)],
    });
    expect(toKeras(learned(), { axis: -1 }).config.axis).toBe(-1);
    expect(toKeras(learned({}, [[1], [3]]), { axis: null })).toEqual({
      class_name: 'Normalization',
      config: { axis: null, invert: false },
      weights: [2, 1]
        .map((value) => ({ data: Float64Array.of(value), shape: [] }))
        .concat(single(2) as never),
    });
  });

  test('a count of 0 where Keras’s cannot say it', () => {
    const count = (scaler: StandardScaler) => toKeras(scaler).weights[2];
    expect(
      count(
        learned({ missing: 'keep' }, [
          [1, 10],
          [3, 20],
          [5, Number.NaN],
        ]),
      ),
    ).toEqual(single(0));
    const [most, more, part] = [learned({}, [[0], [2]]), learned({}, [[0], [2]]), learned({}, [[0], [2]])];
    most.update([1], 2 ** 31 - 3);
    more.update([1], 2 ** 31 - 2);
    part.update([1], 0.5);
    expect([most, more, part].map((scaler) => count(scaler)!.data[0])).toEqual([2 ** 31 - 1, 0, 0]);
  });

  test.each<[string, StandardScaler, string]>([
    ['without a mean', learned({ withMean: false }), 'options.withMean'],
    ['without a standard deviation', learned({ withStd: false }), 'options.withStd'],
    ['unbiased', learned({ ddof: 1 }), 'options.ddof'],
    ['that forgets', learned({ running: { halfLifeRows: 9 } }), 'options.running'],
    ['that clips', learned({ clip: 3 }), 'options.clip'],
    ['that fills in', learned({ missing: 'mean' }), 'options.missing'],
    ['of nothing', new StandardScaler(2), 'feature 0'],
    [
      'of an unknown feature',
      learned({ missing: 'keep' }, [
        [1, Number.NaN],
        [3, Number.NaN],
      ]),
      'feature 1',
    ],
    [
      'of a constant feature',
      learned({}, [
        [1, 5],
        [3, 5],
      ]),
      'the divisor of feature 1 must be 1e-7',
    ],
    ['of a feature that varies less than epsilon', learned({}, [[0], [1e-7]]), 'the divisor of feature 0'],
    ['whose variance has left float64', learned({}, [[-1e200], [1e200]]), 'variance[0]'],
  ])('not one %s', (_, scaler, where) => {
    const error = thrownBy(() => toKeras(scaler));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('nor with options of other layers', () => {
    for (const options of [{ momentum: 0.9 }, { center: true }, { scale: false }, { axis: 0.5 }])
      expect(thrownBy(() => toKeras(learned(), options))).toBeInstanceOf(OptionError);
    expect(thrownBy(() => toKeras(learned(), { axis: null }))).toBeInstanceOf(FormatError);
    const bn = fromKeras({
      class_name: 'BatchNormalization',
      config: {},
      weights: [mean!, mean!, mean!, variance!],
    }) satisfies BatchNorm;
    expect(thrownBy(() => toKeras(bn, { axis: null }))).toBeInstanceOf(OptionError);
  });
});
