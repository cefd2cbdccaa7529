import { fc, test as property } from '@fast-check/vitest';
import { InstanceNorm, OptionError, ShapeError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { gaussian } from '../oracle/hard-data.js';
import { placeOf } from '../oracle/norms.js';
import { absoluteError, exactMoments, Rational, relativeError } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

test('as PyTorch’s, there is neither affine nor tracking by default', () => {
  const norm = new InstanceNorm(1, { eps: 0, dtype: 'float64' });
  norm.gamma[0] = 5;
  const y = norm.forward(tensor([1, 3, 10, 30], [2, 1, 2]));
  expect(y.data).toEqual(Float64Array.of(-1, 1, -1, 1));
  expect([norm.runningMean[0], norm.runningVariance[0], norm.batches]).toEqual([0, 1, 0]);
  expect(norm.infer(tensor([10, 30], [1, 1, 2])).data).toEqual(Float64Array.of(-1, 1));
});

describe('with trackRunningStats', () => {
  const tracking = { trackRunningStats: true, dtype: 'float64' } as const;

  property.prop([
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 2, max: 5 }),
    fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    fc.integer(),
  ])(
    'running statistics are averages of the samples’ means and unbiased variances',
    (n, c, l, momentum, seed) => {
      const noise = gaussian(seed);
      const norm = new InstanceNorm(c, { ...tracking, momentum });
      const mean = Array.from({ length: c }, () => new Rational(0n));
      const variance = Array.from({ length: c }, () => new Rational(1n));
      for (let batch = 0; batch < 4; batch++) {
        const x = tensor(
          Float64Array.from({ length: n * c * l }, () => 100 + noise()),
          [n, c, l],
        );
        norm.forward(x);
        for (let i = 0; i < c; i++) {
          const samples = Array.from({ length: n }, (_, sample) =>
            exactMoments(
              [...x.data].filter((_, at) => {
                const place = placeOf(x.shape, at);
                return place.channel === i && place.sample === sample;
              }),
            ),
          );
          const average = (of: (sample: (typeof samples)[number]) => Rational): Rational =>
            samples.reduce((sum, sample) => sum.plus(of(sample)), new Rational(0n)).over(n);
          const mix = (old: Rational, new_: Rational): Rational =>
            Rational.of(1).minus(momentum).times(old).plus(new_.times(momentum));
          mean[i] = mix(
            mean[i]!,
            average((sample) => sample.mean),
          );
          variance[i] = mix(
            variance[i]!,
            average((sample) => sample.variance(1)),
          );
        }
      }
      for (let i = 0; i < c; i++) {
        expect(relativeError(norm.runningMean[i]!, mean[i]!)).toBeLessThanOrEqual(1e-14);
        expect(relativeError(norm.runningVariance[i]!, variance[i]!)).toBeLessThanOrEqual(1e-14);
      }
      expect(norm.batches).toBe(4);
    },
  );

  test('infer uses them, channel by channel, of any rank from 2; it is toAffine', () => {
    const norm = new InstanceNorm(2, { ...tracking, eps: 0, affine: true });
    norm.setRunning({ mean: [10, 20], variance: [4, 25], batches: 3 });
    norm.gamma.set([1, 2]);
    const x = tensor([12, 30], [1, 2]);
    expect(norm.infer(x).data).toEqual(Float64Array.of(1, 4));
    expect(norm.toAffine().apply(x)).toEqual(norm.infer(x));
    expect(norm.batches).toBe(3);
  });

  test('infer is exact at a large offset too', () => {
    const norm = new InstanceNorm(1, { ...tracking, eps: 0, momentum: 1 });
    const values = [1e9 + 1 / 3, 1e9 + 2 / 3, 1e9 + 2, 1e9 + 7];
    norm.forward(tensor(values, [1, 1, 4]));
    const exact = exactMoments(values);
    const y = norm.infer(tensor(values, [4, 1])).data;
    values.forEach((value, i) => {
      const expected = Rational.of(value).minus(exact.mean).over(exact.variance(1).sqrt());
      expect(absoluteError(y[i]!, expected)).toBeLessThanOrEqual(1e-12);
    });
  });

  test('a sample too wide for a variance leaves the running one as wide as float64 is', () => {
    const norm = new InstanceNorm(1, { ...tracking, momentum: 0.5 });
    norm.forward(tensor([1e200, -1e200], [1, 1, 2]));
    expect(norm.runningVariance[0]).toBe(Number.MAX_VALUE / 2);
    expect(norm.runningMean[0]).toBe(0);
  });

  test('infer refuses what forward does', () => {
    const norm = new InstanceNorm(1, { ...tracking, affine: true });
    for (const value of [Number.NaN, Infinity])
      expect(() => norm.infer(tensor([value], [1, 1]))).toThrow(RangeError);
    norm.gamma[0] = Number.NaN;
    expect(() => norm.infer(tensor([1], [1, 1]))).toThrow('gamma[0]');
    expect(() => norm.toAffine()).toThrow('gamma[0]');
  });

  test('a sample without a variance teaches nothing', () => {
    const norm = new InstanceNorm(1, { ...tracking, momentum: 0.5, missing: 'keep' });
    norm.forward(tensor([1, 3, 7, Number.NaN], [2, 1, 2]));
    expect([norm.runningMean[0], norm.runningVariance[0], norm.batches]).toEqual([1, 1.5, 1]);
    norm.forward(tensor([7, Number.NaN], [1, 1, 2]));
    expect([norm.runningMean[0], norm.runningVariance[0], norm.batches]).toEqual([1, 1.5, 1]);
  });

  test('saved and continued, bit for bit', () => {
    const norm = new InstanceNorm(2, { ...tracking, affine: true, momentum: 0.3 });
    const x = (seed: number) => {
      const noise = gaussian(seed);
      return tensor(
        Float64Array.from({ length: 12 }, () => 1e6 + noise()),
        [2, 2, 3],
      );
    };
    norm.forward(x(1));
    const restored = InstanceNorm.fromJSON(JSON.parse(JSON.stringify(norm)));
    for (const n of [norm, restored]) n.forward(x(2));
    expect(restored.infer(x(3))).toEqual(norm.infer(x(3)));
    expect(JSON.stringify(restored)).toBe(JSON.stringify(norm));
  });

  test('what is refused changes nothing', () => {
    const norm = new InstanceNorm(1, tracking);
    const before = JSON.stringify(norm);
    for (const [data, shape] of [
      [
        [1, Infinity],
        [1, 1, 2],
      ],
      [
        [1, Number.NaN],
        [1, 1, 2],
      ],
      [
        [1, 2],
        [1, 2],
      ],
      [[1], [1, 1, 1]],
    ] as const)
      expect(() => norm.forward(tensor(data, shape))).toThrow(RangeError);
    for (const given of [
      { mean: [1, 2], variance: [1] },
      { mean: [1], variance: [-1] },
      { mean: [Number.NaN], variance: [1] },
      { mean: ['1'], variance: [1] },
      { mean: [1], variance: [1], batches: 1.5 },
      { mean: 1, variance: [1] },
      { mean: [1], variance: [1], batchs: 7 },
      undefined,
      null,
    ])
      expect(() => norm.setRunning(given as never)).toThrow(RangeError);
    expect(JSON.stringify(norm)).toBe(before);
  });
});

