/** A window against exact rational arithmetic over the rows that are in it. */
import { fc, test } from '@fast-check/vitest';
import { Moments, tensor, WindowMoments, type WindowSpan } from 'evenkeel';
import { describe, expect } from 'vitest';
import { hardValues } from '../oracle/data.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { uniform } from '../oracle/hard-data.js';
import { exactMoments } from '../oracle/rational.js';

const state = (window: WindowMoments): string => JSON.stringify(window);
const restored = (window: WindowMoments): WindowMoments => WindowMoments.fromJSON(JSON.parse(state(window)));

const C = 2;

/** What passed: the block it belongs to, and what it weighs. */
interface Passed {
  readonly key: number;
  readonly values: readonly number[];
  readonly weight: number;
  readonly rows: number;
}

/** The rows themselves, kept. */
class Model {
  late = 0;
  #passed: Passed[] = [];
  #count = 0;
  #newest = -Infinity;
  readonly #stride: number;
  readonly #span: number;
  readonly byTime: boolean;

  constructor(span: WindowSpan) {
    const [size, stride = 1] = 'size' in span ? [span.size, span.stride] : [span.sizeMs, span.strideMs];
    this.byTime = 'sizeMs' in span;
    this.#stride = stride;
    this.#span = size / stride;
  }

  /** Rows that pass at once belong where the last of them does. */
  pass(rows: number, time: number, values: readonly (readonly number[])[], weight = 1): void {
    this.#count += rows;
    const key = Math.floor((this.byTime ? time : this.#count - 1) / this.#stride);
    if (key <= this.#newest - this.#span) this.late += rows;
    else this.#add(key, values, weight, rows);
  }

  join(values: readonly (readonly number[])[]): void {
    this.#add(this.#newest, values, 1, 0);
  }

  #add(key: number, values: readonly (readonly number[])[], weight: number, rows: number): void {
    if (this.#newest === -Infinity) this.#passed = this.#passed.map((passed) => ({ ...passed, key }));
    this.#newest = Math.max(this.#newest, key);
    const all = values.map((row, i) => ({ key, values: row, weight, rows: i === 0 ? rows : 0 }));
    this.#passed.push(...(all.length > 0 ? all : [{ key, values: [Number.NaN, Number.NaN], weight, rows }]));
    this.#passed = this.#passed.filter(
      (passed) => passed.key === this.#newest || passed.key > this.#newest - this.#span,
    );
  }

  expect(window: WindowMoments): void {
    expect(window.late).toBe(this.late);
    expect(window.rows).toBe(this.#passed.reduce((sum, { rows }) => sum + rows, 0));
    for (let i = 0; i < C; i++) {
      const there = this.#passed.filter(({ values, weight }) => weight > 0 && !Number.isNaN(values[i]));
      const values = there.map((passed) => passed.values[i]!);
      if (values.length === 0) {
        expect([window.count[i], window.mean[i], window.variance()[i]]).toEqual([0, 0, Number.NaN]);
        continue;
      }
      const weights = there.map(({ weight }) => weight);
      expectExact(window, exactMoments(values, weights), largestOf(values), i);
    }
  }
}

/** Steps of any kind, from a seed: what they do to windows, and to what keeps the rows. */
function* steps(seed: number, model: Model): Generator<(window: WindowMoments) => void> {
  const next = uniform(seed);
  const whole = (most: number): number => Math.floor(next() * most);
  const offset = next() < 0.5 ? 0 : 10 ** (9 * next());
  const value = (): number => {
    if (next() < 0.1) return Number.NaN;
    return next() < 0.05 ? 1e17 * (next() - 0.5) : offset + next();
  };
  const row = (): number[] => [value(), value()];
  let now = whole(100) - 50;
  const time = (): number => {
    now += next() < 0.1 ? whole(40) : whole(4);
    return next() < 0.3 ? now - whole(30) : now;
  };
  for (;;) {
    const kind = next();
    const rows = Array.from({ length: 1 + whole(5) }, row);
    if (kind < 0.5) {
      const [at, weight] = [time(), whole(3)];
      model.pass(1, at, [rows[0]!], weight);
      yield (window) => window.update(rows[0]!, weight, model.byTime ? at : undefined);
    } else if (kind < 0.8) {
      const times = Float64Array.from(rows, time);
      rows.forEach((each, i) => {
        model.pass(1, times[i]!, [each]);
      });
      yield (window) => window.updateBatch(tensor(rows.flat(), [rows.length, C]), 'skip', times);
    } else {
      const moments = new Moments(C);
      for (const each of rows) moments.update(each);
      if (kind < 0.9) {
        const [at, passing] = [time(), rows.length + whole(2)];
        model.pass(passing, at, rows);
        yield (window) => window.merge(moments, passing, model.byTime ? at : undefined);
      } else {
        const other = new WindowMoments(C, { size: 5 });
        other.merge(moments);
        model.join(rows);
        yield (window) => window.merge(kind < 0.95 ? moments : other);
      }
    }
  }
}

const spans = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }))
    .map(([blocks, stride]) => ({ size: blocks * stride, stride })),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(0.5, 1, 3))
    .map(([blocks, strideMs]) => ({ sizeMs: blocks * strideMs, strideMs })),
);

test.prop([fc.integer(), fc.integer({ min: 1, max: 40 }), spans, fc.nat(40)], { numRuns: 10_000 })(
  'rows, batches and merges, late, early and missing: as the rows in it; saved at any point, bit for bit',
  (seed, count, span, split) => {
    const model = new Model(span);
    let window = new WindowMoments(C, span);
    const through = new WindowMoments(C, span);
    let done = 0;
    for (const step of steps(seed, model)) {
      if (done === split) window = restored(window);
      step(window);
      step(through);
      if (++done === count) break;
    }
    model.expect(window);
    expect(state(window)).toBe(state(through));
    expect(state(window.clone())).toBe(state(window));
  },
);

describe('sliding over hard data', () => {
  test.prop([hardValues(1, 400), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 5 })])(
    'at every row, within the promised bounds',
    (values, blocks, stride) => {
      const window = new WindowMoments(1, { size: blocks * stride, stride });
      values.forEach((x, i) => {
        window.update([x]);
        if (i % 7 !== 0) return;
        const from = Math.max(0, Math.floor(i / stride) - blocks + 1) * stride;
        const inside = values.slice(from, i + 1);
        expectExact(window, exactMoments(inside), largestOf(inside));
      });
    },
  );

  test.prop([fc.integer(), fc.integer({ min: 1, max: 50 })])(
    'of constant data the variance is 0, whatever came before',
    (seed, size) => {
      const next = uniform(seed);
      const window = new WindowMoments(1, { size });
      for (let i = 0; i < 100; i++) window.update([1e17 * next()]);
      for (let i = 0; i < size; i++) window.update([0.1]);
      expect([window.mean[0], window.variance()[0], window.moments.meanLow[0]]).toEqual([0.1, 0, 0]);
    },
  );
});
