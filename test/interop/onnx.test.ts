import { BatchNorm, FormatError, InstanceNorm, LayerNorm, OptionError, RMSNorm, tensor } from 'evenkeel';
import { type ForeignArray, fromOnnx, type OnnxName, type OnnxNode, toOnnx } from 'evenkeel/interop';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const vector = (...data: number[]): ForeignArray => ({ data, shape: [data.length] });
const inputs = {
  scale: vector(2, 3),
  B: vector(1, -1),
  input_mean: vector(20, 30),
  input_var: vector(25, 4),
};

describe('read', () => {
  test('BatchNormalization, with ONNX’s defaults', () => {
    const norm = fromOnnx({ opType: 'BatchNormalization', inputs }, { dtype: 'float64' });
    expect(norm.options).toMatchObject({
      eps: 1e-5,
      running: { momentum: 0.1 },
      runningDdof: 0,
      minValues: 1,
    });
    const y = norm.infer(tensor([30, 30], [1, 2])).data;
    expect(y[0]).toBeCloseTo((2 * 10) / Math.sqrt(25 + 1e-5) + 1, 14);
    expect(y[1]).toBe(-1);
    // new = 0.9 old + 0.1 batch, with the biased variance
    norm.forward(tensor([1, 1, 3, 3], [2, 2]));
    expect(norm.runningMean[0]).toBeCloseTo(0.9 * 20 + 0.1 * 2, 14);
    expect(norm.runningVariance[0]).toBeCloseTo(0.9 * 25 + 0.1 * 1, 14);
  });

  test('momenta as ONNX keeps them: float32', () => {
    const read = (momentum: number) =>
      fromOnnx({ opType: 'BatchNormalization', attributes: { momentum: Math.fround(momentum) }, inputs });
    for (const momentum of [0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.7, 0.9, 0.99, 1]) {
      const { running } = read(momentum).options;
      expect((running as { momentum: number }).momentum).toBeCloseTo(1 - momentum, 7);
      expect(Math.fround(toOnnx(read(momentum)).attributes.momentum!)).toBe(Math.fround(momentum));
    }
    expect(read(0.3).batches).toBe(1); // so that renorm goes by what was read
  });

  test('the others', () => {
    const { scale, B } = inputs;
    const group = fromOnnx({
      opType: 'GroupNormalization',
      attributes: { num_groups: 2 },
      inputs: { scale, bias: B },
    });
    expect([group.groups, group.channels, group.options.eps, [...group.beta]]).toEqual([2, 2, 1e-5, [1, -1]]);
    const instance = fromOnnx({ opType: 'InstanceNormalization', inputs: { scale, B } });
    expect(instance.options).toMatchObject({ affine: true, trackRunningStats: false, eps: 1e-5 });
    const two = { data: [1, 2, 3, 4], shape: [2, 2] };
    const ln = fromOnnx({
      opType: 'LayerNormalization',
      attributes: { axis: 1, stash_type: 1 },
      inputs: { Scale: two },
    });
    expect([ln.normalizedShape, [...ln.gamma], [...ln.beta]]).toEqual([
      [2, 2],
      [1, 2, 3, 4],
      [0, 0, 0, 0],
    ]);
    const rms = fromOnnx({
      opType: 'RMSNormalization',
      attributes: { axis: -2, epsilon: 0.5 },
      inputs: { scale: two },
    });
    expect([rms.normalizedShape, rms.options.eps]).toEqual([[2, 2], 0.5]);
  });

  const { scale, B } = inputs;
  const node = (opType: string, attributes: object, given: object, opset?: number): OnnxNode<OnnxName> =>
    ({ opType, attributes, inputs: given, ...(opset ? { opset } : {}) }) as OnnxNode<OnnxName>;
  test.each<[string, OnnxNode<OnnxName>, string]>([
    ['another operator', node('Gemm', {}, inputs), 'opType'],
    ['another attribute', node('BatchNormalization', { spatial: 0 }, inputs), 'attributes.spatial'],
    ['another input', node('BatchNormalization', {}, { ...inputs, X: scale }), 'inputs.X'],
    ['an operator of another time', node('BatchNormalization', {}, inputs, 9), 'opset'],
    [
      'a training mode that is none',
      node('BatchNormalization', { training_mode: 2 }, inputs),
      'attributes.training_mode',
    ],
    ['a momentum beyond 1', node('BatchNormalization', { momentum: 1.5 }, inputs), 'attributes.momentum'],
    ['a missing input', node('BatchNormalization', {}, { scale, B }), 'input_mean'],
    ['channels at odds', node('BatchNormalization', {}, { ...inputs, B: vector(1) }), 'B.shape'],
    [
      'a negative variance',
      node('BatchNormalization', {}, { ...inputs, input_var: vector(1, -1) }),
      'input_var[1]',
    ],
    ['a scale a group', node('GroupNormalization', { num_groups: 2 }, { scale, bias: B }, 18), 'opset'],
    ['no groups', node('GroupNormalization', {}, { scale, bias: B }), 'attributes.num_groups'],
    [
      'groups that do not divide',
      node('GroupNormalization', { num_groups: 3 }, { scale, bias: B }),
      'attributes.num_groups',
    ],
    ['a scale that is spread', node('LayerNormalization', { axis: -2 }, { Scale: scale }), 'Scale.shape'],
    ['the axis of the samples', node('LayerNormalization', { axis: 0 }, { Scale: scale }), 'attributes.axis'],
    [
      'an unknown stash type',
      node('RMSNormalization', { stash_type: 7 }, { scale }),
      'attributes.stash_type',
    ],
    ['a shift of an RMSNormalization', node('RMSNormalization', {}, { scale, B }), 'inputs.B'],
  ])('not %s', (_, node, where) => {
    const error = thrownBy(() => fromOnnx(node));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });
});