describe('refused', () => {
  test('a sample of one position, which would come out as beta, as PyTorch does', () => {
    const norm = new InstanceNorm(3);
    for (const shape of [
      [2, 3],
      [2, 3, 1],
    ]) {
      const x = tensor(new Float64Array(6), shape);
      for (const step of ['forward', 'infer'] as const) {
        const error = thrownBy(() => norm[step](x));
        expect(error).toBeInstanceOf(ShapeError);
        expect((error as Error).message).toMatch(/two positions or more, got \[2, 3/);
      }
    }
  });

  test('an affine, or running statistics, of what is not tracked', () => {
    const norm = new InstanceNorm(1);
    expect(() => norm.toAffine()).toThrow(OptionError);
    expect(() => norm.setRunning({ mean: [0], variance: [1] })).toThrow(OptionError);
  });

  test.each([{ momentum: 2 }, { trackRunningStats: 1 }, { momentum: null }, { running: 'pooled' }])(
    'options %j',
    (options) => {
      expect(() => new InstanceNorm(1, options as never)).toThrow(OptionError);
    },
  );

  const good = () => JSON.parse(JSON.stringify(new InstanceNorm(2))) as Record<string, unknown>;
  test.each([
    ['other channels', { ...good(), channels: 3 }],
    ['no running statistics', { ...good(), running: undefined }],
    ['no batches', { ...good(), batches: undefined }],
    ['another kind', { ...good(), kind: 'BatchNorm' }],
  ])('the state of %s', (_, json) => {
    expect(thrownBy(() => InstanceNorm.fromJSON(json))).toBeInstanceOf(StateError);
  });
});
