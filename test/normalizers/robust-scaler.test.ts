import { OptionError, Quantiles, RobustScaler, SampleError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const { NaN: missing } = Number;
const state = (scaler: RobustScaler): string => JSON.stringify(scaler);
function of(
  values: readonly number[],
  options?: ConstructorParameters<typeof RobustScaler>[1],
): RobustScaler {
  const scaler = new RobustScaler(1, options);
  for (const x of values) scaler.update([x]);
  return scaler;
}
function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    if (Number.isNaN(value)) expect(actual[i]).toBeNaN();
    else expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(value)));
  });
}

describe('scikit-learn 1.2 gives these', () => {
  const x = tensor(
    [1.7e12 + 1, 7, 0.5, 1.7e12 + 4, 7, missing, 1.7e12 + 2, 7, -3.25, 1.7e12 + 900, 7, 8, 1.7e12 - 5, 7, 2],
    [5, 3],
  );
  const channel = (data: ArrayLike<number>, c: number): number[] =>
    Array.from(data).filter((_, i) => i % 3 === c);
  const constant = [0, 0, 0, 0, 0];

  test.each([
    [
      'by default',
      {},
      [
        [-0.3333333333333333, 0.6666666666666666, 0, 299.3333333333333, -2.3333333333333335],
        constant,
        [-0.19047619047619047, missing, -1.1428571428571428, 1.7142857142857142, 0.19047619047619047],
      ],
    ],
    [
      'not centred',
      { withCentering: false },
      [
        [566666666667, 566666666668, 566666666667.3334, 566666666966.6666, 566666666665],
        [7, 7, 7, 7, 7],
        [0.12698412698412698, missing, -0.8253968253968254, 2.0317460317460316, 0.5079365079365079],
      ],
    ],
    [
      'not scaled',
      { withScaling: false },
      [[-1, 2, 0, 898, -7], constant, [-0.75, missing, -4.5, 6.75, 0.75]],
    ],
  ])('%s', (_, options, expected) => {
    const scaler = new RobustScaler(3, { ...options, missing: 'keep' });
    const { data } = scaler.forward(x);
    expected.forEach((values, c) => {
      expectClose(channel(data, c), values);
    });
    expect(scaler.infer(x).data).toEqual(data);
  });

  test('quantile_range=(10, 80)', () => {
    const scaler = new RobustScaler(3, { quantiles: [0.1, 0.8], missing: 'keep' });
    const values = channel(scaler.forward(x).data, 2);
    expectClose(values, [
      -0.11494252873563214,
      missing,
      -0.6896551724137929,
      1.0344827586206893,
      0.11494252873563214,
    ]);
  });
});

describe('by hand', () => {
  test('an outlier moves nothing', () => {
    const scaler = of([1, 2, 3, 4, 1e300]);
    expect([...scaler.transform([5]), ...scaler.transform([3]), ...scaler.inverse([-0.5])]).toEqual([
      1, 0, 2,
    ]);
  });

  test('a feature of which nothing is known stays as it is', () => {
    for (const options of [{}, { withCentering: false }, { withScaling: false }])
      expect([...new RobustScaler(2, options).transform([5, -3])]).toEqual([5, -3]);
    const scaler = new RobustScaler(2, { missing: 'mean' });
    scaler.update([missing, 5]);
    expect([...scaler.transform([4, 4]), ...scaler.transform([missing, missing])]).toEqual([4, -1, 0, 0]);
  });

  test('quantiles that are equal do not divide; nor those closer than 2.2e-15', () => {
    expect([...of([1, 5, 5, 5, 9]).transform([9])]).toEqual([4]);
    expect([...of([0, 0, 0, 2e-15, 2e-15]).transform([8])]).toEqual([8]);
    expect([...of([0, 0, 0, 4e-15, 4e-15]).transform([4e-15])]).toEqual([1]);
  });

  test('a distance beyond float64 maps all to one value', () => {
    const scaler = of([-1.5e308, -1.5e308, 0, 1.5e308, 1.5e308]);
    expect([...scaler.transform([1e308])]).toEqual([0]);
    expect(thrownBy(() => scaler.inverse([0]))).toMatchObject({ code: 'EVENKEEL_NOT_INVERTIBLE' });
  });

  test('missing: refused, kept, or the median', () => {
    const rows = [[1], [missing], [3], [5]];
    const error = thrownBy(() => of(rows.flat()));
    expect(error).toBeInstanceOf(SampleError);
    expect(error).toMatchObject({ code: 'EVENKEEL_MISSING' });
    const kept = of(rows.flat(), { missing: 'keep' });
    expect([kept.rows, ...kept.sketch.count, ...kept.transform([missing])]).toEqual([4, 3, missing]);
    expect([...of(rows.flat(), { missing: 'mean' }).transform([missing])]).toEqual([0]);
    const notCentred = of(rows.flat(), { missing: 'mean', withCentering: false });
    expect([...notCentred.transform([missing]), ...notCentred.transform([3])]).toEqual([1.5, 1.5]);
  });

  test('clip ends values on both sides, and takes the affine away', () => {
    const scaler = of([1, 2, 3, 4, 5], { clip: 1.5 });
    expect(scaler.infer(tensor([-90, 2, 90], [3, 1])).data).toEqual(Float64Array.of(-1.5, -0.5, 1.5));
    expect(thrownBy(() => scaler.toAffine())).toMatchObject({ option: 'clip' });
  });

  test('positions of a channel are its values; dtype as asked', () => {
    const scaler = new RobustScaler(2, { dtype: 'float32' });
    const y = scaler.forward(tensor([1, 2, 3, 10, 20, 30], [1, 2, 3]));
    expect(y.data).toEqual(Float32Array.of(-1, 0, 1, -1, 0, 1));
    expect(y.shape).toEqual([1, 2, 3]);
    expect([...scaler.toAffine().center]).toEqual([2, 20]);
  });

  test('shards are merged through the sketch', () => {
    const [a, b] = [of([1, 2, 3]), of([4, 1e9])];
    a.transform([0]);
    a.sketch.merge(b.sketch);
    expect([...a.transform([5])]).toEqual([1]);
  });

  test('weights count as repetitions; those that are no whole numbers are refused', () => {
    const scaler = of([1, 3, 5]);
    scaler.update([9], 0);
    expect([scaler.rows, ...scaler.transform([5])]).toEqual([3, 1]);
    scaler.update([5], 2);
    expect([...scaler.transform([5])]).toEqual([0]);
    const before = state(scaler);
    const error = thrownBy(() => scaler.update([7], 0.5));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ option: 'weight', value: 0.5 });
    expect(state(scaler)).toBe(before);
  });
});

