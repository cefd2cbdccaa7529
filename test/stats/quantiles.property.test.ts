import { fc, test } from '@fast-check/vitest';
import { Quantiles, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { anyFinite, anyValues, hardValues } from '../oracle/data.js';
import { largestOf } from '../oracle/expect-exact.js';
import { uniform } from '../oracle/hard-data.js';
import { exactQuantile, placesOff, sorted } from '../oracle/ranks.js';
import { absoluteError } from '../oracle/rational.js';

const state = (quantiles: Quantiles): string => JSON.stringify(quantiles);
const restored = (quantiles: Quantiles): Quantiles => Quantiles.fromJSON(JSON.parse(state(quantiles)));
const seed = fc.integer();
const fraction = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.25, 0.5, 0.75, 1, 1e-9, 1 - 1e-9),
);

function byRows(values: ArrayLike<number>): Quantiles {
  const quantiles = new Quantiles(1);
  for (let i = 0; i < values.length; i++) quantiles.update([values[i]!]);
  return quantiles;
}

function byBatches(values: Float64Array, size: number): Quantiles {
  const quantiles = new Quantiles(1);
  for (let at = 0; at < values.length; at += size) {
    const batch = values.slice(at, at + size);
    quantiles.updateBatch(tensor(batch, [batch.length, 1]));
  }
  return quantiles;
}

/** Merged in a binary tree whose splits `cut` chooses: a fraction of the way, from 0 to 1. */
function byTree(values: Float64Array, leaf: number, cut: () => number): Quantiles {
  if (values.length <= leaf) return byBatches(values, leaf);
  const at = 1 + Math.floor(cut() * (values.length - 1));
  const left = byTree(values.subarray(0, at), leaf, cut);
  left.merge(byTree(values.subarray(at), leaf, cut));
  return left;
}

/** How many numbers are kept. */
const kept = (quantiles: Quantiles): number[] =>
  (quantiles.toJSON() as { sketches: { levels: unknown[][] }[] }).sketches.map(
    ({ levels }) => levels.flat().length,
  );

describe('while nothing had to be dropped', () => {
  test.prop([fc.oneof(hardValues(1, 4096), anyValues), seed, fc.array(fraction, { minLength: 1 })])(
    'quantiles are those of the sorted values, linearly interpolated, to rounding',
    (values, from, fractions) => {
      const next = uniform(from);
      const whole = Float64Array.from(values);
      const tree = byTree(whole, 1 + Math.floor(2000 * next()), next);
      expect(state(byBatches(whole, 1 + Math.floor(500 * next())))).toBe(state(byRows(whole)));
      const ordered = sorted(whole);
      expect([...tree.count, ...tree.rankError()]).toEqual([ordered.length, 0]);
      const largest = largestOf(whole);
      // The place's own rounding, times what lies between two neighbours.
      const widest = ordered.reduce((most, x, i) => Math.max(most, i === 0 ? 0 : x - ordered[i - 1]!), 0);
      const placing = Math.min(widest, Number.MAX_VALUE) * Number.EPSILON * ordered.length;
      const oneWord = placing + 8 * Number.EPSILON * largest;
      // Beyond 2^990 products are single words, and below 2^-1022 they have fewer digits.
      const twoWords = largest < 2 ** 990 ? placing + largest * 2 ** -100 + 2 ** -1070 : oneWord;
      tree.quantiles(fractions).forEach(({ values: [value], low: [low] }, i) => {
        const exact = exactQuantile(ordered, fractions[i]!);
        expect(absoluteError(value!, exact)).toBeLessThanOrEqual(oneWord);
        expect(absoluteError(low!, exact.minus(value!))).toBeLessThanOrEqual(twoWords);
      });
      expect([tree.quantile(0)[0], tree.quantile(1)[0]]).toEqual([ordered[0]! + 0, ordered.at(-1)! + 0]);
    },
  );

  test.prop([anyValues, fraction])('no quantile is outside the values, however far they lie', (values, q) => {
    const [value] = byRows(values).quantile(q);
    expect(value).toBeGreaterThanOrEqual(Math.min(...values));
    expect(value).toBeLessThanOrEqual(Math.max(...values));
  });
});

