/** What `backward` refuses, and what it gives back. */
import {
  BackwardError,
  BatchNorm,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  RMSNorm,
  SampleError,
  ShapeError,
  tensor,
} from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const x = tensor([1, 2, 4, 8, 16, 32, 64, 128], [2, 2, 2]);
const dy = tensor(new Float64Array(8).fill(1), [2, 2, 2]);

describe.each([
  ['BatchNorm', () => new BatchNorm(2)],
  ['LayerNorm', () => new LayerNorm([2, 2])],
  ['GroupNorm', () => new GroupNorm(1, 2)],
  ['InstanceNorm', () => new InstanceNorm(2, { trackRunningStats: true, affine: true })],
  ['RMSNorm', () => new RMSNorm([2, 2])],
])('%s', (kind, make) => {
  test('backward before forward is refused, after a restart too', () => {
    const norm = make();
    const expected = {
      code: 'EVENKEEL_BACKWARD',
      name: 'BackwardError',
      message: expect.stringContaining(`${kind}.backward`),
    };
    expect(thrownBy(() => norm.backward(dy))).toBeInstanceOf(BackwardError);
    expect(thrownBy(() => norm.backward(dy))).toMatchObject(expected);
    norm.forward(x);
    norm.backward(dy);
    const { fromJSON } = norm.constructor as unknown as { fromJSON(json: unknown): typeof norm };
    const restored = fromJSON(JSON.parse(JSON.stringify(norm)));
    expect(thrownBy(() => restored.backward(dy))).toMatchObject(expected);
  });

  test('another shape, or what is not finite, is refused, and nothing changes', () => {
    const norm = make();
    norm.forward(x);
    const before = JSON.stringify(norm);
    const gradients = norm.backward(dy);
    for (const shape of [[8], [2, 4], [4, 2], [2, 2, 2, 1]]) {
      const error = thrownBy(() => norm.backward(tensor(dy.data, shape)));
      expect(error).toBeInstanceOf(ShapeError);
      expect((error as Error).message).toContain(`[2, 2, 2], as x has, got [${shape.join(', ')}]`);
    }
    expect(() => norm.backward(undefined as never)).toThrow(ShapeError);
    for (const value of [Number.NaN, Infinity]) {
      const bad = tensor(dy.data.slice(), dy.shape);
      bad.data[5] = value;
      expect(thrownBy(() => norm.backward(bad))).toBeInstanceOf(SampleError);
    }
    expect(norm.backward(dy)).toEqual(gradients);
    expect(JSON.stringify(norm)).toBe(before);
  });

  test('a refused forward leaves the one before it to go back through', () => {
    const norm = make();
    norm.forward(x);
    const gradients = norm.backward(dy);
    expect(() => norm.forward(tensor([1, Number.NaN, 2, 3], [1, 2, 2]))).toThrow(SampleError);
    expect(norm.backward(dy)).toEqual(gradients);
  });

  test('dx has the type and shape of x; nothing that was handed in is written to', () => {
    const norm = make();
    const narrow = tensor(Float32Array.from(x.data), x.shape);
    const copies = [narrow.data.slice(), dy.data.slice()];
    norm.forward(narrow);
    const { dx, dgamma, dbeta } = norm.backward(dy);
    expect(dx.data).toBeInstanceOf(Float32Array);
    expect(dx.shape).toEqual(x.shape);
    expect(dx.shape).not.toBe(narrow.shape);
    expect([dgamma.length, dbeta.length]).toEqual([norm.gamma.length, norm.beta.length]);
    expect([narrow.data, dy.data]).toEqual(copies);
  });

  test('a bad dy is named by its sample and channel', () => {
    const norm = make();
    norm.forward(x);
    const bad = tensor(dy.data.slice(), dy.shape);
    bad.data[6] = Infinity;
    const place = kind === 'LayerNorm' || kind === 'RMSNorm' ? 2 : 1; // of the sample; or the channel
    expect(thrownBy(() => norm.backward(bad))).toMatchObject({ row: 1, feature: place, value: Infinity });
  });

  test('what is emitted is nobody else’s, and gamma is written into, not replaced', () => {
    const norm = make();
    const given = tensor(x.data.slice(), [...x.shape]);
    for (const step of ['forward', 'infer'] as const) expect(norm[step](given).shape).not.toBe(given.shape);
    for (const name of ['gamma', 'beta'] as const)
      expect(() => Object.assign(norm, { [name]: Float64Array.of(5) })).toThrow(TypeError);
  });

  test('it is of gamma as it was then', () => {
    const norm = make();
    norm.forward(x);
    const before = norm.backward(dy);
    norm.gamma.fill(100);
    expect(norm.backward(dy)).toEqual(before);
  });

  test('it is of the last tensor that was not refused', () => {
    const norm = make();
    norm.forward(x);
    norm.forward(
      tensor(
        Float64Array.from(x.data, (value) => value * value),
        [2, 2, 2],
      ),
    );
    const before = norm.backward(dy);
    norm.gamma.fill(100);
    const bad = tensor(new Float64Array(8).fill(Number.NaN), [2, 2, 2]);
    for (const step of ['forward', 'infer'] as const) expect(() => norm[step](bad)).toThrow(SampleError);
    expect(norm.backward(dy)).toEqual(before);
  });
});

