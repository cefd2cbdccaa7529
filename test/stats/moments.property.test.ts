import { fc, test } from '@fast-check/vitest';
import { Moments, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { anyFinite, anyValues, channelOf, hardValues, tensors } from '../oracle/data.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { uniform } from '../oracle/hard-data.js';
import { exactMoments } from '../oracle/rational.js';
import { byBatches, byRows, byTree } from '../oracle/ways.js';

const state = (moments: Moments): string => JSON.stringify(moments);
const restored = (moments: Moments): Moments => Moments.fromJSON(JSON.parse(state(moments)));
const seed = fc.integer();

function expectAllWays(values: Float64Array, batch: number, leaf: number, cut: () => number): void {
  const exact = exactMoments(values);
  const largest = largestOf(values);
  expectExact(byRows(values), exact, largest);
  expectExact(byBatches(values, batch), exact, largest);
  expectExact(byTree(values, leaf, cut), exact, largest);
}

describe('against exact rational arithmetic', () => {
  test.prop([hardValues(1, 500), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 40 }), seed])(
    'rows, batches of any size and random trees of hard data',
    (values, batch, leaf, from) => {
      expectAllWays(values, batch, leaf, uniform(from));
    },
  );

  test.prop([hardValues(50_000, 100_000), fc.integer({ min: 1, max: 100_000 }), seed], { numRuns: 6 })(
    'the same, long',
    (values, batch, from) => {
      expectAllWays(values, batch, 1, uniform(from));
    },
  );

  test.prop([anyValues, fc.integer({ min: 1, max: 30 }), seed], { numRuns: 1000 })(
    'any finite values, to 1.8e308 and down to 5e-324',
    (values, batch, from) => {
      expectAllWays(Float64Array.from(values), batch, 1, uniform(from));
    },
  );

  test.prop([tensors(12)])('every channel of batches of rank 2 to 5', ({ shape, data }) => {
    const moments = new Moments(shape[1]!);
    moments.updateBatch(tensor(data, shape));
    moments.updateBatch(tensor(Float32Array.from(data), shape));
    for (let channel = 0; channel < moments.channels; channel++) {
      const own = channelOf({ shape, data }, channel);
      const values = [...own, ...own.map(Math.fround)];
      expectExact(moments, exactMoments(values), largestOf(values), channel);
    }
  });

  test.prop([hardValues(2, 200), seed, fc.double({ min: -6, max: 6, noNaN: true })])(
    'fractional weights',
    (values, from, power) => {
      const next = uniform(from);
      const weights = values.map(() => next() * 10 ** (power * next()));
      const moments = new Moments(1);
      values.forEach((x, i) => {
        moments.update([x], weights[i]);
      });
      const exact = exactMoments(values, weights);
      if (exact.count.numerator === 0n) return;
      expectExact(moments, exact, largestOf(values));
    },
  );

  test.prop([fc.array(fc.tuple(anyFinite, fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 20 })])(
    'a weight of k is k repetitions; a weight of 0 is nothing',
    (samples) => {
      const weighted = new Moments(1);
      for (const [x, weight] of samples) {
        const before = state(weighted);
        weighted.update([x], weight);
        if (weight === 0) expect(state(weighted)).toBe(before);
      }
      const repeated = samples.flatMap(([x, weight]) => Array<number>(weight).fill(x));
      fc.pre(repeated.length > 0);
      const exact = exactMoments(repeated);
      expectExact(weighted, exact, largestOf(repeated));
      expectExact(byRows(repeated), exact, largestOf(repeated));
    },
  );

  test.prop([hardValues(1, 60), hardValues(1, 60), fc.double({ min: 1e-6, max: 1, noNaN: true })])(
    'what is decayed weighs less',
    (old, fresh, factor) => {
      const moments = byRows(old);
      const mean = moments.mean[0]!;
      moments.decay(factor);
      expect(moments.mean[0]).toBe(mean);
      moments.merge(byRows(fresh));
      const values = [...old, ...fresh];
      const weights = values.map((_, i) => (i < old.length ? factor : 1));
      expectExact(moments, exactMoments(values, weights), largestOf(values));
    },
  );
});

