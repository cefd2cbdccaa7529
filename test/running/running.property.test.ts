/** Running statistics against exact rational arithmetic: PyTorch's recurrences, pooling, and pooling that forgets. */
import { fc, test } from '@fast-check/vitest';
import { BatchNorm, type RunningMode, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { hardValues } from '../oracle/data.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import {
  absoluteError,
  type ExactMoments,
  exactMoments,
  pool,
  Rational,
  relativeError,
} from '../oracle/rational.js';

const ONE = new Rational(1n);
const ddofs = fc.constantFrom<(0 | 1)[]>(0, 1);
const batches = fc.array(hardValues(2, 40), { minLength: 1, maxLength: 25 });

function trained(batches: readonly Float64Array[], running: RunningMode, runningDdof: 0 | 1): BatchNorm {
  const bn = new BatchNorm(1, { running, runningDdof, dtype: 'float64' });
  for (const batch of batches) bn.forward(tensor(batch, [batch.length, 1]));
  return bn;
}

/** The mean is known to two words, about 2^-100 of the largest value; of a spread far smaller that is this much. */
function expectInferred(bn: BatchNorm, mean: Rational, variance: Rational, largest: number): void {
  const spread = variance.plus(1e-5).sqrt();
  const known = Rational.of(largest)
    .times(2 ** -100)
    .over(spread)
    .toNumber();
  for (const x of [mean.toNumber(), mean.plus(spread).toNumber(), mean.minus(spread.times(3)).toNumber()]) {
    const expected = Rational.of(x).minus(mean).over(spread);
    const y = bn.infer(tensor([x], [1, 1])).data[0]!;
    expect(absoluteError(y, expected)).toBeLessThanOrEqual(
      1e-12 * Math.max(1, Math.abs(expected.toNumber())) + known,
    );
  }
}

/**
 * A running mean may cancel to nothing; what it is a mean of is then what 1e-12 is of. What is inferred with it has to be
 * right all the same.
 */
function expectRunning(bn: BatchNorm, mean: Rational, variance: Rational, largest: number): void {
  expectInferred(bn, mean, variance, largest);
  const size = mean
    .abs()
    .plus(largest * 1e-3)
    .toNumber();
  expect(absoluteError(bn.runningMean[0]!, mean)).toBeLessThanOrEqual(1e-12 * size);
  expect(relativeError(bn.runningVariance[0]!, variance)).toBeLessThanOrEqual(1e-12);
}