test('what is inferred between does not reach another’s gradient', () => {
  const [one, other] = [new BatchNorm(2), new BatchNorm(2)];
  one.forward(x);
  one.infer(x);
  const before = one.backward(dy);
  other.forward(dy);
  other.infer(dy);
  expect(one.backward(dy)).toEqual(before);
});

test('what comes of the emitted moments does not reach the gradient', () => {
  const bn = new BatchNorm(2);
  const { moments } = bn.forward(x);
  const before = bn.backward(dy);
  moments.merge(moments.clone());
  expect(bn.backward(dy)).toEqual(before);
});

test('where a missing value came out as NaN its gradient may be anything, where as beta it counts', () => {
  const missing = tensor([1, 3, Number.NaN], [3, 1]);
  for (const value of [Number.NaN, Infinity, 7]) {
    const [kept, filled] = (['keep', 'mean'] as const).map((missing) => new BatchNorm(1, { missing }));
    const upstream = tensor([1, 1, value], [3, 1]);
    kept!.forward(missing);
    expect(kept!.backward(upstream).dbeta[0]).toBe(2);
    filled!.forward(missing);
    if (value === 7) expect(filled!.backward(upstream).dbeta[0]).toBe(9);
    else expect(thrownBy(() => filled!.backward(upstream))).toMatchObject({ row: 2, feature: 0, value });
  }
});

test('at test time batch norm goes back through its affine', () => {
  const bn = new BatchNorm(2, { dtype: 'float64' });
  bn.forward(x);
  bn.gamma.set([2, -4]); // powers of two: exact
  bn.infer(x);
  const { dx } = bn.backward(dy);
  const { scale } = bn.toAffine();
  expect([...dx.data]).toEqual([0, 0, 1, 1, 0, 0, 1, 1].map((channel) => scale[channel]));
});

test('sums are compensated: what cancels in a long one does not take the rest with it', () => {
  const length = 1003;
  const norm = new BatchNorm(1, { dtype: 'float64' });
  norm.forward(
    tensor(
      Float64Array.from({ length }, (_, i) => i),
      [length, 1],
    ),
  );
  const upstream = new Float64Array(length).fill(1e-17);
  [upstream[0], upstream[length - 1]] = [1, -1];
  const { dbeta } = norm.backward(tensor(upstream, [length, 1]));
  expect(Math.abs(dbeta[0]! - 1001e-17)).toBeLessThan(1e-26);
});

test('where nothing varies there is no gradient, not even an infinite one', () => {
  const bn = new BatchNorm(1, { eps: 0 });
  bn.forward(tensor([3, 3], [2, 1]));
  const { dx, dgamma, dbeta } = bn.backward(tensor([1, -2], [2, 1]));
  expect(dx.data.every((value) => value === 0)).toBe(true);
  expect([dgamma[0], dbeta[0]]).toEqual([0, -1]);
});
