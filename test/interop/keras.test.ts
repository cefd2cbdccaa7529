import {
  BatchNorm,
  FormatError,
  type GroupNorm,
  InstanceNorm,
  LayerNorm,
  OptionError,
  RMSNorm,
  tensor,
} from 'evenkeel';
import { type ForeignArray, fromKeras, type KerasLayer, toKeras } from 'evenkeel/interop';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const vector = (...data: number[]): ForeignArray => ({ data: Float32Array.from(data), shape: [data.length] });
const [gamma, beta, mean, variance] = [vector(2, 3), vector(1, -1), vector(20, 30), vector(25, 4)];
const weights = [gamma, beta, mean, variance];

describe('read', () => {
  test('a batch norm, with Keras’s defaults and all that a config says beside', () => {
    const config = {
      name: 'batch_normalization',
      trainable: true,
      dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } },
      axis: -1,
      momentum: 0.99,
      beta_initializer: { class_name: 'Zeros' },
      gamma_regularizer: null,
      moving_mean_initializer: { class_name: 'Zeros' },
      synchronized: false,
      renorm: false,
      virtual_batch_size: null,
    };
    const norm = fromKeras({ class_name: 'BatchNormalization', config, weights }, { dtype: 'float64' });
    expect(norm.options).toMatchObject({
      eps: 1e-3,
      running: { momentum: 0.01 },
      runningDdof: 0,
      minValues: 1,
    });
    expect(fromKeras({ class_name: 'BatchNormalization', config: {}, weights }).options).toMatchObject({
      eps: 1e-3,
      running: { momentum: 0.01 },
    });
    const y = norm.infer(tensor([30, 30], [1, 2])).data;
    expect(y[0]).toBeCloseTo((2 * 10) / Math.sqrt(25 + 1e-3) + 1, 14);
    expect(y[1]).toBe(-1);
    // new = 0.99 old + 0.01 batch, with the biased variance
    norm.forward(tensor([1, 1, 3, 3], [2, 2]));
    expect(norm.runningMean[0]).toBeCloseTo(0.99 * 20 + 0.01 * 2, 14);
    expect(norm.runningVariance[0]).toBeCloseTo(0.99 * 25 + 0.01 * 1, 14);
    // A single value is a batch: beta, and a variance of 0.
    expect([...norm.forward(tensor([5, 5], [1, 2])).data]).toEqual([1, -1]);
  });

  test('weights that are not all there', () => {
    const config = (center: boolean, scale: boolean) => ({ center, scale });
    const read = (center: boolean, scale: boolean, ...weights: ForeignArray[]) =>
      fromKeras({ class_name: 'BatchNormalization', config: config(center, scale), weights });
    expect([...read(false, true, gamma!, mean!, variance!).gamma]).toEqual([2, 3]);
    expect([...read(false, true, gamma!, mean!, variance!).beta]).toEqual([0, 0]);
    expect([...read(true, false, beta!, mean!, variance!).beta]).toEqual([1, -1]);
    expect(read(false, false, mean!, variance!).options.affine).toBe(false);
    expect([...read(false, false, mean!, variance!).runningMean]).toEqual([20, 30]);
  });

  test('what serialize_keras_object says of a layer, or a model of its layers', () => {
    const layer = {
      module: 'keras.layers',
      class_name: 'BatchNormalization',
      config: { name: 'bn', axis: -1 },
      registered_name: null,
      build_config: { input_shape: [null, 2] },
      name: 'bn',
      inbound_nodes: [],
      weights,
    } as const;
    expect([...fromKeras(layer).runningMean]).toEqual([20, 30]);
    expect(fromKeras({ ...layer, build_config: { input_shape: null } }).channels).toBe(2);
    const odd = { ...layer, build_config: { input_shape: [null, 'x' as unknown as null] } };
    expect(thrownBy(() => fromKeras(odd))).toBeInstanceOf(FormatError);
    const custom = { ...layer, registered_name: 'mine>BatchNormalization' as unknown as null };
    expect(thrownBy(() => fromKeras(custom))).toBeInstanceOf(FormatError);
  });

  test('the shape a layer without weights was built for', () => {
    const bare = { center: false, scale: false };
    const built = (input_shape: unknown) => ({ build_config: { input_shape } as object, weights: [] });
    const ln = (axis: number | number[], shape: unknown) =>
      fromKeras({ class_name: 'LayerNormalization', config: { ...bare, axis }, ...built(shape) })
        .normalizedShape;
    expect([ln(-1, [null, 4, 3]), ln(2, [null, 4, 3]), ln([1, 2], [null, 4, 3])]).toEqual([[3], [3], [4, 3]]);
    const group = (axis: number, shape: unknown) =>
      fromKeras({ class_name: 'GroupNormalization', config: { ...bare, axis, groups: 2 }, ...built(shape) })
        .channels;
    expect([group(-1, [null, 8, 6]), group(1, [null, 8, 6])]).toEqual([6, 8]);
    for (const refused of [
      () => ln(1, [null, 4, 3]), // not the last
      () => ln([-2, -1], [null, 3]), // the samples' too
      () => ln(-1, [null, null]),
      () => ln(-1, 'any'),
      () => ln(-1, [null, 1.5]),
      () => ln(-1, null),
      () => group(3, [null, 8, 6]),
      () => group(0, [null, 8, 6]),
    ])
      expect(thrownBy(refused)).toBeInstanceOf(FormatError);
    const said = { class_name: 'LayerNormalization', config: bare, ...built([null, 4]) } as const;
    expect(fromKeras(said, { shape: 5 }).normalizedShape).toEqual([5]); // by the caller, who knows better
    const groups = { class_name: 'GroupNormalization', config: { ...bare, groups: 2 } } as const;
    expect(fromKeras({ ...groups, ...built([null, 4]) }, { shape: 6 }).channels).toBe(6);
    const none = { ...said, config: { ...bare, axis: [] }, build_config: null };
    expect(thrownBy(() => fromKeras(none, { shape: 4 }))).toBeInstanceOf(FormatError);
  });

  test('a positive axis that is not the last of those it was built for', () => {
    const square = { data: [1, 2], shape: [2] };
    const read = (axis: number, build_config?: { input_shape: (number | null)[] }) =>
      fromKeras({
        class_name: 'RMSNormalization',
        config: { axis },
        weights: [square],
        ...(build_config && { build_config }),
      }).normalizedShape;
    expect(read(1)).toEqual([2]); // as nobody can know
    expect(read(2, { input_shape: [null, 2, 2] })).toEqual([2]);
    expect(thrownBy(() => read(1, { input_shape: [null, 2, 2] }))).toBeInstanceOf(FormatError);
    expect(thrownBy(() => read(-1, { input_shape: [null, 2, 3] }))).toBeInstanceOf(FormatError);
  });

  test('tfjs’s getClassName() and getConfig()', () => {
    const initializer = { className: 'Zeros', config: {} };
    const config = {
      axis: -1,
      momentum: 0.9,
      epsilon: 0.5,
      center: true,
      scale: true,
      betaInitializer: initializer,
      gammaInitializer: initializer,
      movingMeanInitializer: initializer,
      movingVarianceInitializer: initializer,
      betaRegularizer: null,
      gammaRegularizer: null,
      betaConstraint: null,
      gammaConstraint: null,
      name: 'batch_normalization_1',
      trainable: true,
      batchInputShape: [null, 2],
      dtype: 'float32',
    };
    const norm = fromKeras({ className: 'BatchNormalization', config, weights });
    expect([norm.options.eps, norm.options.running]).toEqual([0.5, { momentum: 0.1 }]);
    for (const other of ['virtualBatchSize', 'Momentum', 'betaInitialiser'])
      expect(
        thrownBy(() => fromKeras({ className: 'BatchNormalization', config: { [other]: 8 }, weights })),
      ).toBeInstanceOf(FormatError);
  });

  test('whatever the momentum: 1 - it is rounded at most', () => {
    const running = (momentum: number) =>
      fromKeras({ class_name: 'BatchNormalization', config: { momentum }, weights }).options.running;
    expect(running(1e-20)).toEqual({ momentum: 1 });
    expect(running(1 / 300)).toEqual({ momentum: 1 - 1 / 300 });
  });

  test('renormalization of the first batch goes by the statistics that were read', () => {
    const layer = { class_name: 'BatchNormalization', config: { epsilon: 0 }, weights } as const;
    expect(fromKeras(layer).batches).toBe(1);
    const norm = fromKeras({ ...layer, weights: [vector(1), vector(0), vector(5), vector(4)] });
    norm.setRenorm({ rMax: 10, dMax: 10 });
    // (x - 5) / 2, as at test time
    expect([...norm.forward(tensor([1, 3], [2, 1])).data]).toEqual([-2, -1]);
  });

  test('layer, RMS and group normalization', () => {
    const two = { data: [1, 2, 3, 4, 5, 6], shape: [2, 3] };
    const ln = fromKeras({
      class_name: 'LayerNormalization',
      config: { axis: [-2, -1] },
      weights: [two, two],
    });
    expect([ln.normalizedShape, [...ln.gamma], ln.options.eps]).toEqual([[2, 3], [1, 2, 3, 4, 5, 6], 1e-3]);
    const bare = {
      class_name: 'LayerNormalization',
      config: { center: false, scale: false },
      weights: [],
    } as const;
    expect(fromKeras(bare, { shape: 4 }).normalizedShape).toEqual([4]);
    const rms = fromKeras({ class_name: 'RMSNormalization', config: {}, weights: [gamma!] });
    expect([[...rms.gamma], rms.options.eps]).toEqual([[2, 3], 1e-6]);
    const group = (groups: number) =>
      fromKeras({ class_name: 'GroupNormalization', config: { groups }, weights: [gamma!, beta!] }).groups;
    expect([group(1), group(2), group(-1)]).toEqual([1, 2, 2]);
  });

  const layer = (class_name: string, config: object, weights: unknown): KerasLayer =>
    ({ class_name, config, weights }) as KerasLayer;
  test.each<[string, KerasLayer, string]>([
    ['another layer', layer('Dense', {}, []), 'class_name'],
    ['renormalization', layer('BatchNormalization', { renorm: true }, weights), 'config.renorm'],
    [
      'virtual batches',
      layer('BatchNormalization', { virtual_batch_size: 2 }, weights),
      'config.virtual_batch_size',
    ],
    [
      'rms_scaling, which is no RMS',
      layer('LayerNormalization', { rms_scaling: true }, [gamma]),
      'config.rms_scaling',
    ],
    ['a negative epsilon', layer('BatchNormalization', { epsilon: -1 }, weights), 'config.epsilon'],
    ['a momentum beyond 1', layer('BatchNormalization', { momentum: 1.5 }, weights), 'config.momentum'],
    ['a weight too few', layer('BatchNormalization', {}, weights.slice(1)), 'weights'],
    ['a weight too many', layer('BatchNormalization', { center: false }, weights), 'weights'],
    ['weights that are no array', layer('BatchNormalization', {}, {}), 'weights'],
    ['channels at odds', layer('BatchNormalization', {}, [vector(1), beta, mean, variance]), 'gamma.shape'],
    [
      'a negative variance',
      layer('BatchNormalization', {}, [gamma, beta, mean, vector(1, -4)]),
      'moving_variance[1]',
    ],
    ['two axes of channels', layer('BatchNormalization', { axis: [1, 2] }, weights), 'config.axis'],
    ['the first axis', layer('LayerNormalization', { axis: [0, 1] }, [mean, mean]), 'config.axis'],
    ['axes apart', layer('LayerNormalization', { axis: [1, 3] }, [mean, mean]), 'config.axis'],
    [
      'axes that are not the last',
      layer('LayerNormalization', { axis: [-3, -2] }, [mean, mean]),
      'config.axis',
    ],
    [
      'other axes than the weights have',
      layer('LayerNormalization', { axis: [-2, -1] }, [mean, mean]),
      'weights[0].shape',
    ],
    [
      'a layer of unknown size',
      layer('LayerNormalization', { center: false, scale: false }, []),
      'options.shape',
    ],
    ['groups that do not divide', layer('GroupNormalization', {}, [gamma, beta]), 'config.groups'],
  ])('not %s', (_, layer, where) => {
    const error = thrownBy(() => fromKeras(layer));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });
});

