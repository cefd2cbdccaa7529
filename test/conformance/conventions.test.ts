/**
 * What the libraries people come from do where they differ, from their documented definitions, and which options say so.
 * All numbers are worked out here.
 */
import {
  BatchNorm,
  MaxAbsScaler,
  MinMaxScaler,
  Moments,
  type Scaler,
  StandardScaler,
  tensor,
} from 'evenkeel';
import { describe, expect, test } from 'vitest';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
const squares = (values: readonly number[]): number =>
  values.map((x) => (x - mean(values)) ** 2).reduce((a, b) => a + b);
const biased = (values: readonly number[]): number => squares(values) / values.length;
const unbiased = (values: readonly number[]): number => squares(values) / (values.length - 1);

/** Three minibatches of one feature. */
const batches = [
  [0.5, 1.5, -2, 4],
  [10, 12, 9],
  [-1, -1.25, 3, 7, 2.5],
] as const;
const train = (bn: BatchNorm): number[][] =>
  batches.map((batch) => [...bn.forward(tensor(batch, [batch.length, 1])).data]);
const expectClose = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    if (Number.isNaN(value)) expect(actual[i]).toBeNaN();
    else expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(value)));
  });
};

describe('PyTorch BatchNorm1d: eps 1e-5, momentum 0.1 of the new, biased to normalize, unbiased to remember', () => {
  test('training, then eval', () => {
    const bn = new BatchNorm(1, { running: { momentum: 0.1 }, dtype: 'float64' });
    let [runningMean, runningVariance] = [0, 1];
    train(bn).forEach((y, i) => {
      const batch = batches[i]!;
      expectClose(
        y,
        batch.map((x) => (x - mean(batch)) / Math.sqrt(biased(batch) + 1e-5)),
      );
      runningMean = 0.9 * runningMean + 0.1 * mean(batch);
      runningVariance = 0.9 * runningVariance + 0.1 * unbiased(batch);
    });
    expectClose(bn.runningMean, [runningMean]);
    expectClose(bn.runningVariance, [runningVariance]);
    expectClose(bn.infer(tensor([5], [1, 1])).data, [(5 - runningMean) / Math.sqrt(runningVariance + 1e-5)]);
  });

  test('momentum=None: the cumulative average over the batches', () => {
    const bn = new BatchNorm(1, { running: 'average' });
    train(bn);
    expectClose(bn.runningMean, [mean(batches.map(mean))]);
    expectClose(bn.runningVariance, [mean(batches.map(unbiased))]);
  });

  test('weight and bias after normalizing', () => {
    const bn = new BatchNorm(1, { dtype: 'float64' });
    bn.gamma[0] = 1.5;
    bn.beta[0] = -0.25;
    const [batch] = batches;
    const expected = batch.map((x) => ((x - mean(batch)) / Math.sqrt(biased(batch) + 1e-5)) * 1.5 - 0.25);
    expectClose(bn.forward(tensor(batch, [4, 1])).data, expected);
  });

  test('BatchNorm2d: a statistic a channel, over samples, height and width', () => {
    const images = [
      [
        [1, 2, 3, 4],
        [10, 20, 30, 40],
      ],
      [
        [5, 6, 7, 9],
        [-10, -20, -30, -50],
      ],
    ]; // [N, C, H * W]
    const bn = new BatchNorm(2, { dtype: 'float64', eps: 1e-3 });
    const y = bn.forward(tensor(images.flat(2), [2, 2, 2, 2])).data;
    const channels = [0, 1].map((channel) => images.flatMap((image) => image[channel]!));
    const expected = images.flatMap((image) =>
      image.flatMap((values, c) =>
        values.map((x) => (x - mean(channels[c]!)) / Math.sqrt(biased(channels[c]!) + 1e-3)),
      ),
    );
    expectClose(y, expected);
    expectClose(bn.runningVariance, channels.map(unbiased));
  });
});

