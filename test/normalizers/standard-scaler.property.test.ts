/** The standard scaler against exact rational arithmetic. */
import { fc, test } from '@fast-check/vitest';
import { Moments, StandardScaler, type StandardScalerOptions, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { hardValues } from '../oracle/data.js';
import { largestOf } from '../oracle/expect-exact.js';
import { uniform } from '../oracle/hard-data.js';
import { absoluteError, type ExactMoments, exactMoments, Rational } from '../oracle/rational.js';

const EPSILON = 2 ** -52;
const U = 2 ** -53;
const ddofs = fc.constantFrom<(0 | 1)[]>(0, 1);

/** variance <= n * eps * variance + (n * mean * eps)², in exact arithmetic; undefined where rounding may say either. */
function isConstant({ count, mean, variance }: ExactMoments): boolean | undefined {
  const offset = count.times(mean).times(EPSILON);
  const bound = count.times(EPSILON).times(variance()).plus(offset.times(offset));
  if (variance().numerator === 0n) return true;
  const ratio = bound.over(variance()).toNumber();
  return Math.abs(ratio - 1) < 1e-9 ? undefined : ratio > 1;
}

/** (x - mean) / sd, to 200 bits. The variance may be of weights; the spread is 1 for a constant. */
function standard(exact: ExactMoments, variance: Rational): (x: number) => Rational {
  const constant = isConstant(exact);
  fc.pre(constant !== undefined);
  const spread = constant ? new Rational(1n) : variance.sqrt();
  return (x) => Rational.of(x).minus(exact.mean).over(spread);
}

function expectStandard(
  scaler: StandardScaler,
  expected: (x: number) => Rational,
  values: ArrayLike<number>,
): void {
  for (let i = 0; i < Math.min(values.length, 20); i++) {
    const y = expected(values[i]!);
    const [actual] = scaler.transform([values[i]!]);
    expect(absoluteError(actual!, y)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(y.toNumber())));
  }
}

function learned(
  values: Float64Array,
  options?: StandardScalerOptions,
  weights?: ArrayLike<number>,
): StandardScaler {
  const scaler = new StandardScaler(1, options);
  values.forEach((x, i) => {
    scaler.update([x], weights?.[i]);
  });
  return scaler;
}

describe('pooled', () => {
  test.prop([hardValues(2, 300), hardValues(1, 10), ddofs], { numRuns: 300 })(
    'every value is the exact one, 1e-12, at mean/sd to 1e9; a constant is only centred',
    (values, others, ddof) => {
      const exact = exactMoments(values);
      const expected = standard(exact, exact.variance(ddof));
      for (const seen of [values, others]) expectStandard(learned(values, { ddof }), expected, seen);
    },
  );

  test.prop([hardValues(2, 100), fc.integer(), fc.double({ min: -3, max: 3, noNaN: true })])(
    'weights of any size',
    (values, seed, power) => {
      const next = uniform(seed);
      const weights = values.map((_, i) => (i % 5 === 0 ? 0 : 10 ** (power * next())));
      const exact = exactMoments(values, weights);
      expectStandard(learned(values, {}, weights), standard(exact, exact.variance()), values);
    },
  );

  test.prop([hardValues(2, 60), fc.integer(), ddofs])(
    'a weight of k is k repetitions',
    (values, seed, ddof) => {
      const next = uniform(seed);
      const weights = values.map(() => Math.floor(4 * next()));
      const repeated = Array.from(values).flatMap((x, i) => Array<number>(weights[i]!).fill(x));
      fc.pre(repeated.length > 1);
      const [a, b] = [learned(values, { ddof }, weights), learned(Float64Array.from(repeated), { ddof })];
      const exact = exactMoments(repeated);
      const expected = standard(exact, exact.variance(ddof));
      for (const scaler of [a, b]) expectStandard(scaler, expected, values);
    },
  );

  test.prop([hardValues(2, 100), hardValues(2, 100), ddofs])(
    'what is merged into its moments is seen, and is the whole',
    (a, b, ddof) => {
      const scaler = learned(a, { ddof });
      scaler.transform([0]);
      scaler.moments.merge(learned(b).moments);
      const exact = exactMoments([...a, ...b]);
      expectStandard(scaler, standard(exact, exact.variance(ddof)), [...b, ...a]);
    },
  );

  test.prop([hardValues(4, 100), fc.integer()])(
    'missing values count for nothing, feature by feature',
    (values, seed) => {
      const next = uniform(seed);
      const scaler = new StandardScaler(2, { missing: 'keep' });
      const kept: [number[], number[]] = [[], []];
      values.forEach((x) => {
        const row = kept.map((own) => {
          const value = next() < 0.3 ? Number.NaN : x;
          if (!Number.isNaN(value)) own.push(value);
          return value;
        });
        scaler.update(row);
      });
      fc.pre(kept.every((own) => own.length > 1));
      const [y, z] = kept.map((own) => {
        const exact = exactMoments(own);
        return standard(exact, exact.variance())(values[0]!);
      });
      const actual = scaler.transform([values[0]!, values[0]!]);
      [y!, z!].forEach((expected, i) => {
        const size = Math.max(1, Math.abs(expected.toNumber()));
        expect(absoluteError(actual[i]!, expected)).toBeLessThanOrEqual(1e-12 * size);
      });
      expect([...scaler.moments.count]).toEqual(kept.map((own) => own.length));
    },
  );

  test.prop([hardValues(2, 100), hardValues(1, 20), fc.boolean(), fc.boolean()])(
    'inverse undoes transform, to the bound it states',
    (values, seen, withMean, withStd) => {
      const scaler = learned(values, { withMean, withStd });
      const { center, scale, shift } = scaler.toAffine();
      for (const x of [...values, ...seen]) {
        const [back] = scaler.inverse(scaler.transform([x]));
        const size = largestOf([x, center[0]!, shift[0]! / scale[0]!]);
        expect(Math.abs(back! - x)).toBeLessThanOrEqual(8 * U * size);
      }
    },
  );
});