describe('written', () => {
  const asOnnx = { running: { momentum: 0.1 }, runningDdof: 0, minValues: 1 } as const;
  const learned = (options: object): BatchNorm => {
    const norm = new BatchNorm(1, options);
    norm.forward(tensor([1, 3], [2, 1]));
    return norm;
  };

  test('a batch norm’s attributes and inputs, in their order', () => {
    const node = toOnnx(learned({ ...asOnnx, running: { momentum: 1 }, affine: false }), {
      dtype: 'float32',
      trainingMode: true,
    });
    expect(node).toEqual({
      opType: 'BatchNormalization',
      opset: 15,
      attributes: { epsilon: 1e-5, momentum: 0, training_mode: 1 },
      inputs: {
        scale: { data: Float32Array.of(1), shape: [1] },
        B: { data: Float32Array.of(0), shape: [1] },
        input_mean: { data: Float32Array.of(2), shape: [1] },
        input_var: { data: Float32Array.of(1), shape: [1] },
      },
    });
    expect(Object.keys(node.inputs)).toEqual(['scale', 'B', 'input_mean', 'input_var']);
    expect(toOnnx(learned(asOnnx)).attributes).toEqual({ epsilon: 1e-5, momentum: 0.9, training_mode: 0 });
  });

  test('a momentum by arithmetic, and one that is said', () => {
    expect(toOnnx(learned({ ...asOnnx, running: { momentum: 1 - 0.99 } })).attributes.momentum).toBe(0.99);
    for (const momentum of [1e-20, 1 / 300])
      expect(toOnnx(learned(asOnnx), { momentum }).attributes.momentum).toBe(momentum);
  });

  test.each([
    [{ ...asOnnx, running: 'pooled' }, 'options.running'],
    [{ ...asOnnx, running: 'average' }, 'options.running'],
    [{ ...asOnnx, runningDdof: 1 }, 'options.runningDdof'],
    [{ ...asOnnx, minValues: 2 }, 'options.minValues'],
    [{ ...asOnnx, renorm: { rMax: 3, dMax: 5 } }, 'options.renorm'],
    [{ ...asOnnx, missing: 'keep' }, 'options.missing'],
  ])('not how %j learns, but what it has learned', (options, where) => {
    const norm = learned(options);
    const error = thrownBy(() => toOnnx(norm));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
    const node = toOnnx(norm, { momentum: 0.9 });
    expect(node.attributes.momentum).toBe(0.9);
    const x = tensor([5], [1, 1]);
    expect(fromOnnx(node).infer(x).data).toEqual(norm.infer(x).data);
  });

  test.each<[string, () => unknown, string]>([
    ['what is filled in', () => toOnnx(new LayerNorm(1, { missing: 'mean' })), 'options.missing'],
    [
      'an instance norm that tracks',
      () => toOnnx(new InstanceNorm(2, { trackRunningStats: true })),
      'options.trackRunningStats',
    ],
    [
      'an RMSNorm that shifts',
      () => {
        const norm = new RMSNorm(2);
        norm.beta[1] = 3;
        return toOnnx(norm);
      },
      'beta[1]',
    ],
    ['what is no norm', () => toOnnx({ options: {} } as LayerNorm), 'norm'],
  ])('not %s', (_, write, where) => {
    const error = thrownBy(write);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('nor with options there are not', () => {
    for (const options of [{ eps: 1 }, { momentum: 2 }, { dtype: 'F32' }, { trainingMode: 1 }])
      expect(() => toOnnx(learned(asOnnx), options as object)).toThrow(OptionError);
    expect(() => fromOnnx({ opType: 'BatchNormalization', inputs }, { eps: 1 } as object)).toThrow(
      OptionError,
    );
  });
});