describe('Keras and ONNX: momentum is of the old, the variance to remember is biased', () => {
  test.each([0.99, 0.9])('momentum %d is { momentum: 1 - it }, runningDdof 0', (momentum) => {
    const bn = new BatchNorm(1, {
      eps: 1e-3,
      running: { momentum: 1 - momentum },
      runningDdof: 0,
      dtype: 'float64',
    });
    let [movingMean, movingVariance] = [0, 1];
    train(bn).forEach((y, i) => {
      const batch = batches[i]!;
      expectClose(
        y,
        batch.map((x) => (x - mean(batch)) / Math.sqrt(biased(batch) + 1e-3)),
      );
      movingMean = movingMean * momentum + mean(batch) * (1 - momentum);
      movingVariance = movingVariance * momentum + biased(batch) * (1 - momentum);
    });
    expectClose(bn.runningMean, [movingMean]);
    expectClose(bn.runningVariance, [movingVariance]);
  });
});

describe('scikit-learn StandardScaler.partial_fit: all rows alike, biased, NaN left out by column', () => {
  const rows = [
    [1, 100, 7],
    [2, Number.NaN, 7],
    [4, 300, 7],
    [Number.NaN, 500, 7],
    [9, 700, 7],
  ];
  const columns = [0, 1, 2].map((c) => rows.map((row) => row[c]!).filter((x) => !Number.isNaN(x)));

  test('n_samples_seen_, mean_ and var_, however the rows are parted', () => {
    for (const parts of [[5], [2, 3], [1, 1, 3], [4, 1]]) {
      const moments = new Moments(3);
      let at = 0;
      for (const n of parts) {
        moments.updateBatch(tensor(rows.slice(at, at + n).flat(), [n, 3]));
        at += n;
      }
      expect([...moments.count]).toEqual([4, 4, 5]);
      expectClose(moments.mean, columns.map(mean));
      expectClose(moments.variance(), columns.map(biased));
    }
  });

  test('transform is infer with pooled, runningDdof 0, eps 0: NaN passes, a constant feature is only centered', () => {
    const bn = new BatchNorm(3, { eps: 0, runningDdof: 0, missing: 'keep', dtype: 'float64' });
    for (const row of rows) bn.forward(tensor(row, [1, 3]));
    const expected = rows.map((row) =>
      row.map((x, c) => (c === 2 ? 0 : (x - mean(columns[c]!)) / Math.sqrt(biased(columns[c]!)))),
    );
    expectClose(bn.infer(tensor(rows.flat(), [5, 3])).data, expected.flat());
  });
});

describe('pandas ewm(halflife=2): what its 1.5.3 says of 10, 20, two gaps, 35, 31 and 28.5', () => {
  // pd.Series([10, 20, nan, nan, 35, 31, 28.5]).ewm(halflife=2), then .mean(), .var() and .var(bias=True)
  const values = [10, 20, Number.NaN, Number.NaN, 35, 31, 28.5];
  const means = [10, 15.85786437626905, 15.85786437626905, 15.85786437626905].concat([
    27.795187907884575, 29.297056274847716, 28.97936265443096,
  ]);
  const variances = {
    1: [1, 50, 50, 50, 176.77669529663692, 81.71121896805896, 44.91673991233847], // pandas has NaN first, not 1
    0: [0, 24.26406871192852, 24.26406871192852, 24.26406871192852].concat([
      95.13880363846161, 53.11158425921816, 32.094464196914736,
    ]),
  };

  test.each([0, 1] as const)('runningDdof %i', (runningDdof) => {
    const bn = new BatchNorm(1, { running: { halfLifeRows: 2 }, runningDdof, missing: 'keep' });
    const seen = values.map((value) => {
      bn.forward(tensor([value], [1, 1]));
      return [bn.runningMean[0]!, bn.runningVariance[0]!] as const;
    });
    expectClose(
      seen.map(([mean]) => mean),
      means,
    );
    expectClose(
      seen.map(([, variance]) => variance),
      variances[runningDdof],
    );
  });
});

