import { fc, test } from '@fast-check/vitest';
import {
  Affine,
  FormatError,
  MaxAbsScaler,
  MinMaxScaler,
  OptionError,
  RobustScaler,
  StandardScaler,
  tensor,
} from 'evenkeel';
import { fromSklearn, type SklearnJSON, type SklearnName, toSklearn } from 'evenkeel/interop';
import { describe, expect } from 'vitest';
import { exactMoments, relativeError } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';
import { damaged, readOrRefused } from './damaged.js';
import { noise } from './norms.js';

const made = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer(),
    fc.constantFrom('float32' as const, 'float64' as const, undefined),
    fc.constantFrom(0, 5, 1e6),
  )
  .chain(([features, rows, seed, dtype, offset]) => {
    const x = tensor(
      noise(features * rows, seed).map((value) => value + offset),
      [rows, features],
    );
    x.data.fill(offset, 0, offset === 5 ? x.data.length : 0); // constant
    const unsaid = { missing: 'keep' as const, ...(dtype ? { dtype } : {}) };
    return fc
      .constantFrom(
        () => new StandardScaler(features, unsaid),
        () => new StandardScaler(features, { ...unsaid, withMean: false }),
        () => new MinMaxScaler(features, unsaid),
        () => new MinMaxScaler(features, { ...unsaid, range: [-1, 3], clip: true }),
        () => new MaxAbsScaler(features, unsaid),
      )
      .map((make) => {
        const scaler = make();
        scaler.updateBatch(x);
        return { scaler, unsaid, x };
      });
  });
const throughJSON = <K extends SklearnName>(json: SklearnJSON<K>): SklearnJSON<K> =>
  JSON.parse(JSON.stringify(json));

describe('there and back', () => {
  test.prop([made], { numRuns: 300 })('is the same scaler', ({ scaler, unsaid, x }) => {
    const json = toSklearn(scaler);
    const back = fromSklearn(throughJSON(json), unsaid);
    expect(back.constructor).toBe(scaler.constructor);
    expect((back.toJSON() as { options: object }).options).toEqual(
      (scaler.toJSON() as { options: object }).options,
    );
    // What a mean has beyond a float64 is not said: of a value, and of what it is scaled by, half an ulp. Where that lies
    // on either side of the middle between two values of float32, they are emitted as neighbours.
    const largest = Math.max(...x.data.map(Math.abs));
    const scale = scaler instanceof StandardScaler ? Math.max(...scaler.toAffine().scale) : 0;
    const emitted = scaler.infer(x).data;
    const step = emitted instanceof Float32Array ? 2 ** -23 : 0;
    back.infer(x).data.forEach((value, i) => {
      const bound = largest * scale * 2 ** -52 + Math.abs(value) * step;
      expect(Math.abs(value - emitted[i]!)).toBeLessThanOrEqual(bound);
    });
    expect(toSklearn(back)).toEqual(json);
  });
});

describe('StandardScaler', () => {
  test('goes on as partial_fit does: as if all rows had been seen here', () => {
    const first = [1, 2, 6];
    const scaler = fromSklearn({
      class: 'StandardScaler',
      copy: true,
      feature_names_in_: ['t'],
      n_features_in_: 1,
      with_mean: true,
      with_std: true,
      mean_: [3],
      var_: [14 / 3],
      scale_: [Math.sqrt(14 / 3)],
      n_samples_seen_: 3,
    });
    scaler.update([Number.NaN]); // left out, as there
    scaler.update([11]);
    const exact = exactMoments([...first, 11]);
    const { mean_, var_, scale_, n_samples_seen_ } = toSklearn(scaler);
    expect([mean_, n_samples_seen_]).toEqual([[5], 4]);
    expect(relativeError(var_![0]!, exact.variance())).toBeLessThan(2 ** -51);
    expect(scale_).toEqual([Math.sqrt(var_![0]!)]);
    expect(scaler.transform([5])).toEqual(Float64Array.of(0));
  });

  test('without with_std there is no variance, and none is made up', () => {
    const given = {
      class: 'StandardScaler',
      with_std: false,
      mean_: [3],
      var_: null,
      n_samples_seen_: 3,
    } as const;
    const scaler = fromSklearn({ ...given, scale_: null });
    expect(scaler.transform([7])).toEqual(Float64Array.of(4));
    scaler.update([11]);
    expect(scaler.transform([7])).toEqual(Float64Array.of(2));
    expect(scaler.moments.variance()[0]).toBe(Infinity);
    expect(toSklearn(scaler)).toMatchObject({ ...given, mean_: [5], scale_: null, n_samples_seen_: 4 });
    expect(toSklearn(fromSklearn(toSklearn(scaler)))).toEqual(toSklearn(scaler));
  });

  test('a count a feature, where values were missing', () => {
    const scaler = new StandardScaler(2, { missing: 'keep' });
    scaler.update([1, 2]);
    scaler.update([Number.NaN, 4]);
    const json = toSklearn(scaler);
    expect(json.n_samples_seen_).toEqual([1, 2]);
    expect(json.scale_).toEqual([1, 1]);
    expect([...fromSklearn(json).moments.count]).toEqual([1, 2]);
  });
});

