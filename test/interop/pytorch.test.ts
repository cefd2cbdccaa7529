import { runInNewContext } from 'node:vm';
import {
  BatchNorm,
  FormatError,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  OptionError,
  RMSNorm,
  tensor,
} from 'evenkeel';
import { fromPyTorch, type SafetensorsTensor, type StateDict, toPyTorch } from 'evenkeel/interop';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const f64 = (...values: number[]): SafetensorsTensor => ({
  dtype: 'F64',
  shape: [values.length],
  data: Float64Array.from(values),
});
const count = (n: bigint, shape: number[] = []): SafetensorsTensor => ({
  dtype: 'I64',
  shape,
  data: BigInt64Array.of(n),
});
const running = { running_mean: f64(20, 30), running_var: f64(25, 4), num_batches_tracked: count(7n) };
const parameters = { weight: f64(2, 3), bias: f64(1, -1) };

describe('read', () => {
  test('a batch norm, with PyTorch’s defaults', () => {
    const norm = fromPyTorch(
      { module: 'BatchNorm', stateDict: { ...parameters, ...running } },
      { dtype: 'float64' },
    );
    expect(norm.options).toMatchObject({
      eps: 1e-5,
      running: { momentum: 0.1 },
      runningDdof: 1,
      minValues: 2,
      affine: true,
    });
    const y = norm.infer(tensor([30, 30], [1, 2])).data;
    expect(y[0]).toBeCloseTo((2 * 10) / Math.sqrt(25 + 1e-5) + 1, 14);
    expect(y[1]).toBe(-1);
    expect(norm.batches).toBe(7);
    // new = 0.9 old + 0.1 batch, with the unbiased variance
    norm.forward(tensor([1, 1, 3, 3], [2, 2]));
    expect(norm.runningMean[0]).toBeCloseTo(0.9 * 20 + 0.1 * 2, 14);
    expect(norm.runningVariance[0]).toBeCloseTo(0.9 * 25 + 0.1 * 2, 14);
  });

  test('momentum None, without parameters', () => {
    const norm = fromPyTorch({ module: 'BatchNorm', arguments: { momentum: null }, stateDict: running });
    expect(norm.options).toMatchObject({ running: 'average', affine: false });
    norm.forward(tensor([1, 1, 3, 3], [2, 2]));
    expect(norm.runningMean[0]).toBeCloseTo((7 * 20 + 2) / 8, 13);
    expect(
      fromPyTorch({ module: 'BatchNorm', stateDict: { ...running, num_batches_tracked: count(0n) } }).batches,
    ).toBe(0);
    const { num_batches_tracked: _, ...old } = running; // as saved before there was such a thing
    expect(fromPyTorch({ module: 'BatchNorm', stateDict: old }).batches).toBe(1);
    expect(() => fromPyTorch({ module: 'BatchNorm', arguments: { momentum: null }, stateDict: old })).toThrow(
      FormatError,
    );
  });

  test('one module of a model', () => {
    const stateDict: StateDict = {
      ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`encoder.1.${name}`, value])),
      'encoder.10.weight': f64(9),
      weight: f64(9, 9),
    };
    const norm = fromPyTorch(
      { module: 'GroupNorm', arguments: { num_groups: 2 }, stateDict },
      { prefix: 'encoder.1.' },
    );
    expect([...norm.gamma, ...norm.beta, norm.groups]).toEqual([2, 3, 1, -1, 2]);
  });

  test.each([
    ['F16', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
    ['BF16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
    ['F32', Float32Array.of(1, -2), [1, -2]],
    ['F16', runInNewContext('Uint16Array.of(0x3c00, 0xc000)'), [1, -2]], // of another realm
  ])('%s', (dtype, data, values) => {
    const weight = { dtype, shape: [2], data } as SafetensorsTensor;
    const norm = fromPyTorch({ module: 'LayerNorm', stateDict: { weight } });
    expect([...norm.gamma]).toEqual(values);
    expect([...norm.beta]).toEqual([0, 0]);
  });

  test('modules without a tensor, by their arguments', () => {
    const stateDict = {};
    expect(fromPyTorch({ module: 'InstanceNorm', arguments: { num_features: 3 }, stateDict }).channels).toBe(
      3,
    );
    const args = { normalized_shape: [2, 3], elementwise_affine: false };
    expect(fromPyTorch({ module: 'LayerNorm', arguments: args, stateDict }).normalizedShape).toEqual([2, 3]);
    const rms = fromPyTorch({ module: 'RMSNorm', arguments: { normalized_shape: 4, eps: 1e-6 }, stateDict });
    expect([rms.normalizedShape, rms.options.affine]).toEqual([[4], false]);
    const group = { num_groups: 2, num_channels: 4, affine: false };
    expect(fromPyTorch({ module: 'GroupNorm', arguments: group, stateDict }).options.affine).toBe(false);
  });

  const all = { ...parameters, ...running };
  test.each<[string, Parameters<typeof fromPyTorch>[0], string]>([
    ['another module', { module: 'Linear' as 'BatchNorm', stateDict: all }, 'module'],
    [
      'another argument',
      { module: 'BatchNorm', arguments: { device: 'cpu' } as object, stateDict: all },
      'arguments.device',
    ],
    ['a negative eps', { module: 'BatchNorm', arguments: { eps: -1 }, stateDict: all }, 'arguments.eps'],
    [
      'a momentum beyond 1',
      { module: 'BatchNorm', arguments: { momentum: 2 }, stateDict: all },
      'arguments.momentum',
    ],
    [
      'statistics of the batch alone',
      { module: 'BatchNorm', arguments: { track_running_stats: false }, stateDict: all },
      'arguments.track_running_stats',
    ],
    ['no statistics', { module: 'BatchNorm', stateDict: parameters }, 'running_mean'],
    ['no variance', { module: 'BatchNorm', stateDict: { running_mean: f64(1) } }, 'running_var'],
    ['a weight alone', { module: 'BatchNorm', stateDict: { ...running, weight: f64(1, 1) } }, 'bias'],
    ['a bias alone', { module: 'BatchNorm', stateDict: { ...running, bias: f64(1, 1) } }, 'bias'],
    [
      'parameters that are not said to be',
      { module: 'BatchNorm', arguments: { affine: false }, stateDict: all },
      'arguments.affine',
    ],
    [
      'other channels',
      { module: 'BatchNorm', arguments: { num_features: 3 }, stateDict: all },
      'arguments.num_features',
    ],
    [
      'channels at odds',
      { module: 'BatchNorm', stateDict: { ...all, running_mean: f64(1) } },
      'running_mean.shape',
    ],
    [
      'a negative variance',
      { module: 'BatchNorm', stateDict: { ...all, running_var: f64(1, -1) } },
      'running_var[1]',
    ],
    [
      'a NaN',
      { module: 'BatchNorm', stateDict: { ...all, running_mean: f64(Number.NaN, 1) } },
      'running_mean[0]',
    ],
    [
      'whole numbers for floats',
      { module: 'BatchNorm', stateDict: { ...all, running_mean: count(1n, [1]) } },
      'running_mean',
    ],
    [
      'floats for a whole number',
      { module: 'BatchNorm', stateDict: { ...all, num_batches_tracked: f64(1) } },
      'num_batches_tracked',
    ],
    [
      'minus one batch',
      { module: 'BatchNorm', stateDict: { ...all, num_batches_tracked: count(-1n) } },
      'num_batches_tracked',
    ],
    [
      'a list of batches',
      { module: 'BatchNorm', stateDict: { ...all, num_batches_tracked: count(1n, [1]) } },
      'num_batches_tracked',
    ],
    ['a tensor it has not', { module: 'LayerNorm', stateDict: all }, 'stateDict.running_mean'],
    ['an instance norm of unknown size', { module: 'InstanceNorm', stateDict: {} }, 'arguments.num_features'],
    [
      'an average for an instance norm',
      { module: 'InstanceNorm', arguments: { momentum: null }, stateDict: all },
      'arguments.momentum',
    ],
    [
      'a variance alone',
      { module: 'InstanceNorm', stateDict: { ...parameters, running_var: f64(1, 1) } },
      'running_var',
    ],
    [
      'an eps that depends on the dtype',
      { module: 'RMSNorm', stateDict: { weight: f64(1) } },
      'arguments.eps',
    ],
    [
      'a bias of an RMSNorm',
      { module: 'RMSNorm', arguments: { eps: 0 }, stateDict: parameters },
      'stateDict.bias',
    ],
    [
      'groups that do not divide',
      { module: 'GroupNorm', arguments: { num_groups: 3 }, stateDict: parameters },
      'arguments.num_groups',
    ],
    [
      'no bias, where one is said to be',
      { module: 'LayerNorm', arguments: { bias: true }, stateDict: { weight: f64(1) } },
      'arguments.bias',
    ],
  ])('not %s', (_, module, where) => {
    const error = thrownBy(() => fromPyTorch(module));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('nor options there are not', () => {
    const module = { module: 'BatchNorm', stateDict: all } as const;
    expect(() => fromPyTorch(module, { eps: 1 } as object)).toThrow(OptionError);
    expect(() => fromPyTorch(module, { dtype: 'F32' as 'float32' })).toThrow(OptionError);
  });
});

describe('written', () => {
  const learned = (options: object): BatchNorm => {
    const norm = new BatchNorm(1, options);
    norm.forward(tensor([1, 2, 6], [3, 1]));
    return norm;
  };

  test('a batch norm’s arguments and tensors', () => {
    const module = toPyTorch(learned({ running: 'average' }), { prefix: 'a.', dtype: 'float32' });
    expect(module).toEqual({
      module: 'BatchNorm',
      arguments: { num_features: 1, eps: 1e-5, momentum: null, affine: true, track_running_stats: true },
      stateDict: {
        'a.weight': { dtype: 'F32', shape: [1], data: Float32Array.of(1) },
        'a.bias': { dtype: 'F32', shape: [1], data: Float32Array.of(0) },
        'a.running_mean': { dtype: 'F32', shape: [1], data: Float32Array.of(3) },
        'a.running_var': { dtype: 'F32', shape: [1], data: Float32Array.of(7) },
        'a.num_batches_tracked': { dtype: 'I64', shape: [], data: BigInt64Array.of(1n) },
      },
    });
  });

  test.each([
    [{ running: 'pooled' }, 'options.running'],
    [{ running: { halfLifeRows: 9 } }, 'options.running'],
    [{ running: 'average', runningDdof: 0 }, 'options.runningDdof'],
    [{ running: 'average', minValues: 1 }, 'options.minValues'],
    [{ running: 'average', renorm: { rMax: 3, dMax: 5 } }, 'options.renorm'],
    [{ running: 'average', missing: 'keep' }, 'options.missing'],
  ])('not how %j learns, but what it has learned', (options, where) => {
    const norm = learned(options);
    const error = thrownBy(() => toPyTorch(norm));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
    for (const momentum of [0.1, null]) {
      const module = toPyTorch(norm, { momentum });
      expect(module.arguments.momentum).toBe(momentum);
      expect(module.stateDict['running_mean']?.data).toEqual(norm.runningMean);
      const x = tensor([5], [1, 1]);
      expect(fromPyTorch(module).infer(x).data).toEqual(norm.infer(x).data);
    }
  });

  test.each<[string, () => unknown, string]>([
    [
      'what is filled in',
      () => toPyTorch(learned({ missing: 'mean' }), { momentum: 0.1 }),
      'options.missing',
    ],
    ['what is filled in', () => toPyTorch(new LayerNorm(1, { missing: 'mean' })), 'options.missing'],
    [
      'a shift of an RMSNorm',
      () => {
        const norm = new RMSNorm(2);
        norm.beta[1] = 3;
        return toPyTorch(norm);
      },
      'beta[1]',
    ],
    [
      'what float32 cannot hold',
      () => {
        const norm = new GroupNorm(1, 2);
        norm.gamma[1] = 1e50;
        return toPyTorch(norm, { dtype: 'float32' });
      },
      'weight[1]',
    ],
    [
      'a momentum of what has none',
      () => toPyTorch(new InstanceNorm(1), { momentum: 0.1 }),
      'options.momentum',
    ],
    ['what is no norm', () => toPyTorch({ options: {} } as BatchNorm), 'norm'],
  ])('not %s', (_, write, where) => {
    const error = thrownBy(write);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('nor with options there are not', () => {
    const norm = learned({ running: 'average' });
    for (const options of [{ eps: 1 }, { momentum: 2 }, { momentum: 'x' }, { dtype: 'F32' }, { prefix: 1 }])
      expect(() => toPyTorch(norm, options as object)).toThrow(OptionError);
  });
});
