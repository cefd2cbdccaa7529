/** What a row costs, in merges: the same however long the window, and never all blocks at once. */
import { describe, expect, test, vi } from 'vitest';

const counter = vi.hoisted(() => ({ merges: 0 }));
vi.mock('../../src/kernels/merge-moments.js', async (original) => {
  const real = await original<typeof import('../../src/kernels/merge-moments.js')>();
  const mergeMoments: typeof real.mergeMoments = (...args) => {
    counter.merges++;
    real.mergeMoments(...args);
  };
  return { ...real, mergeMoments };
});
const { SlidingBlocks } = await import('../../src/kernels/sliding-blocks.js');

/** Merges of each row, when a block holds one row and comes every `step` keys. */
function costs(span: number, rows: number, step = 1): number[] {
  const blocks = new SlidingBlocks(1, span);
  const row = Float64Array.of(1);
  return Array.from({ length: rows }, (_, i) => {
    counter.merges = 0;
    blocks.begin(i * step);
    blocks.update(row, 1);
    return counter.merges;
  });
}
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe.each([1, 2, 3, 10, 101, 1000, 100_000])('a window of %i blocks', (span) => {
  const rows = Math.max(1000, 3 * span);
  test('one merge a row at most on average, two for any row', () => {
    const all = costs(span, rows);
    expect(Math.max(...new Set(all))).toBeLessThanOrEqual(2);
    expect(sum(all)).toBeLessThanOrEqual(rows);
  });

  test('also where only some blocks have rows, evenly', () => {
    const all = costs(span, rows, 3);
    expect(Math.max(...new Set(all))).toBeLessThanOrEqual(4);
    expect(sum(all)).toBeLessThanOrEqual(rows);
  });

  test('and two more to tell what they come to', () => {
    const blocks = new SlidingBlocks(1, span);
    const into = new Float64Array(6);
    for (let i = 0; i < 100; i++) {
      blocks.begin(i);
      blocks.update(Float64Array.of(i), 1);
      counter.merges = 0;
      blocks.total(into);
      expect(counter.merges).toBe(2);
    }
  });
});

test('a pause costs what is left to turn over, once; a longer one nothing', () => {
  const blocks = new SlidingBlocks(1, 1000);
  const row = Float64Array.of(1);
  for (let i = 0; i < 5000; i++) {
    blocks.begin(i);
    blocks.update(row, 1);
  }
  counter.merges = 0;
  blocks.begin(5900);
  expect(counter.merges).toBeLessThanOrEqual(1000);
  blocks.begin(9000);
  expect(blocks.rows).toBe(0);
});