describe('the laws', () => {
  test.prop([anyValues])('the empty statistic is the identity, on either side, bit for bit', (values) => {
    const moments = byRows(values);
    const right = moments.clone();
    right.merge(new Moments(1));
    const left = new Moments(1);
    left.merge(moments);
    expect([state(left), state(right)]).toEqual([state(moments), state(moments)]);
  });

  test.prop([anyValues, anyValues, anyValues])(
    'merging is associative and commutative, to rounding, and is updating with the rest',
    (a, b, c) => {
      const merged = (...parts: Moments[]): Moments => {
        const [first, ...rest] = parts.map((part) => part.clone());
        for (const part of rest) first!.merge(part);
        return first!;
      };
      const parts = [a, b, c].map(byRows) as [Moments, Moments, Moments];
      const before = parts.map(state);
      const values = [...a, ...b, ...c];
      const exact = exactMoments(values);
      const [x, y, z] = parts;
      const sequential = x.clone();
      for (const value of [...b, ...c]) sequential.update([value]);
      for (const whole of [merged(merged(x, y), z), merged(x, merged(y, z)), merged(z, y, x), sequential]) {
        expectExact(whole, exact, largestOf(values));
      }
      expect(parts.map(state)).toEqual(before);
    },
  );

  test.prop([anyValues])('merging with itself doubles the weight', (values) => {
    const moments = byRows(values);
    moments.merge(moments);
    expectExact(moments, exactMoments([...values, ...values]), largestOf(values));
  });

  test.prop([anyValues, anyValues])('a clone goes its own way', (values, more) => {
    const moments = byRows(values);
    const before = state(moments);
    const copy = moments.clone();
    expect(state(copy)).toBe(before);
    for (const x of more) copy.update([x]);
    expect(state(moments)).toBe(before);
    for (const x of more) moments.update([x]);
    expect(state(copy)).toBe(state(moments));
  });

  test.prop([
    anyFinite,
    fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1 }),
    fc.nat(99),
  ])(
    'constant data has that mean and no variance, whatever its weights, exactly',
    (x, weights, repetitions) => {
      const moments = new Moments(1);
      for (const weight of weights) moments.update([x], weight);
      moments.updateBatch(tensor(new Float64Array(repetitions + 1).fill(x), [repetitions + 1, 1]));
      moments.decay(0.3);
      moments.merge(moments.clone());
      expect([moments.mean[0]! + 0, moments.meanLow[0]! + 0]).toEqual([x + 0, 0]); // whatever the sign of a 0
      expect(moments.variance()[0]).toBe(0);
    },
  );

  const withHoles = fc.array(
    fc.array(fc.oneof(anyFinite, fc.constant(Number.NaN)), { minLength: 3, maxLength: 3 }),
    { minLength: 1, maxLength: 12 },
  );

  test.prop([withHoles])('a missing value counts for nothing in its own channel alone', (rows) => {
    const byRow = new Moments(3);
    for (const row of rows) byRow.update(row);
    const byBatch = new Moments(3);
    byBatch.updateBatch(tensor(rows.flat(), [rows.length, 3]));
    for (let channel = 0; channel < 3; channel++) {
      const values = rows.map((row) => row[channel]!).filter((x) => !Number.isNaN(x));
      for (const moments of [byRow, byBatch]) {
        expect(moments.count[channel]).toBe(values.length);
        if (values.length > 0) expectExact(moments, exactMoments(values), largestOf(values), channel);
        else expect([moments.mean[channel], moments.variance()[channel]]).toEqual([0, Number.NaN]);
      }
    }
  });
});

describe('saved and continued', () => {
  test.prop([anyValues])('the round trip through JSON text is bit-exact', (values) => {
    const moments = byRows(values);
    moments.decay(1 / 3);
    const copy = restored(moments);
    for (const plane of ['count', 'mean', 'meanLow'] as const) {
      expect(Object.is(copy[plane][0], moments[plane][0])).toBe(true);
    }
    expect(Object.is(copy.variance()[0], moments.variance()[0])).toBe(true);
    expect(state(copy)).toBe(state(moments));
  });

  const step = fc.oneof(
    fc.record({ row: fc.tuple(anyFinite, fc.oneof(anyFinite, fc.constant(Number.NaN))), weight: fc.nat(3) }),
    fc.record({ batch: fc.array(anyFinite, { minLength: 2, maxLength: 12 }) }),
    fc.record({ decay: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );

  test.prop([fc.array(step, { minLength: 1, maxLength: 12 })])(
    'resuming after any step is never having stopped, bit for bit',
    (steps) => {
      const take = (moments: Moments, one: (typeof steps)[number]): void => {
        if ('row' in one) moments.update(one.row, one.weight);
        else if ('decay' in one) moments.decay(one.decay);
        else {
          const rows = Math.floor(one.batch.length / 2);
          moments.updateBatch(tensor(one.batch.slice(0, rows * 2), [rows, 2]));
        }
      };
      const through = new Moments(2);
      for (const one of steps) take(through, one);
      for (let split = 0; split <= steps.length; split++) {
        let moments = new Moments(2);
        steps.forEach((one, i) => {
          if (i === split) moments = restored(moments);
          take(moments, one);
        });
        expect(state(moments)).toBe(state(through));
      }
    },
  );
});