/** Data that sketches find hard: any order, any repetition, any offset. */
const orders: Record<string, (n: number, next: () => number) => Float64Array> = {
  random: (n, next) => Float64Array.from({ length: n }, next),
  ascending: (n, next) => Float64Array.from({ length: n }, (_, i) => i + next()),
  descending: (n, next) => Float64Array.from({ length: n }, (_, i) => -i - next()),
  'from both ends': (n, next) => Float64Array.from({ length: n }, (_, i) => (i % 2 ? -i : i) + next()),
  'to the middle': (n, next) => Float64Array.from({ length: n }, (_, i) => (i % 2 ? i - n : n - i) + next()),
  'few values': (n, next) => Float64Array.from({ length: n }, () => Math.floor(next() ** 3 * 7)),
  'half of them equal': (n, next) => Float64Array.from({ length: n }, () => Math.max(0, next() - 0.5)),
  'epoch ms': (n, next) => Float64Array.from({ length: n }, (_, i) => 1.7e12 + (i % 997) + next()),
  'all magnitudes': (n, next) =>
    Float64Array.from({ length: n }, () => (next() - 0.5) * 10 ** (600 * next() - 300)),
  'blocks that jump': (n, next) =>
    Float64Array.from({ length: n }, (_, i) => ((i >> 12) % 2 ? 1e9 : -1e9) + next()),
};
const long = fc
  .record({ order: fc.constantFrom(...Object.keys(orders)), n: fc.integer({ min: 4097, max: 60_000 }), seed })
  .map(({ order, n, seed }) => orders[order]!(n, uniform(seed)));
const places = Array.from({ length: 41 }, (_, i) => i / 40);

/** Confidence enough never to be wrong in all the checks ever made here. */
const CERTAIN = 1 - 1e-12;

function expectWithinBound(quantiles: Quantiles, ordered: Float64Array): void {
  const n = ordered.length;
  const [bound] = quantiles.rankError(CERTAIN);
  const values = quantiles.quantiles(places).map(({ values }) => values[0]!);
  values.forEach((value, i) => {
    const off = Math.abs(placesOff(ordered, value, places[i]!));
    expect(off, `places from the ${places[i]} quantile`).toBeLessThanOrEqual(bound! * n + 1);
  });
  expect(values).toEqual([...sorted(values)]);
  expect([values[0], values.at(-1)]).toEqual([ordered[0]! + 0, ordered.at(-1)! + 0]);
  expect([...quantiles.count]).toEqual([n]);
  expect(quantiles.rankError()[0], '99%').toBeLessThanOrEqual(0.006);
  expect(quantiles.rankError(1 - 1e-6)[0], '99.9999%').toBeLessThanOrEqual(0.01);
  expect(kept(quantiles)[0]).toBeLessThanOrEqual(4096);
}

describe('beyond', () => {
  test.prop([long, fc.integer({ min: 1, max: 9000 }), seed], { numRuns: 60 })(
    'ranks are within the bound, by rows, by batches and merged in any tree',
    (values, leaf, from) => {
      const ordered = sorted(values);
      const batches = byBatches(values, leaf);
      expect(state(byRows(values))).toBe(state(batches));
      expectWithinBound(batches, ordered);
      expectWithinBound(byTree(values, leaf, uniform(from)), ordered);
    },
  );

  test.prop([long, fc.integer({ min: 1, max: 40 }), seed], { numRuns: 10 })(
    'the same in lopsided trees of small leaves',
    (values, leaf, from) => {
      const next = uniform(from);
      expectWithinBound(
        byTree(values, leaf, () => next() ** 3),
        sorted(values),
      );
    },
  );

  test.prop(
    [fc.array(fc.tuple(anyFinite, fc.integer({ min: 0, max: 20_000 })), { minLength: 1, maxLength: 40 })],
    { numRuns: 50 },
  )('a weight of k is k repetitions', (samples) => {
    const weighted = new Quantiles(1);
    for (const [x, weight] of samples) weighted.update([x], weight);
    const repeated = samples.flatMap(([x, weight]) => Array<number>(weight).fill(x));
    fc.pre(repeated.length > 0);
    expectWithinBound(weighted, sorted(repeated));
  });
});