describe('written', () => {
  const asKeras = { running: { momentum: 0.01 }, runningDdof: 0, minValues: 1 } as const;
  const learned = (options: object): BatchNorm => {
    const norm = new BatchNorm(1, options);
    norm.forward(tensor([1, 3], [2, 1]));
    return norm;
  };

  test('a batch norm’s config and weights', () => {
    const { config, weights } = toKeras(learned({ ...asKeras, running: { momentum: 1 } }), {
      axis: -1,
      dtype: 'float32',
    });
    expect(config).toEqual({ axis: -1, momentum: 0, epsilon: 1e-5, center: true, scale: true });
    const column = (value: number) => ({ data: Float32Array.of(value), shape: [1] });
    expect(weights).toEqual([column(1), column(0), column(2), column(1)]);
    expect(toKeras(learned(asKeras)).config['momentum']).toBe(0.99);
  });

  test('without the weights that do nothing', () => {
    const norm = learned(asKeras);
    expect(toKeras(norm, { center: false, scale: false }).weights).toHaveLength(2);
    norm.gamma[0] = 2;
    expect(toKeras(norm, { center: false }).config).toMatchObject({ center: false, scale: true });
    expect(() => toKeras(norm, { scale: false })).toThrow(FormatError);
    expect(() => toKeras(learned({ ...asKeras, affine: false }), { scale: true })).toThrow(FormatError);
    expect(toKeras(learned({ ...asKeras, affine: false })).weights).toHaveLength(2);
  });

  test('a momentum by arithmetic, and one that is said', () => {
    expect(toKeras(learned({ ...asKeras, running: { momentum: 1 - 0.99 } })).config['momentum']).toBe(0.99);
    for (const momentum of [1e-20, 1 / 300])
      expect(toKeras(learned(asKeras), { momentum }).config['momentum']).toBe(momentum);
  });

  test.each([
    [{ ...asKeras, running: 'pooled' }, 'options.running'],
    [{ ...asKeras, running: 'average' }, 'options.running'],
    [{ ...asKeras, running: { halfLifeRows: 9 } }, 'options.running'],
    [{ ...asKeras, running: { momentum: 1e-20 } }, 'options.running.momentum'],
    [{ ...asKeras, runningDdof: 1 }, 'options.runningDdof'],
    [{ ...asKeras, minValues: 2 }, 'options.minValues'],
    [{ ...asKeras, renorm: { rMax: 3, dMax: 5 } }, 'options.renorm'],
    [{ ...asKeras, missing: 'keep' }, 'options.missing'],
  ])('not how %j learns, but what it has learned', (options, where) => {
    const norm = learned(options);
    const error = thrownBy(() => toKeras(norm));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
    const layer = toKeras(norm, { momentum: 0.9 });
    expect(layer.config['momentum']).toBe(0.9);
    const x = tensor([5], [1, 1]);
    expect(fromKeras(layer).infer(x).data).toEqual(norm.infer(x).data);
  });

  test.each<[string, () => unknown, string]>([
    ['what is filled in', () => toKeras(new LayerNorm(1, { missing: 'mean' })), 'options.missing'],
    ['an instance norm', () => toKeras(new InstanceNorm(2) as unknown as GroupNorm), 'norm'],
    ['an RMSNorm that does not scale', () => toKeras(new RMSNorm(2, { affine: false })), 'options.affine'],
    [
      'an RMSNorm that shifts',
      () => {
        const norm = new RMSNorm(2);
        norm.beta[1] = 3;
        return toKeras(norm);
      },
      'beta[1]',
    ],
  ])('not %s', (_, write, where) => {
    const error = thrownBy(write);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('nor with options there are not', () => {
    for (const options of [{ eps: 1 }, { momentum: 2 }, { dtype: 'F32' }, { axis: 0.5 }, { center: 1 }])
      expect(() => toKeras(learned(asKeras), options as object)).toThrow(OptionError);
    expect(() =>
      fromKeras({ class_name: 'BatchNormalization', config: {}, weights }, { eps: 1 } as object),
    ).toThrow(OptionError);
  });
});
