/** Forgetting by event time, against weights that are exact to 250 bits. */
import { fc, test } from '@fast-check/vitest';
import { Moments, StandardScaler, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import type { Pool } from '../../src/running/running.js';
import { startPool } from '../../src/running/running-mode.js';
import { hardValues } from '../oracle/data.js';
import { largestOf } from '../oracle/expect-exact.js';
import { uniform } from '../oracle/hard-data.js';
import { halved } from '../oracle/power-of-two.js';
import { absoluteError, Rational, relativeError } from '../oracle/rational.js';

interface Row {
  readonly x: number;
  readonly time: number;
  /** Repetitions. */
  readonly weight: number;
}

const ZERO = new Rational(0n);
const sum = (values: readonly Rational[]): Rational => values.reduce((a, b) => a.plus(b).trimmed(), ZERO);

/** Count, mean and both variances of rows, each weighing 2^-(T - t) / h. */
function exactly(rows: readonly Row[], halfLifeMs: number): Record<'count' | 'mean' | 0 | 1, Rational> {
  const latest = Math.max(...rows.map(({ time }) => time));
  const parts = rows.map(({ time }) => halved(Rational.of(latest).minus(time).over(halfLifeMs)));
  const weights = parts.map((part, i) => part.times(rows[i]!.weight));
  const count = sum(weights);
  const mean = sum(weights.map((w, i) => w.times(rows[i]!.x))).over(count);
  const m2 = sum(
    weights.map((w, i) => {
      const delta = Rational.of(rows[i]!.x).minus(mean);
      return w.times(delta).times(delta);
    }),
  );
  const squares = sum(parts.map((part, i) => part.times(part).times(rows[i]!.weight)));
  return { count, mean, 0: m2.over(count), 1: m2.over(count.minus(squares.over(count))) };
}

const pool = (halfLifeMs: number, ddof: 0 | 1, channels = 1): Pool =>
  startPool({ halfLifeMs }, channels, ddof);

function expectPool(pool: Pool, rows: readonly Row[], halfLifeMs: number, ddof: 0 | 1): void {
  const exact = exactly(rows, halfLifeMs);
  expect(relativeError(pool.moments.count[0]!, exact.count)).toBeLessThanOrEqual(1e-13);
  const size = largestOf(rows.map(({ x }) => x)) * 1e-3 + Math.abs(exact.mean.toNumber());
  expect(absoluteError(pool.moments.mean[0]!, exact.mean)).toBeLessThanOrEqual(1e-12 * size);
  const variance = pool.variance()[0]!;
  expect(variance).toBeGreaterThanOrEqual(0);
  expect(relativeError(variance, exact[ddof])).toBeLessThanOrEqual(1e-12);
}

/** Rows at irregular times, not in their order. */
const rowsOf = (values: Float64Array, span: number, seed: number): Row[] => {
  const next = uniform(seed);
  return Array.from(values, (x) => ({ x, time: 1.7e12 + next() * span, weight: 1 + Math.floor(next() * 3) }));
};
const halfLives = fc.double({ min: 0.05, max: 1e9, noNaN: true });
const ddofs = fc.constantFrom<(0 | 1)[]>(0, 1);

describe('halfLifeMs', () => {
  test.prop([
    hardValues(2, 30),
    halfLives,
    fc.double({ min: 0.01, max: 60, noNaN: true }),
    fc.integer(),
    ddofs,
  ])(
    'rows at any times, in any order, weigh 2^-((T - t) / h): to 1e-12',
    (values, halfLifeMs, spans, seed, ddof) => {
      const rows = rowsOf(values, spans * halfLifeMs, seed);
      for (const order of [rows, rows.toSorted((a, b) => a.time - b.time), rows.toReversed()]) {
        const learned = pool(halfLifeMs, ddof);
        for (const { x, weight, time } of order) learned.update([x], weight, time);
        expectPool(learned, rows, halfLifeMs, ddof);
      }
    },
  );

  test.prop([fc.array(hardValues(1, 8), { minLength: 1, maxLength: 8 }), fc.integer(), ddofs])(
    'a batch weighs as of the time it is learned at, late or not',
    (batches, seed, ddof) => {
      const next = uniform(seed);
      const learned = pool(100, ddof);
      const rows: Row[] = [];
      for (const values of batches) {
        const time = Math.floor(next() * 1000);
        const batch = new Moments(1);
        for (const x of values) {
          batch.update([x]);
          rows.push({ x, time, weight: 1 });
        }
        expect(learned.learn(batch, values.length, 2, time)).toBe(true);
      }
      fc.pre(rows.length > 1);
      expectPool(learned, rows, 100, ddof);
    },
  );

  test.prop([fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 30 }), ddofs, fc.nat(8)])(
    'rows that are too late are counted, and all else is as if they had not come',
    (times, ddof, size) => {
      const [all, inTime] = [0, 1].map(() => new StandardScaler(1, { running: { halfLifeMs: 4 }, ddof }));
      let latest = -Infinity;
      const isLate = times.map((time) => {
        latest = Math.max(latest, time);
        return latest - time >= 500 * 4;
      });
      const [alone, batched] = [times.slice(0, size), times.slice(size)];
      alone.forEach((time, i) => {
        all!.update([i], 1, time);
      });
      if (batched.length > 0) {
        const x = tensor(
          batched.map((_, i) => size + i),
          [batched.length, 1],
        );
        all!.updateBatch(Object.assign(x, { times: Float64Array.from(batched) }));
      }
      times.forEach((time, i) => {
        if (!isLate[i]) inTime!.update([i], 1, time);
      });
      const late = isLate.filter(Boolean).length;
      expect([all!.late, all!.rows]).toEqual([late, times.length - late]);
      const learned = JSON.stringify(all).replace(`"late":${late}`, '"late":0');
      expect(learned).toBe(JSON.stringify(inTime));
    },
  );

  test.prop([hardValues(2, 40), fc.integer(), ddofs])(
    'each channel fades by its own latest value, as if it were alone',
    (values, seed, ddof) => {
      const next = uniform(seed);
      const both = pool(50, ddof, 2);
      const alone = [pool(50, ddof), pool(50, ddof)];
      values.forEach((x, i) => {
        const row = [0, 1].map((channel) => (next() < 0.3 ? Number.NaN : x * (channel + 1)));
        const time = i * 10 + 200 * next();
        both.update(row, 1, time);
        for (const channel of [0, 1]) alone[channel]!.update([row[channel]!], 1, time);
      });
      for (const channel of [0, 1]) {
        expect(both.moments.mean[channel]).toBe(alone[channel]!.moments.mean[0]);
        expect(both.variance()[channel]).toBe(alone[channel]!.variance()[0]);
        expect(both.tells(channel)).toBe(alone[channel]!.tells(0));
      }
    },
  );

  const steps = fc.array(
    fc.record({
      rows: fc.array(fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.constant(Number.NaN)), {
        minLength: 1,
        maxLength: 4,
      }),
      time: fc.integer({ min: 0, max: 500 }),
    }),
    { minLength: 1, maxLength: 10 },
  );
  test.prop([
    steps,
    ddofs,
    fc.constantFrom(...[{ halfLifeMs: 30 }, { windowMs: 100, strideMs: 20 }, { windowRows: 5 }]),
  ])('a scaler saved and restored at any point goes on bit for bit', (steps, ddof, running) => {
    const take = (scaler: StandardScaler, { rows, time }: (typeof steps)[number]): void => {
      const [first] = rows;
      if (rows.length === 1) scaler.update([first!], 1, time);
      else {
        const times = Float64Array.from(rows, (_, i) => time + 3 * i);
        const x = { ...tensor(rows, [rows.length, 1]), times };
        scaler.updateBatch(x);
      }
    };
    const options = { running, ddof, missing: 'keep' } as const;
    const through = new StandardScaler(1, options);
    for (const step of steps) take(through, step);
    for (let split = 0; split <= steps.length; split++) {
      let scaler = new StandardScaler(1, options);
      steps.forEach((step, i) => {
        if (i === split) scaler = StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
        take(scaler, step);
      });
      expect(JSON.stringify(scaler)).toBe(JSON.stringify(through));
    }
  });
});

test.prop([fc.double({ min: 0, max: 500, noNaN: true })])('what it is held to is 2^-x itself', (x) => {
  expect(relativeError(2 ** -x, halved(Rational.of(x)))).toBeLessThanOrEqual(2 ** -52);
  const twice = halved(Rational.of(x)).times(halved(Rational.of(x)));
  const exact = halved(Rational.of(x).times(2));
  expect(twice.minus(exact).abs().over(exact).toNumber()).toBeLessThan(2 ** -250);
});
