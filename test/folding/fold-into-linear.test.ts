import {
  Affine,
  BatchNorm,
  type FloatArray,
  type Foldable,
  foldIntoLinear,
  InstanceNorm,
  LayerNorm,
  OptionError,
  ShapeError,
  type Tensor,
  tensor,
} from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const of = (...values: number[]): Float64Array => Float64Array.of(...values);
const norm = (...parts: ConstructorParameters<typeof Affine>): Foldable => ({
  toAffine: () => new Affine(...parts),
});
const weight = tensor([1, 2, 3, 4, 5, 6], [3, 2]);

describe('by hand', () => {
  test('a norm after it', () => {
    const folded = foldIntoLinear(weight, of(7, 8, 9), norm(of(1, 10, -1), of(0, 0.5, 100), of(7, 6, 0)));
    expect(folded.weight).toEqual(tensor([1, 2, 30, 40, -5, -6], [3, 2]));
    expect(folded.bias).toEqual(of(0, 20.5, 91));
  });

  test('a norm before it', () => {
    const folded = foldIntoLinear(weight, of(7, 8, 9), norm(of(1, 10), of(0, 0.5), of(3, 1)), {
      norm: 'before',
    });
    expect(folded.weight).toEqual(tensor([1, 20, 3, 40, 5, 60], [3, 2]));
    expect(folded.bias).toEqual(of(-15, -39, -63));
  });

  test('no bias is a bias of zeros', () => {
    const affine = norm(of(1, 2, 3), of(0, 1, 2), of(1, 1, 1));
    expect(foldIntoLinear(weight, null, affine)).toEqual(foldIntoLinear(weight, of(0, 0, 0), affine));
  });

  test('a scale of 0: the shift alone, however far the bias is from the center', () => {
    const constant = norm(of(0, 0, 0), of(1, 2, 3), of(Number.MAX_VALUE, 9, 9));
    const folded = foldIntoLinear(weight, of(-Number.MAX_VALUE, 1, 1), constant);
    expect(folded).toEqual({ weight: tensor([0, 0, 0, 0, 0, 0], [3, 2]), bias: of(1, 2, 3) });
  });
});

describe('types', () => {
  const narrow = tensor(Float32Array.of(1, 2), [1, 2]);
  test.each([
    ['after', norm(of(0.1), of(0.1))],
    ['before', norm(of(0.1, 0.2), of(0.1, 0.2))],
  ] as const)('of weight and bias are kept, rounded once: %s', (where, affine) => {
    const fold = (weight: Tensor, bias: FloatArray | null) =>
      foldIntoLinear(weight, bias, affine, { norm: where });
    const wide = fold(tensor([1, 2], [1, 2]), of(1));
    const mixed = fold(narrow, of(1));
    expect(mixed.weight.data).toEqual(Float32Array.from(wide.weight.data));
    expect(mixed.bias).toEqual(wide.bias);
    expect(fold(narrow, Float32Array.of(1)).bias).toEqual(Float32Array.from(wide.bias));
    expect(fold(narrow, null).bias).toBeInstanceOf(Float32Array);
    expect(fold(wide.weight, null).bias).toBeInstanceOf(Float64Array);
  });

  test('what it is given stays as it was, and is not shared', () => {
    const [data, bias] = [of(1, 2), of(3)];
    const folded = foldIntoLinear(tensor(data, [1, 2]), bias, norm(of(1), of(0)));
    expect(folded).toEqual({ weight: tensor([1, 2], [1, 2]), bias: of(3) });
    folded.weight.data.fill(9);
    folded.bias.fill(9);
    expect([data, bias]).toEqual([of(1, 2), of(3)]);
  });
});

test('a norm that has learned nothing changes nothing, with eps 0', () => {
  const fresh = new BatchNorm(3, { eps: 0 });
  expect(foldIntoLinear(weight, of(7, 8, 9), fresh)).toEqual({ weight, bias: of(7, 8, 9) });
});

test('whatever is one affine a channel: an instance norm that tracks, and no norm that does not', () => {
  const tracked = new InstanceNorm(3, { trackRunningStats: true, momentum: 1, eps: 0 });
  tracked.forward(tensor([1, 2, 3, 0, 4, 8, 0, 10, 20], [1, 3, 3])); // means 2, 4 and 10, unbiased sds 1, 4 and 10
  expect(foldIntoLinear(weight, null, tracked)).toEqual({
    weight: tensor([1, 2, 0.75, 1, 0.5, 6 * 0.1], [3, 2]),
    bias: of(-2, -1, -1),
  });
  for (const [norm, option] of [
    [new InstanceNorm(3), 'trackRunningStats'],
    [new LayerNorm(3), 'norm'],
  ] as const) {
    expect(thrownBy(() => foldIntoLinear(weight, null, norm as never))).toMatchObject({ option });
  }
});

test('an affine folds as the norm that it came from', () => {
  const affine = new Affine(of(1, 10, -1), of(0, 0.5, 100), of(7, 6, 0));
  const from = { toAffine: () => affine };
  expect(foldIntoLinear(weight, of(7, 8, 9), affine)).toEqual(foldIntoLinear(weight, of(7, 8, 9), from));
});

describe('refusals', () => {
  const fold = foldIntoLinear as (...given: unknown[]) => unknown;
  const three = norm(of(1, 1, 1), of(0, 0, 0));
  const infinite = tensor([1, 2, 3, 4, 5, -Infinity], [3, 2]);
  const missing = tensor([1, Number.NaN, 3, 4, 5, 6], [3, 2]);

  test.each<[string, unknown[]]>([
    ['weight.data[5]', [infinite, null, three]],
    ['weight.data[1]', [missing, null, three]],
    ['bias', [weight, undefined, three]],
    ['bias', [weight, [1, 2, 3], three]],
    ['bias[2]', [weight, of(1, 2, Number.NaN), three]],
    ['norm', [weight, null, undefined]],
    ['norm.toAffine()', [weight, null, { toAffine: () => ({ scale: of(1, 1, 1) }) }]],
    ['norm', [weight, null, three, { norm: 'between' }]],
    ['options.before', [weight, null, three, { before: true }]],
    ['options', [weight, null, three, 'before']],
    ['folded weight.data[2]', [weight, null, norm(of(1, 1e308, 1), of(0, 0, 0))]],
    ['folded bias[0]', [tensor(Float32Array.of(1), [1, 1]), null, norm(of(1), of(1e39))]],
    ['folded weight.data[0]', [tensor(Float32Array.of(10), [1, 1]), null, norm(of(1e38), of(0))]],
    ['folded bias[0]', [tensor([1e300], [1, 1]), null, norm(of(1), of(1e300)), { norm: 'before' }]],
  ])('%s', (option, given) => {
    const error = thrownBy(() => fold(...given));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test.each<[string, unknown[]]>([
    ['no tensor', [null, null, three]],
    ['one axis', [tensor([1, 2], [2]), null, three]],
    ['three axes', [tensor([1, 2], [1, 1, 2]), null, three]],
    ['a bias of another size', [weight, of(1, 2), three]],
    ['a norm of the inputs after it', [weight, null, norm(of(1, 1), of(0, 0))]],
    ['a norm of the outputs before it', [weight, null, three, { norm: 'before' }]],
  ])('%s', (_, given) => {
    const error = thrownBy(() => fold(...given));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error).toMatchObject({ code: 'EVENKEEL_SHAPE' });
  });
});
