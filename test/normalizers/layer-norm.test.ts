import { LayerNorm, OptionError, ShapeError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const precisely = { eps: 0, dtype: 'float64' } as const;

test('a sample is what the last axes hold, whatever comes before', () => {
  const rows = [1, 3, 10, 20];
  const expected = Float64Array.of(-1, 1, -1, 1);
  for (const shape of [
    [2, 2],
    [1, 2, 2],
    [2, 1, 1, 2],
  ])
    expect(new LayerNorm(2, precisely).forward(tensor(rows, shape))).toEqual({ data: expected, shape });
  const one = new LayerNorm([2, 2], precisely).forward(tensor([1, 3, 1, 3], [2, 2]));
  expect(one.data).toEqual(expected);
  expect(new LayerNorm([4], precisely).forward(tensor([1, 3, 1, 3], [4])).data).toEqual(expected);
});

test('gamma and beta are one a place', () => {
  const norm = new LayerNorm(2, precisely);
  norm.gamma.set([2, 3]);
  norm.beta.set([10, 20]);
  expect(norm.forward(tensor([1, 3, 3, 1], [2, 2])).data).toEqual(Float64Array.of(8, 23, 12, 17));
});

test('a sample of one value, or of equal ones, is beta', () => {
  const norm = new LayerNorm(1);
  norm.beta[0] = 7;
  expect([...norm.forward(tensor([1, -1e9], [2, 1])).data]).toEqual([7, 7]);
  expect([...new LayerNorm(3, { eps: 0 }).forward(tensor([4, 4, 4], [1, 3])).data]).toEqual([0, 0, 0]);
});

test('with affine: false, gamma and beta do nothing, and have no gradient', () => {
  const norm = new LayerNorm(2, { ...precisely, affine: false });
  norm.gamma.fill(5);
  norm.beta.fill(5);
  expect(norm.forward(tensor([1, 3], [1, 2])).data).toEqual(Float64Array.of(-1, 1));
  const { dgamma, dbeta } = norm.backward(tensor([1, 2], [1, 2]));
  expect([dgamma, dbeta]).toEqual([new Float64Array(2), new Float64Array(2)]);
});

describe('refused', () => {
  test.each([
    0,
    -1,
    1.5,
    Number.NaN,
    '4',
    null,
    undefined,
    [],
    [2, 0],
    [2, '3'],
    [2 ** 20, 2 ** 20],
    // biome-ignore lint/suspicious/noSparseArray: a hole is no axis
    [, 2],
  ])('normalizedShape %j', (shape) => {
    expect(() => new LayerNorm(shape as never)).toThrow(OptionError);
  });

  test.each([
    { momentum: 0.1 },
    { eps: -1 },
    { eps: '1e-5' },
    { affine: 1 },
    { dtype: 'float16' },
    { missing: 'drop' },
    null,
    5,
    [],
  ])('options %j', (options) => {
    expect(() => new LayerNorm(2, options as never)).toThrow(OptionError);
  });

  test.each([
    [[2, 5], 4],
    [[2, 8], 4],
    [[4], [4, 4]],
    [
      [4, 2],
      [2, 4],
    ],
  ])('a tensor %j for normalizedShape %j, saying both', (shape, normalizedShape) => {
    const x = tensor(new Float64Array(shape.reduce((a, b) => a * b)), shape);
    const error = thrownBy(() => new LayerNorm(normalizedShape).forward(x));
    expect(error).toBeInstanceOf(ShapeError);
    expect((error as Error).message).toContain(`[${shape.join(', ')}]`);
    expect((error as Error).message).toContain([normalizedShape].flat().join(', '));
  });

  test.each([null, undefined, 5, { data: [1, 2], shape: [1, 2] }, { data: new Float32Array(2) }])(
    '%j for a tensor',
    (x) => {
      for (const step of ['forward', 'infer'] as const)
        expect(thrownBy(() => new LayerNorm(2)[step](x as never))).toBeInstanceOf(ShapeError);
    },
  );

  test('another shape than it was made with, behind its back', () => {
    const given = [2, 3];
    const norm = new LayerNorm(given);
    given[0] = 9;
    expect(norm.normalizedShape).toEqual([2, 3]);
    expect(Object.isFrozen(norm.normalizedShape)).toBe(true);
  });

  test('an infinity, whatever is done with missing values; naming sample and place', () => {
    const x = tensor([1, 2, 3, Infinity], [2, 2]);
    for (const missing of ['error', 'keep', 'mean'] as const)
      expect(thrownBy(() => new LayerNorm(2, { missing }).infer(x))).toMatchObject({
        code: 'EVENKEEL_NOT_FINITE',
        row: 1,
        feature: 1,
        value: Infinity,
      });
  });

  test('a gamma that is no number', () => {
    const norm = new LayerNorm(2);
    norm.gamma[1] = Number.NaN;
    expect(() => norm.forward(tensor([1, 2], [1, 2]))).toThrow('gamma[1]');
  });

  const good = () => JSON.parse(JSON.stringify(new LayerNorm([2, 3]))) as Record<string, unknown>;
  test.each([
    ['another kind', { ...good(), kind: 'BatchNorm' }],
    ['another version', { ...good(), version: 2 }],
    ['another size', { ...good(), normalizedShape: [3, 3] }],
    ['no shape', { ...good(), normalizedShape: undefined }],
    ['an empty shape', { ...good(), normalizedShape: [] }],
    ['a damaged shape', { ...good(), normalizedShape: [2, 3.5] }],
    ['no gamma', { ...good(), gamma: undefined }],
    ['options that are not complete', { ...good(), options: { eps: 1 } }],
    ['nothing', null],
  ])('the state of %s', (_, json) => {
    expect(thrownBy(() => LayerNorm.fromJSON(json))).toBeInstanceOf(StateError);
  });
});