describe('with a half-life of a row, or of half of one: weights are exact powers of two', () => {
  const lives = fc.constantFrom(1, 0.5);

  /** W, and W - V / W with V = sum of squares, where a value of weight w is w values of weight 1 once. */
  function faded(
    ages: readonly number[],
    repetitions: readonly number[],
    life: number,
  ): [Float64Array, Rational] {
    const fading = ages.map((age) => 2 ** (-age / life));
    const zero = new Rational(0n);
    const sum = (power: number): Rational =>
      fading.reduce((total, f, i) => total.plus(Rational.of(f ** power).times(repetitions[i]!)), zero);
    return [Float64Array.from(fading, (f, i) => f * repetitions[i]!), sum(1).minus(sum(2).over(sum(1)))];
  }

  test.prop([hardValues(2, 20), lives, ddofs, fc.integer()])(
    'a row weighs what it was given, fading by rows',
    (values, life, ddof, seed) => {
      const next = uniform(seed);
      const repetitions = Array.from(values, () => Math.floor(1 + 3 * next()));
      const scaler = learned(values, { running: { halfLifeRows: life }, ddof }, repetitions);
      const ages = Array.from(values, (_, i) => values.length - 1 - i);
      const [weights, rest] = faded(ages, repetitions, life);
      const exact = exactMoments(values, weights);
      const variance = ddof === 1 ? exact.m2.over(rest) : exact.variance();
      expectStandard(scaler, standard(exact, variance), values);
    },
  );

  test.prop([hardValues(1, 6), hardValues(2, 6), hardValues(1, 6), ddofs])(
    'what is merged in between is as recent as the last row, each value of weight one',
    (before, merged, after, ddof) => {
      const scaler = learned(before, { running: { halfLifeRows: 1 }, ddof });
      const other = new Moments(1);
      other.updateBatch(tensor(merged, [merged.length, 1]));
      const half = new Moments(1);
      half.update([merged[0]!]);
      scaler.moments.merge(other);
      scaler.transform([0]); // seen between two merges, and no different for it
      scaler.moments.merge(half);
      after.forEach((x) => {
        scaler.update([x]);
      });
      const ages = [
        ...Array.from(before, (_, i) => after.length + before.length - 1 - i),
        ...Array.from(merged, () => after.length),
        after.length,
        ...Array.from(after, (_, i) => after.length - 1 - i),
      ];
      const values = [...before, ...merged, merged[0]!, ...after];
      const [weights, rest] = faded(ages, Array<number>(ages.length).fill(1), 1);
      const exact = exactMoments(values, weights);
      const variance = ddof === 1 ? exact.m2.over(rest) : exact.variance();
      expectStandard(scaler, standard(exact, variance), values);
    },
  );

  test.prop([hardValues(1, 6), hardValues(1, 6), hardValues(1, 6)])(
    'merged, saved and continued is never having stopped, bit for bit',
    (before, merged, after) => {
      const options = { running: { halfLifeRows: 2.5 }, ddof: 1 } as const;
      const through = learned(before, options);
      through.moments.merge(learned(merged).moments);
      const stopped = StandardScaler.fromJSON(JSON.parse(JSON.stringify(through)));
      for (const scaler of [through, stopped]) {
        scaler.moments.merge(learned(merged).moments);
        after.forEach((x) => {
          scaler.update([x]);
        });
      }
      expect(JSON.stringify(stopped)).toBe(JSON.stringify(through));
      expect(stopped.transform([before[0]!])).toEqual(through.transform([before[0]!]));
    },
  );

  test.prop([
    fc.array(
      fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    ),
  ])('weights below one never make a spread of nothing, nor state that cannot be read back', (rows) => {
    const scaler = new StandardScaler(1, { running: { halfLifeRows: 4 }, ddof: 1 });
    for (const [x, weight] of rows) {
      scaler.update([x], weight);
      expect(scaler.transform([x])[0]).not.toBeNaN();
      expect(scaler.toAffine().scale[0]).toBeGreaterThan(0);
      const state = JSON.stringify(scaler);
      expect(JSON.stringify(StandardScaler.fromJSON(JSON.parse(state)))).toBe(state);
    }
  });
});
