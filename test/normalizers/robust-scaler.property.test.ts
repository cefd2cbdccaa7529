import { fc, test } from '@fast-check/vitest';
import { RobustScaler, tensor } from 'evenkeel';
import { expect } from 'vitest';
import { hardValues } from '../oracle/data.js';
import { exactQuantile, sorted } from '../oracle/ranks.js';
import { absoluteError, Rational } from '../oracle/rational.js';

const state = (scaler: RobustScaler): string => JSON.stringify(scaler);

function learned(values: Float64Array, options = {}): RobustScaler {
  const scaler = new RobustScaler(1, options);
  scaler.updateBatch(tensor(values, [values.length, 1]));
  return scaler;
}

test.prop([hardValues(4, 4096), fc.constantFrom([0.25, 0.75], [0.1, 0.9], [0.05, 0.5], [0, 1])])(
  'what is emitted is the exactly computed value, to 1e-12, at any offset',
  (values, [low, high]) => {
    const ordered = sorted(values);
    const [least, median, most] = [low!, 0.5, high!].map((q) => exactQuantile(ordered, q));
    const distance = most!.minus(least!);
    fc.pre(distance.compare(2.3e-15) > 0);
    const scaler = learned(values, { quantiles: [low, high], dtype: 'float64' });
    for (const x of [ordered[0]!, ordered.at(-1)!, ...values.subarray(0, 20)]) {
      const exact = Rational.of(x).minus(median!).over(distance);
      const error = absoluteError(scaler.transform([x])[0]!, exact);
      expect(error).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(exact.toNumber())));
    }
  },
);

test.prop([hardValues(8, 400), fc.array(fc.double({ min: -1e300, max: 1e300, noNaN: true })), fc.integer()])(
  'fewer than a fourth of outliers, wherever, leave every other value near',
  (values, wild, from) => {
    const outliers = wild.slice(0, Math.floor(values.length / 4) - 1);
    const all = [...values];
    outliers.forEach((x, i) => {
      all.splice(Math.abs(from + 7 * i) % all.length, 0, x);
    });
    const scaler = learned(Float64Array.from(all));
    const { center } = scaler.toAffine();
    const ordered = sorted(values);
    expect(center[0]).toBeGreaterThanOrEqual(ordered[Math.floor(values.length / 4)]!);
    expect(center[0]).toBeLessThanOrEqual(ordered[Math.ceil((values.length * 3) / 4) - 1]!);
  },
);

test.prop([hardValues(2, 3000), hardValues(2, 3000), fc.boolean(), fc.boolean()])(
  'resumed it goes on bit for bit, and transform and infer are its affine',
  (before, after, withCentering, withScaling) => {
    const scaler = learned(before, { withCentering, withScaling, dtype: 'float64' });
    const resumed = RobustScaler.fromJSON(JSON.parse(state(scaler)));
    const x = tensor(after, [after.length, 1]);
    const y = scaler.forward(x);
    expect(resumed.forward(x)).toEqual(y);
    expect(state(resumed)).toBe(state(scaler));
    expect(scaler.toAffine().apply(x)).toEqual(y);
    expect([...scaler.transform([after[0]!])]).toEqual([y.data[0]]);
  },
);
