import { fc, test } from '@fast-check/vitest';
import { BatchNorm, tensor } from 'evenkeel';
import {
  fromPyTorch,
  type PyTorchModule,
  type PyTorchName,
  readSafetensors,
  type SafetensorsTensor,
  toPyTorch,
  writeSafetensors,
} from 'evenkeel/interop';
import { describe, expect } from 'vitest';
import { damaged, readOrRefused } from './damaged.js';
import { batchNorms, groupNorms, instanceNorms, layerNorms, momenta, noise, rmsNorms } from './norms.js';

/** Through a file, as part of a larger model. */
function throughBytes<M extends PyTorchName>(module: PyTorchModule<M>): PyTorchModule<M> {
  const other = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
  const bytes = writeSafetensors({ ...module.stateDict, 'norms.10.weight': other, norms: other });
  return { ...module, stateDict: readSafetensors(bytes).tensors };
}
const there = { prefix: 'norms.1.' };

const asPyTorch = momenta.chain((momentum) =>
  fc.constantFrom({ running: { momentum } }, { running: 'average' as const }),
);
const anyNorm = fc.oneof(batchNorms(asPyTorch), instanceNorms, layerNorms, rmsNorms, groupNorms);

describe('there and back', () => {
  test.prop([anyNorm])('is the same norm, to the bit', (norm) => {
    const module = throughBytes(toPyTorch(norm, there));
    const { dtype } = norm.options;
    const back = fromPyTorch(module, { ...there, dtype });
    expect(back.constructor).toBe(norm.constructor);
    expect(back.options).toEqual(norm.options);
    if (norm.options.affine) expect([back.gamma, back.beta]).toEqual([norm.gamma, norm.beta]);
    if ('runningMean' in norm && 'runningMean' in back) {
      expect([back.runningMean, back.runningVariance]).toEqual([norm.runningMean, norm.runningVariance]);
      expect(back.batches).toBe(
        'trackRunningStats' in norm.options && !norm.options.trackRunningStats ? 0 : norm.batches,
      );
    }
    expect(toPyTorch(back, there)).toEqual(toPyTorch(norm, there));
  });

  test.prop([fc.constantFrom('average' as const, { momentum: 0.3 }), fc.integer()])(
    'a batch norm goes on as if it had never been away',
    (running, seed) => {
      const norm = new BatchNorm(2, { running, dtype: 'float64' });
      // Whole numbers, so that no mean has more than a float64 holds.
      const x = (from: number) => tensor(noise(8, from).map(Math.round), [4, 2]);
      norm.forward(x(seed));
      const back = fromPyTorch(toPyTorch(norm), { dtype: 'float64' });
      for (const next of [x(seed + 1), x(seed + 2)])
        expect(back.forward(next).data).toEqual(norm.forward(next).data);
      back.runningMean.forEach((mean, i) => {
        expect(mean).toBeCloseTo(norm.runningMean[i]!, 13);
      });
      expect(back.batches).toBe(3);
    },
  );
});

const floats = {
  F64: (values: number[]) => Float64Array.from(values),
  F32: (values: number[]) => Float32Array.from(values),
};

describe('from there and back', () => {
  test.prop([
    fc.array(
      fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: 0, max: 9, noNaN: true })),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fc.constantFrom('F64' as const, 'F32' as const),
    fc.option(momenta),
    fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
    fc.boolean(),
  ])('is the same module, to the bit', (channels, dtype, momentum, batches, affine) => {
    const vector = (values: number[]) =>
      ({ dtype, shape: [values.length], data: floats[dtype](values) }) as SafetensorsTensor;
    const means = vector(channels.map(([mean]) => mean));
    const variances = vector(channels.map(([, variance]) => variance));
    const module = {
      module: 'BatchNorm' as const,
      arguments: { num_features: channels.length, eps: 1e-4, momentum, affine, track_running_stats: true },
      stateDict: {
        ...(affine ? { weight: variances, bias: means } : {}),
        running_mean: means,
        running_var: variances,
        num_batches_tracked: { dtype: 'I64', shape: [], data: BigInt64Array.of(batches) } as const,
      },
    };
    const norm = fromPyTorch(module);
    expect(toPyTorch(norm, { dtype: dtype === 'F64' ? 'float64' : 'float32' })).toEqual(module);
  });
});

describe('malformed', () => {
  const good = toPyTorch(new BatchNorm(2, { running: { momentum: 0.1 } }));
  test.prop([damaged(good)], { numRuns: 2000 })('a norm, or refused as a format', (module) => {
    readOrRefused(() => fromPyTorch(module as typeof good));
  });
});
