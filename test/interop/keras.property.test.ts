import { fc, test } from '@fast-check/vitest';
import { BatchNorm } from 'evenkeel';
import { fromKeras, toKeras } from 'evenkeel/interop';
import { describe, expect } from 'vitest';
import { damaged, readOrRefused } from './damaged.js';
import { batchNorms, groupNorms, layerNorms, momenta, noise, rmsNorms, standardScalers } from './norms.js';

const asKeras = momenta.map((momentum) => ({ running: { momentum }, runningDdof: 0, minValues: 1 }) as const);

describe('there and back', () => {
  const scaling = rmsNorms.filter(({ options }) => options.affine);
  test.prop([fc.oneof(batchNorms(asKeras), layerNorms, scaling, groupNorms)])(
    'is the same norm, to the bit',
    (norm) => {
      const { dtype } = norm.options;
      const shape = 'normalizedShape' in norm ? norm.normalizedShape : [norm.channels];
      const layer = toKeras(norm);
      const back = fromKeras(layer, { dtype, shape });
      expect(back.constructor).toBe(norm.constructor);
      expect(back.options).toEqual(norm.options);
      if (norm.options.affine) expect([back.gamma, back.beta]).toEqual([norm.gamma, norm.beta]);
      if (norm instanceof BatchNorm && back instanceof BatchNorm)
        expect([back.runningMean, back.runningVariance]).toEqual([norm.runningMean, norm.runningVariance]);
      expect(toKeras(back)).toEqual(layer);
    },
  );
});

describe('a scaler, there and back', () => {
  test.prop([standardScalers])('is the same scaler, to the bit', (scaler) => {
    const layer = toKeras(scaler);
    const back = fromKeras(layer, { count: scaler.moments.count });
    expect([back.moments.count, back.moments.mean, back.moments.variance()]).toEqual([
      scaler.moments.count,
      scaler.moments.mean,
      scaler.moments.variance(),
    ]);
    expect(toKeras(back)).toEqual(layer);
    if (layer.weights[2]!.data[0] !== 0) expect(fromKeras(layer).toJSON()).toEqual(back.toJSON());
  });

  test.prop([standardScalers, fc.integer()])('normalizes as Keras does', (scaler, seed) => {
    const { config, weights } = toKeras(scaler);
    const [mean, variance] = weights.map(({ data }) => data);
    const row = noise(scaler.features, seed);
    expect(config).toEqual({ axis: 1, invert: false });
    fromKeras({ class_name: 'Normalization', config, weights }, { count: scaler.moments.count })
      .transform(row)
      .forEach((value, i) => {
        const keras = (row[i]! - mean![i]!) / Math.max(Math.sqrt(variance![i]!), 1e-7);
        expect(Math.abs(value - keras)).toBeLessThanOrEqual(2 ** -51 * Math.abs(keras));
      });
  });

  test.prop([standardScalers.chain((scaler) => damaged(toKeras(scaler)))], { numRuns: 2000 })(
    'damaged, it is a scaler, or refused as a format',
    (layer) => {
      readOrRefused(() => fromKeras(layer as ReturnType<typeof toKeras>));
    },
  );
});

describe('from there and back', () => {
  test.prop([
    fc.integer({ min: 1, max: 4 }),
    fc.integer(),
    momenta,
    fc.constantFrom(-1, 1, 3),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom('float32' as const, 'float64' as const),
  ])('is the same layer, to the bit', (channels, seed, momentum, axis, center, scale, dtype) => {
    const weights = [scale, center, true, true].flatMap((there, i) => {
      const values = noise(channels, seed + i).map(Math.abs);
      return there
        ? [{ data: dtype === 'float32' ? Float32Array.from(values) : values, shape: [channels] }]
        : [];
    });
    const config = { axis, momentum, epsilon: 1e-4, center, scale };
    const layer = { class_name: 'BatchNormalization' as const, config, weights };
    const flags = center || scale ? { center, scale } : {};
    expect(toKeras(fromKeras(layer), { axis, dtype, ...flags })).toEqual(layer);
  });
});

describe('malformed', () => {
  const bn = new BatchNorm(2, { running: { momentum: 0.1 }, runningDdof: 0, minValues: 1 });
  const good = fc.oneof(
    damaged(toKeras(bn)),
    fc.oneof(layerNorms, groupNorms).chain((norm) => damaged(toKeras(norm))),
  );
  test.prop([good], { numRuns: 2000 })('a norm, or refused as a format', (layer) => {
    readOrRefused(() => fromKeras(layer as ReturnType<typeof toKeras>));
  });
});
