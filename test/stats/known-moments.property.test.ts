import { fc, test } from '@fast-check/vitest';
import { Moments, OptionError, ShapeError } from 'evenkeel';
import { describe, expect } from 'vitest';
import { anyFinite, hardValues } from '../oracle/data.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { exactMoments } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

const known = fc.record({
  count: fc.oneof(fc.integer({ min: 2, max: 1e9 }), fc.double({ min: 1.5, max: 1e15, noNaN: true })),
  mean: anyFinite,
  // What M2 is made of stays within float64, with room for its low word.
  variance: fc.oneof(fc.constant(0), fc.double({ min: 1e-250, max: 1e280, noNaN: true })),
});
const ddof = fc.constantFrom(0, 1);
const column = <K extends string>(rows: readonly Record<K, number>[], name: K): number[] =>
  rows.map((row) => row[name]);

describe('Moments.from', () => {
  test.prop([fc.array(known, { minLength: 1, maxLength: 5 }), ddof], { numRuns: 1000 })(
    'gives back what it was given, to the bit',
    (rows, ddof) => {
      const [count, mean, variance] = [column(rows, 'count'), column(rows, 'mean'), column(rows, 'variance')];
      const moments = Moments.from({ count, mean, variance, ddof });
      expect([...moments.count]).toEqual(count);
      expect([...moments.mean]).toEqual(mean);
      expect([...moments.variance(ddof)]).toEqual(variance);
      const restored = Moments.fromJSON(JSON.parse(JSON.stringify(moments)));
      expect([...restored.variance(ddof)]).toEqual(variance);
    },
  );

  test.prop([hardValues(2, 60), fc.nat(60)])('continues as the whole', (values, split) => {
    const at = Math.max(1, Math.min(split, values.length - 1));
    const first = exactMoments(values.subarray(0, at));
    const [mean, variance] = [first.mean.toNumber(), first.variance().toNumber()];
    const moments = Moments.from({ count: at, mean: [mean], variance: [variance] });
    for (const value of values.subarray(at)) moments.update([value]);
    // The mean it starts from is a rounded one: off by half an ulp, which is all that it may cost.
    const whole = exactMoments(values);
    const off = largestOf(values) * 2 ** -52;
    expect(Math.abs(moments.mean[0]! - whole.mean.toNumber())).toBeLessThanOrEqual(off);
    const spread = Math.sqrt(whole.variance().toNumber());
    expect(Math.abs(Math.sqrt(moments.variance()[0]!) - spread)).toBeLessThanOrEqual(off + spread * 1e-14);
  });

  test('where the mean is not rounded, nothing is', () => {
    const values = [1, 2, 6, 1e9, -4, 7.5];
    const moments = Moments.from({ count: 3, mean: [3], variance: [7], ddof: 1 });
    for (const value of values.slice(3)) moments.update([value]);
    expectExact(moments, exactMoments(values), 1e9);
  });

  test('one count for all channels, and channels of which nothing is known', () => {
    expect([...Moments.from({ count: 4, mean: [1, 2], variance: [3, 0] }).count]).toEqual([4, 4]);
    const { NaN: none } = Number;
    const moments = Moments.from({ count: [0, 0, 1], mean: [0, 0, 5], variance: [none, 0, none], ddof: 1 });
    expect([...moments.variance()]).toEqual([none, none, 0]);
    const empty = new Moments(1);
    empty.merge(Moments.from({ count: 0, mean: [0], variance: [0] }));
    expect(JSON.stringify(empty)).toBe(JSON.stringify(new Moments(1)));
    expect([...Moments.from({ count: 2, mean: [0], variance: [Infinity] }).variance()]).toEqual([Infinity]);
  });

  test.each([
    [{ count: -1, mean: [0], variance: [1] }, 'count[0]'],
    [{ count: [2, Number.NaN], mean: [0, 0], variance: [1, 1] }, 'count[1]'],
    [{ count: 2, mean: [Infinity], variance: [1] }, 'mean[0]'],
    [{ count: 0, mean: [3], variance: [0] }, 'mean[0]'],
    [{ count: 2, mean: [0], variance: [-1] }, 'variance[0]'],
    [{ count: 2, mean: [0], variance: [Number.NaN] }, 'variance[0]'],
    [{ count: 1, mean: [0], variance: [1], ddof: 1 }, 'variance[0]'],
    [{ count: 1e9, mean: [0], variance: [1e300] }, 'variance[0]'],
    [{ count: 2, mean: [0], variance: [1], ddof: -1 }, 'ddof'],
    [{ count: 2, mean: [], variance: [] }, 'mean.length'],
  ])('refuses %j', (given, option) => {
    const error = thrownBy(() => Moments.from(given));
    expect(error).toBeInstanceOf(OptionError);
    expect((error as OptionError).option).toBe(option);
  });

  test('refuses what is no plain object, and a misspelt key', () => {
    const misspelt = { count: 3, mean: [2], variance: [4], ddoff: 1 };
    for (const given of [undefined, null, 3, [1], new Map(), misspelt])
      expect(thrownBy(() => Moments.from(given as unknown as typeof misspelt))).toBeInstanceOf(OptionError);
  });

  test('refuses other lengths', () => {
    expect(() => Moments.from({ count: [2], mean: [0, 0], variance: [1, 1] })).toThrow(ShapeError);
    expect(() => Moments.from({ count: 2, mean: [0, 0], variance: [1] })).toThrow(ShapeError);
  });
});
