import { fc, test } from '@fast-check/vitest';
import { BatchNorm } from 'evenkeel';
import { fromOnnx, toOnnx } from 'evenkeel/interop';
import { describe, expect } from 'vitest';
import { damaged, readOrRefused } from './damaged.js';
import { batchNorms, groupNorms, instanceNorms, layerNorms, momenta, noise, rmsNorms } from './norms.js';

const asOnnx = momenta.map((momentum) => ({ running: { momentum }, runningDdof: 0, minValues: 1 }) as const);
const untracked = instanceNorms.filter(({ options }) => !options.trackRunningStats);
const anyNorm = fc.oneof(batchNorms(asOnnx), layerNorms, rmsNorms, groupNorms, untracked);

describe('there and back', () => {
  test.prop([anyNorm])('is the same norm, to the bit, but for parameters it did not use', (norm) => {
    const { dtype, affine } = norm.options;
    const node = toOnnx(norm);
    const back = fromOnnx(node, { dtype });
    expect(back.constructor).toBe(norm.constructor);
    // An instance norm's momentum is of what it does not track.
    const same = 'momentum' in norm.options ? { ...norm.options, momentum: 0.1 } : norm.options;
    expect(back.options).toEqual({ ...same, affine: true });
    const idle = [norm.gamma.map(() => 1), norm.beta.map(() => 0)];
    expect([back.gamma, back.beta]).toEqual(affine ? [norm.gamma, norm.beta] : idle);
    if (norm instanceof BatchNorm && back instanceof BatchNorm)
      expect([back.runningMean, back.runningVariance]).toEqual([norm.runningMean, norm.runningVariance]);
    expect(toOnnx(back)).toEqual(node);
  });
});

describe('from there and back', () => {
  test.prop([
    fc.integer({ min: 1, max: 4 }),
    fc.integer(),
    momenta,
    fc.constantFrom('float32' as const, 'float64' as const),
  ])('is the same node, to the bit', (channels, seed, momentum, dtype) => {
    const vector = (from: number) => {
      const values = noise(channels, from).map(Math.abs);
      return { data: dtype === 'float32' ? Float32Array.from(values) : values, shape: [channels] };
    };
    const node = {
      opType: 'BatchNormalization' as const,
      opset: 15,
      attributes: { epsilon: 1e-4, momentum, training_mode: 0 },
      inputs: {
        scale: vector(seed),
        B: vector(seed + 1),
        input_mean: vector(seed + 2),
        input_var: vector(seed + 3),
      },
    };
    expect(toOnnx(fromOnnx(node), { dtype })).toEqual(node);
  });
});

describe('malformed', () => {
  test.prop([anyNorm.chain((norm) => damaged(toOnnx(norm)))], { numRuns: 2000 })(
    'a norm, or refused as a format',
    (node) => {
      readOrRefused(() => fromOnnx(node as ReturnType<typeof toOnnx>));
    },
  );
});
