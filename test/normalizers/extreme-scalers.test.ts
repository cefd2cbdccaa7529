/** MinMaxScaler and MaxAbsScaler. */
import { fc, test } from '@fast-check/vitest';
import { MaxAbsScaler, MinMaxScaler, type MinMaxScalerOptions, type Scaler, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { largestOf } from '../oracle/expect-exact.js';
import { absoluteError, Rational } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const U = 2 ** -53;
/** The least step of a float64: what is lost where a value underflows. */
const LEAST = 2 ** -1074;
const seen = (scaler: Scaler, x: number): number => scaler.transform([x])[0]!;
function learned<S extends Scaler>(scaler: S, values: readonly number[]): S {
  for (const x of values) scaler.update([x]);
  return scaler;
}
const minMax = (options: MinMaxScalerOptions, ...values: number[]): MinMaxScaler =>
  learned(new MinMaxScaler(1, options), values);
const maxAbs = (...values: number[]): MaxAbsScaler => learned(new MaxAbsScaler(1), values);

const value = fc.oneof(
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((x) => 1e12 + x),
);
const values = fc.array(value, { minLength: 2, maxLength: 20 });
const ranges = fc.constantFrom<(readonly [number, number])[]>([0, 1], [-1, 1], [-3.5, 1000], [7, 7.25]);

describe('against exact arithmetic', () => {
  test.prop([values, ranges, value])(
    'min-max: 1e-12 of the range, and back to the bound',
    (values, range, x) => {
      const [least, most] = [Math.min(...values), Math.max(...values)];
      fc.pre(most - least > 1e-14);
      const scaler = minMax({ range }, ...values);
      const { center, scale, shift } = scaler.toAffine();
      for (const seenValue of [x, ...values]) {
        const expected = Rational.of(seenValue)
          .minus(least)
          .over(Rational.of(most).minus(least))
          .times(Rational.of(range[1]).minus(range[0]))
          .plus(range[0]);
        const scaled = Math.max(1, Math.abs(expected.toNumber()), ...range.map(Math.abs));
        const y = seen(scaler, seenValue);
        expect(absoluteError(y, expected)).toBeLessThanOrEqual(1e-12 * scaled);
        const size = largestOf([seenValue, center[0]!, shift[0]! / scale[0]!]);
        expect(Math.abs(scaler.inverse([y])[0]! - seenValue)).toBeLessThanOrEqual(
          8 * U * size + (most - least) * LEAST,
        );
      }
      expect(seen(scaler, least)).toBe(range[0]);
    },
  );

  test.prop([values, value])(
    'max-abs: two roundings, within -1 and 1, and back to the bound',
    (values, x) => {
      const most = largestOf(values);
      fc.pre(most > 1e-14);
      const scaler = maxAbs(...values);
      for (const own of values) expect(Math.abs(seen(scaler, own))).toBeLessThanOrEqual(1);
      for (const one of [x, ...values]) {
        const y = seen(scaler, one);
        const expected = Rational.of(one).over(most);
        expect(absoluteError(y, expected)).toBeLessThanOrEqual(3 * U * Math.abs(expected.toNumber()) + LEAST);
        expect(Math.abs(scaler.inverse([y])[0]! - one)).toBeLessThanOrEqual(
          8 * U * Math.abs(one) + most * LEAST,
        );
      }
      expect(seen(scaler, 0)).toBe(0);
    },
  );

  test.prop([values, values, ranges])('merged is the whole, to the last bit', (a, b, range) => {
    const scalers = [new MinMaxScaler(1, { range }), new MaxAbsScaler(1)] as const;
    const wholes = [new MinMaxScaler(1, { range }), new MaxAbsScaler(1)] as const;
    scalers.forEach((scaler, i) => {
      learned(scaler, a).transform([0]);
      scaler.extrema.merge(learned(new MaxAbsScaler(1), b).extrema);
      learned(wholes[i]!, [...b, ...a]);
      for (const x of [...a, ...b]) expect(seen(scaler, x)).toBe(seen(wholes[i]!, x));
    });
  });

  test.prop([values, fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1 })])(
    'a weight is no matter',
    (values, weights) => {
      for (const make of [() => new MinMaxScaler(1), () => new MaxAbsScaler(1)]) {
        const [weighted, plain] = [make(), learned(make(), values)];
        values.forEach((x, i) => {
          weighted.update([x], weights[i % weights.length]);
        });
        expect(JSON.stringify(weighted)).toBe(JSON.stringify(plain));
      }
    },
  );
});