describe('PyTorch’s recurrences, to 1e-12', () => {
  /** running = (1 - part) * running + part * batch, from 0 and 1, in exact arithmetic. */
  function recurrence(
    batches: readonly ExactMoments[],
    part: (batch: number) => Rational,
    ddof: number,
  ): [mean: Rational, variance: Rational] {
    let mean = new Rational(0n);
    let variance = ONE;
    batches.forEach((batch, i) => {
      const rest = ONE.minus(part(i + 1));
      mean = mean
        .times(rest)
        .plus(batch.mean.times(part(i + 1)))
        .trimmed();
      variance = variance
        .times(rest)
        .plus(batch.variance(ddof).times(part(i + 1)))
        .trimmed();
    });
    return [mean, variance];
  }

  const momenta = fc.oneof(
    fc.constantFrom(0, 1, 0.1, 0.01, 0.5),
    fc.double({ min: 1e-6, max: 1, noNaN: true }),
  );
  test.prop([batches, momenta, ddofs])('momentum', (batches, momentum, ddof) => {
    const expected = recurrence(
      batches.map((batch) => exactMoments(batch)),
      () => Rational.of(momentum),
      ddof,
    );
    expectRunning(trained(batches, { momentum }, ddof), ...expected, largestOf(batches.map(largestOf)));
  });

  test.prop([batches, ddofs])('momentum=None: the average of the batches', (batches, ddof) => {
    const parts = batches.map((batch) => exactMoments(batch));
    const expected = recurrence(parts, (batch) => ONE.over(batch), ddof);
    expectRunning(trained(batches, 'average', ddof), ...expected, largestOf(batches.map(largestOf)));
  });

  test('a hundred thousand batches at a small momentum', () => {
    const [momentum, count, batch] = [1e-3, 1e5, Float64Array.of(3.3, 1.1)];
    const bn = trained(
      Array.from({ length: count }, () => batch),
      { momentum },
      0,
    );
    // (1 - momentum)^count, to 400 bits
    const bits = 400n;
    const rest = ONE.minus(momentum);
    let [power, square] = [1n << bits, (rest.numerator << bits) / rest.denominator];
    for (let left = count; left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) power = (power * square) >> bits;
      square = (square * square) >> bits;
    }
    const old = new Rational(power, 1n << bits);
    const { mean, variance } = exactMoments(batch);
    const expected = variance().times(ONE.minus(old)).plus(old);
    expect(relativeError(bn.runningVariance[0]!, expected)).toBeLessThan(1e-15);
    expect(relativeError(bn.runningMean[0]!, mean.times(ONE.minus(old)))).toBeLessThan(1e-15);
  });

  test('the average of two thousand batches', () => {
    const batches = Array.from({ length: 2000 }, (_, i) => Float64Array.of(1e6 + i, 1e6 + i + (i % 7), 1e6));
    const parts = batches.map((batch) => exactMoments(batch));
    const mean = (values: Rational[]): Rational =>
      values.reduce((a, b) => a.plus(b).trimmed(), new Rational(0n)).over(values.length);
    const expected = [
      mean(parts.map((part) => part.mean)),
      mean(parts.map((part) => part.variance(1))),
    ] as const;
    expectRunning(trained(batches, 'average', 1), ...expected, 1e6);
  });
});

describe('pooled', () => {
  test.prop([batches, ddofs])('is the statistics of all the data', (batches, ddof) => {
    const bn = trained(batches, 'pooled', ddof);
    const values = batches.flatMap((batch) => [...batch]);
    const exact = exactMoments(values);
    const runningStatistics = {
      count: [values.length],
      mean: bn.runningMean,
      variance: (of = 0) => (of === ddof ? bn.runningVariance : [exact.variance(of).toNumber()]),
    };
    expectExact(runningStatistics, exact, largestOf(values));
  });
});

describe('halfLifeRows', () => {
  /** The weights' sum and the sum of their squares tell what divides for an unbiased variance. */
  interface Weighted {
    readonly moments: ExactMoments;
    readonly squares: Rational;
  }

  const weighted = (batch: Float64Array): Weighted => ({
    moments: exactMoments(batch),
    squares: new Rational(BigInt(batch.length)),
  });

  /** What was known, at a weight of `factor`, and a batch. */
  function faded(known: Weighted, factor: Rational, batch: Float64Array): Weighted {
    const part = weighted(batch);
    return {
      moments: pool([
        [known.moments, factor],
        [part.moments, ONE],
      ]),
      squares: known.squares.times(factor).times(factor).plus(part.squares).trimmed(),
    };
  }

  const variance = ({ moments: { count, m2 }, squares }: Weighted, ddof: 0 | 1): Rational =>
    m2.over(ddof === 0 ? count : count.minus(squares.over(count)));

  test.prop([
    fc.array(hardValues(1, 20), { minLength: 2, maxLength: 12 }), // exact weights grow by 53 bits a batch
    fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    ddofs,
  ])(
    'is the statistics of all rows, each batch’s weight 2^(-rows / h) less at the next',
    (batches, halfLifeRows, ddof) => {
      let known = weighted(batches[0]!);
      for (const batch of batches.slice(1)) {
        const halfLives = batch.length / halfLifeRows;
        known = faded(known, Rational.of(halfLives < 500 ? 2 ** -halfLives : 0), batch);
      }
      const told = variance(known, ddof);
      const bn = trained(batches, { halfLifeRows }, ddof);
      expectRunning(bn, known.moments.mean, told, largestOf(batches.map(largestOf)));
    },
  );
});