test.each([
  ['quantiles', { quantiles: 0.5 }],
  ['quantiles', { quantiles: [0.5] }],
  ['quantiles', { quantiles: [0.1, 0.5, 0.9] }],
  ['quantiles[0]', { quantiles: [-0.1, 0.9] }],
  ['quantiles[1]', { quantiles: [25, 75].map((q) => (q === 25 ? 0.25 : q)) }],
  ['quantiles[1]', { quantiles: [0.5, 0.5] }],
  ['quantiles[1]', { quantiles: [0.75, 0.25] }],
  ['quantiles[0]', { quantiles: ['0.25', '0.75'] }],
  ['withCentering', { withCentering: 1 }],
  ['withScaling', { withScaling: 'no' }],
  ['clip', { clip: -1 }],
  ['missing', { missing: 'skip' }],
  ['dtype', { dtype: 'float16' }],
  ['options.quantile', { quantile: [0.25, 0.75] }],
])('the option %s: %j is refused', (option, options) => {
  const error = thrownBy(() => new RobustScaler(1, options as object));
  expect(error).toBeInstanceOf(OptionError);
  expect(error).toMatchObject({ option });
});

test('options are copied', () => {
  const quantiles: [number, number] = [0.25, 0.75];
  const scaler = new RobustScaler(1, { quantiles });
  quantiles[1] = 1;
  for (const x of [1, 2, 3, 4, 99]) scaler.update([x]);
  expect([...scaler.transform([5])]).toEqual([1]);
});

describe('saved state', () => {
  const good = (): Record<string, unknown> => JSON.parse(state(of([1, 2, 3], { clip: 3 })));

  test('comes back with its options', () => {
    const scaler = RobustScaler.fromJSON(good());
    expect(scaler).toBeInstanceOf(RobustScaler);
    expect(state(scaler)).toBe(JSON.stringify(good()));
    expect([...scaler.transform([2.5]), ...scaler.transform([99])]).toEqual([0.5, 3]);
  });

  test.each([
    ['another kind', { kind: 'StandardScaler' }],
    [
      'options that are not all there',
      { options: { missing: 'error', withCentering: true, withScaling: true } },
    ],
    ['options that cannot be', { options: { ...(good()['options'] as object), quantiles: [0.75, 0.25] } }],
    ['other features', { features: 2 }],
    ['no statistic', { statistic: undefined }],
    ['a statistic of another kind', { statistic: { kind: 'Extrema' } }],
    ['a statistic of more channels', { statistic: new Quantiles(2).toJSON() }],
    ['no rows', { rows: -1 }],
  ])('%s is refused', (_, change) => {
    expect(thrownBy(() => RobustScaler.fromJSON({ ...good(), ...change }))).toBeInstanceOf(StateError);
  });
});