describe('by hand', () => {
  test('min-max of 10 and 30', () => {
    expect(seen(minMax({}, 10, 30), 15)).toBe(0.25);
    expect(seen(minMax({ range: [-1, 3] }, 10, 30), 15)).toBe(0);
    expect(seen(minMax({}, 10, 30), 40)).toBe(1.5);
    expect(seen(minMax({ clip: true }, 10, 30), 40)).toBe(1);
    expect(seen(minMax({ clip: true, range: [2, 4] }, 10, 30), 0)).toBe(2);
    expect(seen(minMax({ missing: 'mean', range: [2, 4] }, 10, 30), Number.NaN)).toBe(3);
    expect(minMax({ missing: 'mean', range: [2, 4] }, 10, 30).inverse([Number.NaN])[0]).toBe(20);
  });

  test('max-abs of -8 and 4', () => {
    expect([-8, 4, 0, 16].map((x) => seen(maxAbs(-8, 4), x))).toEqual([-1, 0.5, 0, 2]);
    expect(seen(learned(new MaxAbsScaler(1, { missing: 'mean' }), [-8, 4]), Number.NaN)).toBe(0);
  });

  test('a constant feature: the start of the range, and no division', () => {
    for (const range of [
      [0, 1],
      [-3, 5],
    ] as const) {
      const scaler = minMax({ range, missing: 'mean' }, 7, 7);
      expect(seen(scaler, 7)).toBe(range[0]);
      expect(seen(scaler, 8)).toBe(range[0] + (range[1] - range[0]));
      expect(scaler.inverse([range[0]])[0]).toBe(7);
      expect(seen(scaler, Number.NaN)).toBe(range[0]);
    }
    expect([seen(maxAbs(0, 0), 0), seen(maxAbs(0, 0), 5)]).toEqual([0, 5]);
  });

  test('a spread below ten epsilons is rounding', () => {
    const just = 10 * 2 ** -52;
    expect(seen(minMax({}, 0, just), just)).toBe(1);
    expect(seen(minMax({}, 0, just * 0.99), just)).toBe(just);
    expect(seen(maxAbs(just), just)).toBe(1);
    expect(seen(maxAbs(just * 0.99), just)).toBe(just);
  });

  test('before anything was learned', () => {
    expect(seen(minMax({ range: [2, 4] }), 0)).toBe(2);
    expect(seen(maxAbs(), 5)).toBe(5);
  });

  test('a range that leaves float64 maps to its start, and has no way back', () => {
    const scaler = minMax({ range: [2, 4], missing: 'mean' }, 1.7e308, -1.7e308);
    expect([1.7e308, -1.7e308, 0, Number.NaN].map((x) => seen(scaler, x))).toEqual([2, 2, 2, 2]);
    expect(thrownBy(() => scaler.inverse([2]))).toMatchObject({ code: 'EVENKEEL_NOT_INVERTIBLE' });
  });

  test('a clip is no affine', () => {
    expect(thrownBy(() => minMax({ clip: true }, 10, 30).toAffine())).toMatchObject({
      option: 'clip',
      value: true,
    });
    expect(minMax({ clip: true }, 10, 30).inverse([1.5])[0]).toBe(40);
    const x = tensor([10, 20, 30], [3, 1]);
    expect(minMax({}, 10, 30).toAffine().apply(x)).toEqual(minMax({}, 10, 30).infer(x));
  });

  test('options are as they were when given', () => {
    const range: [number, number] = [0, 1];
    const scaler = new MinMaxScaler(1, { range });
    range[1] = 100;
    learned(scaler, [10, 30]);
    expect(seen(scaler, 30)).toBe(1);
  });

  test.each<[object, string]>([
    [{ range: [1, 1] }, 'range[1]'],
    [{ range: [1, 0] }, 'range[1]'],
    [{ range: [0] }, 'range'],
    [{ range: 5 }, 'range'],
    [{ range: [0, '1'] }, 'range[1]'],
    [{ range: [Number.NaN, 1] }, 'range[0]'],
    [{ range: [0, 1e200] }, 'range[1]'],
    [{ clip: 1 }, 'clip'],
    [{ feature_range: [0, 1] }, 'options.feature_range'],
  ])('%j', (options, option) => {
    expect(thrownBy(() => new MinMaxScaler(1, options))).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });
  test('max-abs knows no range', () => {
    expect(thrownBy(() => new MaxAbsScaler(1, { range: [0, 1] } as object))).toMatchObject({
      option: 'options.range',
    });
  });
});
