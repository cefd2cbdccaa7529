import { Affine, BatchNorm, type Foldable, foldIntoConv, OptionError, ShapeError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const of = (...values: number[]): Float64Array => Float64Array.of(...values);
const norm = (...parts: ConstructorParameters<typeof Affine>): Foldable => ({
  toAffine: () => new Affine(...parts),
});

describe('by hand', () => {
  test('every position of the kernel is scaled by its output channel', () => {
    const weight = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const folded = foldIntoConv(weight, of(5, 6), norm(of(10, -1), of(1, 2), of(3, 4)));
    expect(folded.weight).toEqual(tensor([10, 20, 30, 40, -5, -6, -7, -8], [2, 2, 2]));
    expect(folded.bias).toEqual(of(21, 0));
  });

  test('transposed, output channels are on axis 1', () => {
    const weight = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const folded = foldIntoConv(weight, null, norm(of(10, -1), of(1, 2)), { transposed: true });
    expect(folded.weight).toEqual(tensor([10, 20, -3, -4, 50, 60, -7, -8], [2, 2, 2]));
    expect(folded.bias).toEqual(of(1, 2));
  });

  test('transposed with groups, they go on from group to group', () => {
    const weight = tensor([1, 2, 3, 4, 5, 6, 7, 8], [4, 2, 1]); // inputs 0 and 1 to outputs 0 and 1, 2 and 3 to 2 and 3
    const folded = foldIntoConv(weight, null, norm(of(10, 1, 100, -1), of(0, 0, 0, 0)), {
      transposed: true,
      groups: 2,
    });
    expect([...folded.weight.data]).toEqual([10, 2, 30, 4, 500, -6, 700, -8]);
  });

  test('types are kept', () => {
    const folded = foldIntoConv(tensor(Float32Array.of(1), [1, 1, 1]), of(0.1), norm(of(0.1), of(0)));
    expect(folded.weight.data).toEqual(Float32Array.of(0.1));
    expect(folded.bias).toBeInstanceOf(Float64Array);
    expect(
      foldIntoConv(tensor(Float32Array.of(1), [1, 1, 1]), null, norm(of(0.1), of(0))).bias,
    ).toBeInstanceOf(Float32Array);
  });

  test.each([false, true])('a fresh norm changes nothing, with eps 0; transposed: %s', (transposed) => {
    const weight = tensor(
      Array.from({ length: 24 }, (_, i) => i / 7),
      [2, 2, 3, 2],
    );
    expect(foldIntoConv(weight, of(7, 8), new BatchNorm(2, { eps: 0 }), { transposed })).toEqual({
      weight,
      bias: of(7, 8),
    });
  });
});

describe('refusals', () => {
  const fold = foldIntoConv as (...given: unknown[]) => unknown;
  const weight = tensor([1, 2, 3, 4], [4, 1, 1]);
  const four = norm(of(1, 1, 1, 1), of(0, 0, 0, 0));

  test.each<[string, unknown[]]>([
    ['groups', [weight, null, four, { groups: 3 }]],
    ['groups', [weight, null, four, { groups: 8 }]],
    ['groups', [weight, null, four, { groups: 0 }]],
    ['groups', [weight, null, four, { groups: '2' }]],
    ['groups', [weight, null, norm(of(1, 1, 1), of(0, 0, 0)), { groups: 3, transposed: true }]],
    ['transposed', [weight, null, four, { transposed: 1 }]],
    ['options.norm', [weight, null, four, { norm: 'before' }]],
    ['weight.data[0]', [tensor([Number.NaN], [1, 1, 1]), null, norm(of(1), of(0))]],
    ['bias[3]', [weight, of(0, 0, 0, Infinity), four]],
    ['norm', [weight, null, {}]],
  ])('%s', (option, given) => {
    const error = thrownBy(() => fold(...given));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test.each<[string, unknown[]]>([
    ['two axes', [tensor([1, 2, 3, 4], [4, 1]), null, four]],
    ['a norm of other channels', [weight, null, norm(of(1), of(0))]],
    [
      'a norm of the outputs of one group',
      [weight, null, norm(of(1), of(0)), { transposed: true, groups: 4 }],
    ],
    ['a norm of the inputs', [tensor([1, 2], [2, 1, 1]), null, new BatchNorm(2), { transposed: true }]],
    ['a bias of the inputs', [tensor([1, 2], [2, 1, 1]), of(1, 2), new BatchNorm(1), { transposed: true }]],
  ])('%s', (_, given) => {
    const error = thrownBy(() => fold(...given));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error).toMatchObject({ code: 'EVENKEEL_SHAPE' });
  });
});