describe('scikit-learn preprocessing: what partial_fit, transform and inverse_transform do', () => {
  /** The last two are constant, though sums of 0.1 are not exact. */
  const rows = [
    [1, 1006.5, 0.1, 7],
    [2, Number.NaN, 0.1, 7],
    [4, 1003.25, 0.1, 7],
    [Number.NaN, 998, 0.1, 7],
    [9, 1001, 0.1, 7],
  ];
  const columns = [0, 1, 2, 3].map((c) => rows.map((row) => row[c]!).filter((x) => !Number.isNaN(x)));
  const other = [-3, 1010, 0.25, 9];
  const learned = <S extends Scaler>(scaler: S): S => {
    for (const row of rows) scaler.update(row);
    return scaler;
  };
  const inverted = (scaler: Scaler): void => expectClose(scaler.inverse(scaler.transform(other)), other);

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])(
    'StandardScaler(with_mean=%s, with_std=%s): ddof 0, and scale_ is 1 for a constant',
    (withMean, withStd) => {
      const scaler = learned(new StandardScaler(4, { withMean, withStd, missing: 'keep' }));
      const scale = columns.map((values, c) => (withStd && c < 2 ? Math.sqrt(biased(values)) : 1));
      const expected = (row: readonly number[]): number[] =>
        row.map((x, c) => (x - (withMean ? mean(columns[c]!) : 0)) / scale[c]!);
      for (const row of [...rows, other]) expectClose(scaler.transform(row), expected(row));
      expect([...scaler.moments.count]).toEqual([4, 4, 5, 5]); // n_samples_seen_
      inverted(scaler);
    },
  );

  test('StandardScaler, sample_weight: mean_ and var_ are the weighted ones', () => {
    const weights = [0.5, 2, 0, 1, 3.25];
    const scaler = new StandardScaler(1);
    const values = [3, -1, 100, 4, 2];
    values.forEach((x, i) => {
      scaler.update([x], weights[i]);
    });
    const sum = (of: (x: number, i: number) => number): number => values.map(of).reduce((a, b) => a + b);
    const total = sum((_, i) => weights[i]!);
    const average = sum((x, i) => x * weights[i]!) / total;
    const variance = sum((x, i) => weights[i]! * (x - average) ** 2) / total;
    expectClose(scaler.transform([7]), [(7 - average) / Math.sqrt(variance)]);
    expectClose(scaler.moments.count, [total]);
  });

  test('StandardScaler, _is_constant_feature: var <= n * eps * var + (n * mean * eps)²', () => {
    const eps = 2 ** -52;
    for (const [base, step, times] of [
      [1, eps, 1],
      [1, eps, 50],
      [1e9, 2 ** -23, 1],
      [1e9, 1, 4],
      [-5, 1e-15, 3],
      [-5, 1e-13, 3],
      [1e15, 8, 20],
    ] as const) {
      const values = Array.from({ length: 2 * times }, (_, i) => base + (i % 2) * step);
      const n = values.length;
      const average = base + (values[1]! - base) / 2;
      const variance = ((values[1]! - base) / 2) ** 2;
      const isConstant = variance <= n * eps * variance + (n * average * eps) ** 2;
      const scaler = new StandardScaler(1);
      for (const x of values) scaler.update([x]);
      expectClose(scaler.toAffine().scale, [isConstant ? 1 : 1 / Math.sqrt(variance)]);
    }
  });

  test.each([
    [0, 1, false],
    [-1, 1, false],
    [-2, 3.5, true],
  ])(
    'MinMaxScaler(feature_range=(%d, %d), clip=%s): scale_ is the range over data_range_, 1 for none',
    (a, b, clip) => {
      const scaler = learned(new MinMaxScaler(4, { range: [a, b], clip, missing: 'keep' }));
      const end = (y: number): number => (clip ? Math.min(Math.max(y, a), b) : y);
      const expected = (row: readonly number[]): number[] =>
        row.map((x, c) => {
          const [least, most] = [Math.min(...columns[c]!), Math.max(...columns[c]!)];
          const scale = (b - a) / (most - least || 1);
          return Number.isNaN(x) ? x : end(x * scale + (a - least * scale));
        });
      for (const row of [...rows, other]) expectClose(scaler.transform(row), expected(row));
      if (!clip) inverted(scaler);
    },
  );

  test('MaxAbsScaler: scale_ is max_abs_, 1 for zeros', () => {
    const scaler = learned(new MaxAbsScaler(4, { missing: 'keep' }));
    const most = columns.map((values) => Math.max(...values.map(Math.abs)));
    for (const row of [...rows, other])
      expectClose(
        scaler.transform(row),
        row.map((x, c) => x / most[c]!),
      );
    inverted(scaler);
    const zeros = new MaxAbsScaler(1);
    zeros.update([0]);
    expectClose(zeros.transform([0.5]), [0.5]);
  });
});