describe('RobustScaler', () => {
  const learned = (options: object): RobustScaler => {
    const scaler = new RobustScaler(1, options);
    for (const x of [1, 2, 3, 4, 1e9]) scaler.update([x]);
    return scaler;
  };

  test('its attributes', () => {
    expect(toSklearn(learned({}))).toEqual({
      class: 'RobustScaler',
      with_centering: true,
      with_scaling: true,
      quantile_range: [25, 75],
      unit_variance: false,
      n_features_in_: 1,
      center_: [3],
      scale_: [2],
    });
    expect(toSklearn(learned({ quantiles: [0.07, 0.93] })).quantile_range).toEqual([7, 93]);
    expect(toSklearn(learned({ withCentering: false, withScaling: false }))).toMatchObject({
      center_: null,
      scale_: null,
    });
    expect(() => toSklearn(learned({ clip: 3 }))).toThrow(FormatError);
    expect(() => toSklearn(new RobustScaler(1))).toThrow(FormatError);
  });

  test.each([{}, { withCentering: false }, { withScaling: false }])(
    '%j: scales as it did, and learns no more',
    (options) => {
      const scaler = learned(options);
      const fixed = fromSklearn(throughJSON(toSklearn(scaler)));
      const x = tensor([5, -7, 0], [3, 1]);
      expect(fixed.apply(x).data).toEqual(scaler.infer(x).data);
      expect(fixed).not.toHaveProperty('update');
    },
  );
});

const robust = { class: 'RobustScaler', center_: [4, 3], scale_: [1, 2] } as const;
const standard = { class: 'StandardScaler', mean_: [20, 3], var_: [25, 4], n_samples_seen_: 9 } as const;
const minMax = { class: 'MinMaxScaler', data_min_: [0, 1], data_max_: [4, 3], n_samples_seen_: 9 } as const;
const maxAbs = { class: 'MaxAbsScaler', max_abs_: [4, 3], n_samples_seen_: 9 } as const;

describe('refused', () => {
  test.each<[string, object, string]>([
    ['another class', { ...standard, class: 'QuantileTransformer' }, 'class'],
    ['another attribute', { ...standard, quantiles_: [] }, 'json.quantiles_'],
    ['a variance that is not known', { ...standard, var_: null }, 'var_'],
    ['a variance that should not be known', { ...standard, with_std: false }, 'var_'],
    ['no word of with_std that there is', { ...standard, with_std: null }, 'with_std'],
    ['no mean', { ...standard, mean_: null }, 'mean_'],
    ['features at odds', { ...standard, n_features_in_: 3 }, 'mean_'],
    ['lists at odds', { ...standard, var_: [1] }, 'var_'],
    ['a negative variance', { ...standard, var_: [1, -1] }, 'var_[1]'],
    ['a scale at odds', { ...standard, scale_: [5, 4] }, 'scale_[1]'],
    ['no rows', { ...standard, n_samples_seen_: 0 }, 'n_samples_seen_'],
    ['no rows of one feature', { ...standard, n_samples_seen_: [9, 0] }, 'n_samples_seen_[1]'],
    ['sums beyond float64', { ...standard, var_: [1e308, 1] }, 'float64'],
    ['a range that ends before it begins', { ...minMax, feature_range: [1, 0] }, 'feature_range'],
    ['a range of three', { ...minMax, feature_range: [1, 2, 3] }, 'feature_range'],
    ['a least beyond the most', { ...minMax, data_max_: [4, 0] }, 'data_max_[1]'],
    ['a scale of another range', { ...minMax, scale_: [0.25, 1] }, 'scale_[1]'],
    ['half a row', { ...minMax, n_samples_seen_: 0.5 }, 'n_samples_seen_'],
    ['a scale of 0', { ...robust, scale_: [1, 0] }, 'scale_[1]'],
    ['a scale of which there is no inverse', { ...robust, scale_: [1e-310, 1] }, 'scale_[0]'],
    ['no center', { ...robust, center_: null }, 'center_'],
    ['a negative magnitude', { ...maxAbs, max_abs_: [-1, 1] }, 'max_abs_[0]'],
  ])('%s', (_, json, where) => {
    const error = thrownBy(() => fromSklearn(json as SklearnJSON<'StandardScaler'>));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  const learned = (options: object): StandardScaler => {
    const scaler = new StandardScaler(1, options);
    scaler.update([1]);
    scaler.update([2]);
    return scaler;
  };
  test.each<[string, () => unknown, string]>([
    ['an unbiased variance', () => toSklearn(learned({ ddof: 1 })), 'options.ddof'],
    ['a half-life', () => toSklearn(learned({ running: { halfLifeRows: 3 } })), 'options.running'],
    ['an end of values', () => toSklearn(learned({ clip: 3 })), 'options.clip'],
    ['what is filled in', () => toSklearn(learned({ missing: 'mean' })), 'options.missing'],
    ['what is not fitted', () => toSklearn(new MinMaxScaler(1)), 'feature 0'],
    ['what is no scaler', () => toSklearn({} as StandardScaler), 'scaler'],
  ])('to write %s', (_, write, where) => {
    const error = thrownBy(write);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(where);
  });

  test('options there are not', () => {
    expect(() => fromSklearn(standard, { eps: 0 } as object)).toThrow(OptionError);
    expect(() => fromSklearn(standard, { missing: 'drop' } as object)).toThrow(OptionError);
  });

  test.prop([fc.constantFrom(standard, minMax, maxAbs).chain(damaged)], { numRuns: 2000 })(
    'malformed: a scaler, or refused as a format',
    (json) => readOrRefused(() => fromSklearn(json as typeof standard)),
  );
  test.prop([damaged(robust).filter((json) => Object(json).class === 'RobustScaler')], { numRuns: 1000 })(
    'malformed: an affine, or refused as a format',
    (json) => {
      try {
        expect(fromSklearn(json as typeof robust)).toBeInstanceOf(Affine);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    },
  );
});
