import { fc, test as property } from '@fast-check/vitest';
import { driftOf, Moments, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { hardValues } from '../oracle/data.js';
import { largestOf } from '../oracle/expect-exact.js';
import { noiseAround } from '../oracle/hard-data.js';
import { exactMoments, Rational, relativeError } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const of = (values: ArrayLike<number>): Moments => {
  const moments = new Moments(1);
  for (let i = 0; i < values.length; i++) moments.update([values[i]!]);
  return moments;
};
const scores = (recent: ArrayLike<number>, reference: ArrayLike<number>): number[] => {
  const { shift, logVarianceRatio, divergence } = driftOf(of(recent), of(reference));
  return [shift[0]!, logVarianceRatio[0]!, divergence[0]!];
};
const { NaN: none } = Number;

test('by hand', () => {
  // variances 2 and 8, means 4 and 2
  const [shift, ratio, divergence] = scores([3, 5], [0, 4]);
  expect(shift).toBeCloseTo(2 / Math.sqrt(8), 15);
  expect(ratio).toBeCloseTo(Math.log(1 / 4), 15);
  expect(divergence).toBeCloseTo(0.5 * (1 / 4 + 4 - 2 + 4 * (1 / 2 + 1 / 8)), 15);
});

test('feature by feature', () => {
  const [now, before] = [new Moments(3), new Moments(3)];
  now.updateBatch(tensor([1, 5, none, 3, 5, 1], [2, 3]));
  before.updateBatch(tensor([1, 1, 1, 3, 3, 1], [2, 3]));
  const { shift, logVarianceRatio, divergence } = driftOf(now, before);
  expect([...shift]).toEqual([0, 3 / Math.sqrt(2), 0]);
  expect([...logVarianceRatio]).toEqual([0, -Infinity, none]);
  expect([...divergence]).toEqual([0, Infinity, none]);
});

describe('where there is little to go by', () => {
  test.each<[string, number[], number[], number[]]>([
    ['nothing recent', [], [1, 2], [none, none, none]],
    ['one value', [3], [1, 3], [1 / Math.SQRT2, none, none]],
    ['no reference', [1, 2], [], [none, none, none]],
    ['a reference of one value', [1, 2], [1], [none, none, none]],
    ['constant, both the same', [7, 7], [7, 7], [0, 0, 0]],
    ['constant, at another value', [9, 9], [7, 7], [Infinity, 0, Infinity]],
    ['and downwards', [5, 5], [7, 7], [-Infinity, 0, Infinity]],
    ['the reference is constant', [6, 8], [7, 7], [0, Infinity, Infinity]],
    ['and at another value', [7, 9], [7, 7], [Infinity, Infinity, Infinity]],
    ['the recent one is constant', [7, 7], [6, 8], [0, -Infinity, Infinity]],
    ['and at another value', [7 + Math.SQRT2, 7 + Math.SQRT2], [6, 8], [1, -Infinity, Infinity]],
    ['constant, as far apart as can be', [1.5e308, 1.5e308], [-1.5e308, -1.5e308], [Infinity, 0, Infinity]],
    ['a variance that left float64', [1e200, 2e200], [1, 2], [1.5e200 * Math.SQRT2, none, none]],
    ['or the reference’s', [1, 2], [1e200, 2e200], [none, none, none]],
  ])('%s', (_case, recent, reference, expected) => {
    const [shift, ...others] = scores(recent, reference);
    expect(others).toEqual(expected.slice(1));
    const [exact] = expected as [number];
    if (exact === 0 || !Number.isFinite(exact)) expect(shift).toBe(exact);
    else expect(shift! / exact).toBeCloseTo(1, 13);
  });

  test('spreads as different as float64 has them', () => {
    const [wide, narrow] = [
      [-1e153, 1e153],
      [-1e-153, 1e-153],
    ] as const;
    expect(scores(wide, narrow)[1]).toBeCloseTo(4 * 153 * Math.LN10, 9);
    expect(scores(narrow, wide)[1]).toBeCloseTo(-4 * 153 * Math.LN10, 9);
  });
});

describe('against exact rational arithmetic', () => {
  /** The divergence and the squared shift are rational; a logarithm is held to what it is the logarithm of. */
  function expectScores(recent: Float64Array, reference: Float64Array): void {
    const [a, b] = [exactMoments(recent), exactMoments(reference)];
    const [v, v0] = [a.variance(1), b.variance(1)];
    fc.pre(v.toNumber() > 1e-280 && v0.toNumber() > 1e-280);
    const [shift, ratio, divergence] = scores(recent, reference) as [number, number, number];
    const difference = a.mean.minus(b.mean);
    // Two words hold a mean to 2^-100 of the largest value, and so a difference of two.
    const largest = Math.max(largestOf(recent), largestOf(reference));
    const unsure = Rational.of(largest)
      .times(2 ** -98)
      .over(v0.sqrt())
      .toNumber();
    const exactShift = difference.over(v0.sqrt());
    const error = exactShift.minus(shift).abs().toNumber();
    expect(error, `shift ${shift}`).toBeLessThanOrEqual(1e-14 * Math.abs(shift) + unsure);
    expect(relativeError(Math.exp(ratio), v.over(v0)), `log ratio ${ratio}`).toBeLessThan(
      3e-14 * Math.max(1, Math.abs(ratio)),
    );
    const two = new Rational(2n);
    const squares = difference.times(difference);
    const exact = v
      .over(v0)
      .plus(v0.over(v))
      .minus(two)
      .plus(squares.over(v).plus(squares.over(v0)))
      .over(two);
    // Where the variances agree to d of their digits, so many are known of the ratio: 1e-14 of 1.
    const r = Math.abs(ratio) + 3e-14;
    const ofSpread = 4 * Math.sinh(r / 2) * Math.cosh(r / 2) * 3e-14 * Math.max(1, r);
    const ofShift = 2 * Math.abs(shift) * unsure * (1 + Math.exp(-ratio));
    expect(exact.minus(divergence).abs().toNumber(), `divergence ${divergence}`).toBeLessThanOrEqual(
      1e-13 * Math.max(1, r) * divergence + ofSpread + ofShift,
    );
  }

  property.prop([hardValues(2, 300), hardValues(2, 300)], { numRuns: 300 })('any two', expectScores);

  property.prop(
    [
      fc.constantFrom(0, 1e3, 1e6, 1e9),
      fc.constantFrom(0, 0.01, 1, 5),
      fc.constantFrom(0.5, 1, 2),
      fc.integer(),
      fc.integer(),
    ],
    { numRuns: 200 },
  )('a shift of some sd, at an offset of 1e9 sd', (offset, by, sd, one, other) => {
    const reference = noiseAround(offset, 200, one);
    const recent = noiseAround(0, 100, other).map((x) => offset + by + sd * x);
    expectScores(recent, reference);
    const [shift] = scores(recent, reference);
    expect(Math.abs(shift! - by)).toBeLessThan(2); // and a shift it is
  });

  test('which one word a mean does not tell', () => {
    const reference = noiseAround(1e9, 1000, 1);
    const recent = reference.map((x) => x);
    recent[0]! += 2 ** -20; // moves the mean by 1e-9
    const [a, b] = [of(recent), of(reference)];
    expect(a.mean[0]).toBe(b.mean[0]);
    const exact = exactMoments(recent).mean.minus(exactMoments(reference).mean);
    const sd = exactMoments(reference).variance(1).sqrt();
    expect(relativeError(driftOf(a, b).shift[0]!, exact.over(sd))).toBeLessThan(1e-14);
  });
});

test('the two are left as they were, and the scores are one’s own', () => {
  const [a, b] = [of([1, 2]), of([3, 5])];
  const [was, scores] = [JSON.stringify([a, b]), driftOf(a, b)];
  const copies = Object.values(scores).map((plane) => [...plane]);
  driftOf(b, a);
  expect(JSON.stringify([a, b])).toBe(was);
  expect(Object.values(scores).map((plane) => [...plane])).toEqual(copies);
});

test('what is not given as it should be', () => {
  expect(thrownBy(() => driftOf({} as Moments, of([1])))).toMatchObject({ option: 'recent' });
  expect(thrownBy(() => driftOf(of([1]), undefined as never))).toMatchObject({ option: 'reference' });
  expect(thrownBy(() => driftOf(new Moments(2), of([1])))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
});
