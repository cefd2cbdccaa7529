/** Norms that have been somewhere: with parameters of any kind, and running statistics of what they have seen. */
import {
  BatchNorm,
  type BatchNormOptions,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  type NormOptions,
  RMSNorm,
  StandardScaler,
  tensor,
} from 'evenkeel';
import fc from 'fast-check';
import { gaussian } from '../oracle/hard-data.js';

const eps = fc.oneof(fc.constantFrom(0, 1e-5, 1e-3), fc.double({ min: 0, max: 1, noNaN: true }));
const seed = fc.integer();

/** Momenta as people write them: to so many places. */
export const momenta: fc.Arbitrary<number> = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.nat())
  .map(([places, n]) => (n % (10 ** places + 1)) / 10 ** places);

/** What every format can say of a norm. */
export const plain: fc.Arbitrary<NormOptions> = fc.record({
  eps,
  affine: fc.boolean(),
  dtype: fc.constantFrom('float32', 'float64'),
});

export function noise(length: number, from: number): Float64Array {
  const next = gaussian(from);
  return Float64Array.from({ length }, () => 5 * next());
}

interface Parametric {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

/** Any gamma and beta. */
export function withParameters<N extends Parametric>(norm: N, from: number): N {
  norm.gamma.set(noise(norm.gamma.length, from));
  norm.beta.set(noise(norm.beta.length, from + 1));
  return norm;
}

export const batchNorms = (learning: fc.Arbitrary<BatchNormOptions>): fc.Arbitrary<BatchNorm> =>
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3), plain, learning, seed)
    .map(([channels, batches, options, learning, seed]) => {
      const norm = withParameters(new BatchNorm(channels, { ...options, ...learning }), seed);
      for (let i = 0; i < batches; i++) norm.forward(tensor(noise(6 * channels, seed + i), [3, channels, 2]));
      return norm;
    });

export const instanceNorms: fc.Arbitrary<InstanceNorm> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), plain, fc.boolean(), momenta, seed)
  .map(([channels, options, trackRunningStats, momentum, seed]) => {
    const norm = new InstanceNorm(channels, { ...options, trackRunningStats, momentum });
    norm.forward(tensor(noise(6 * channels, seed), [2, channels, 3]));
    return withParameters(norm, seed);
  });

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
export const layerNorms: fc.Arbitrary<LayerNorm> = fc
  .tuple(shapes, plain, seed)
  .map(([shape, options, seed]) => withParameters(new LayerNorm(shape, options), seed));
export const rmsNorms: fc.Arbitrary<RMSNorm> = fc.tuple(shapes, plain, seed).map(([shape, options, seed]) => {
  const norm = withParameters(new RMSNorm(shape, options), seed);
  norm.beta.fill(0);
  return norm;
});
export const groupNorms: fc.Arbitrary<GroupNorm> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), plain, seed)
  .map(([groups, size, options, seed]) =>
    withParameters(new GroupNorm(groups, groups * size, options), seed),
  );

/** Scalers of rows and weighted rows, of which a value here and there was missing. */
export const standardScalers: fc.Arbitrary<StandardScaler> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean(), seed)
  .map(([features, weighted, missing, seed]) => {
    const scaler = new StandardScaler(features, { missing: 'keep' });
    for (let i = 0; i < 5; i++) scaler.update(noise(features, seed + i), weighted ? i + 0.5 : 1);
    if (missing) scaler.update([...noise(features, seed + 5).subarray(1), Number.NaN]);
    return scaler;
  });