describe('the laws', () => {
  const anyLength = fc.oneof(anyValues, hardValues(4000, 9000));

  test.prop([anyLength])('the empty sketch is the identity, on either side, bit for bit', (values) => {
    const quantiles = byRows(values);
    const right = quantiles.clone();
    right.merge(new Quantiles(1));
    const left = new Quantiles(1);
    left.merge(quantiles);
    expect([state(left), state(right)]).toEqual([state(quantiles), state(quantiles)]);
  });

  test.prop([anyLength, anyLength])('what is merged is left as it was; with itself, it doubles', (a, b) => {
    const [x, y] = [byRows(a), byRows(b)];
    const before = state(y);
    x.merge(y);
    expect(state(y)).toBe(before);
    x.merge(x);
    expectWithinBound(x, sorted([...a, ...b, ...a, ...b]));
  });

  test.prop([anyLength, anyLength])('a clone goes its own way', (values, more) => {
    const quantiles = byRows(values);
    const before = state(quantiles);
    const copy = quantiles.clone();
    expect(state(copy)).toBe(before);
    for (const x of more) copy.update([x]);
    expect(state(quantiles)).toBe(before);
    for (const x of more) quantiles.update([x]);
    expect(state(copy)).toBe(state(quantiles));
  });

  test.prop([
    fc.array(fc.array(fc.oneof(anyFinite, fc.constant(Number.NaN)), { minLength: 3, maxLength: 3 })),
  ])('a missing value counts for nothing in its own channel alone', (rows) => {
    const quantiles = new Quantiles(3);
    for (const row of rows) quantiles.update(row);
    const byBatch = new Quantiles(3);
    if (rows.length > 0) byBatch.updateBatch(tensor(rows.flat(), [rows.length, 3]));
    expect(state(byBatch)).toBe(state(quantiles));
    for (let channel = 0; channel < 3; channel++) {
      const own = byRows(rows.map((row) => row[channel]!).filter((x) => !Number.isNaN(x)));
      expect(quantiles.count[channel]).toBe(own.count[0]);
      expect(quantiles.quantile(0.3)[channel]).toBe(own.quantile(0.3)[0]);
    }
  });
});

describe('saved and continued', () => {
  const step = fc.oneof(
    fc.record({
      row: fc.tuple(anyFinite, fc.oneof(anyFinite, fc.constant(Number.NaN))),
      weight: fc.nat(9000),
    }),
    fc.record({ batch: hardValues(2, 6000) }),
    fc.record({ merged: hardValues(2, 6000) }),
  );

  test.prop([fc.array(step, { minLength: 1, maxLength: 8 })], { numRuns: 40 })(
    'resuming after any step is never having stopped, bit for bit',
    (steps) => {
      const batchOf = (values: Float64Array): Quantiles => {
        const rows = Math.floor(values.length / 2);
        const quantiles = new Quantiles(2);
        quantiles.updateBatch(tensor(values.slice(0, rows * 2), [rows, 2]));
        return quantiles;
      };
      const take = (quantiles: Quantiles, one: (typeof steps)[number]): void => {
        if ('row' in one) quantiles.update(one.row, one.weight);
        else if ('merged' in one) quantiles.merge(batchOf(one.merged));
        else
          quantiles.updateBatch(
            tensor(one.batch.slice(0, one.batch.length & ~1), [one.batch.length >> 1, 2]),
          );
      };
      const through = new Quantiles(2);
      for (const one of steps) take(through, one);
      for (let split = 0; split <= steps.length; split++) {
        let quantiles = new Quantiles(2);
        steps.forEach((one, i) => {
          if (i === split) quantiles = restored(quantiles);
          take(quantiles, one);
        });
        expect(state(restored(quantiles))).toBe(state(through));
      }
    },
  );
});
