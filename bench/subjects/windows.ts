/** What a row costs in a sliding window, as the window gets longer. */
import { WindowMoments } from 'evenkeel';
import { type Contender, here } from '../contender.js';
import { someRows } from '../fixed-data.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

const channels = 8;
/** Windows as long as one likes, in blocks that do not grow with them without end. */
const spans = [
  { size: 10, stride: 1 },
  { size: 1000, stride: 1 },
  { size: 100_000, stride: 100 },
  { size: 10_000_000, stride: 10_000 },
] as const;

/** Learns rows in a window that is full, and looks at its statistics after each. */
function window({ size, stride }: (typeof spans)[number]): Contender {
  const rows = someRows(512, channels).map((row) => Float64Array.from(row));
  const window = new WindowMoments(channels, { size, stride });
  const block = new WindowMoments(channels, { size: stride, stride });
  for (let i = 0; i < stride; i++) block.update(rows[i % rows.length]!);
  for (let i = 0; i < 2 * size; i += stride) window.merge(block, stride);
  return here(`the latest ${size.toLocaleString('en')} rows, in blocks of ${stride.toLocaleString('en')}`, {
    pieces: rows.length,
    once() {
      let sum = 0;
      for (const row of rows) {
        window.update(row);
        sum += window.moments.mean[0]!;
      }
      return sum;
    },
    // As many rows as any of them holds: they all come to the same.
    result() {
      const same = new WindowMoments(channels, { size, stride });
      for (const row of rows.slice(0, 10)) same.update(row);
      return [...same.mean, ...same.variance()];
    },
  });
}

export const windows: Subject = {
  name: `rows → WindowMoments, ${channels} numbers a row, as the window gets longer`,
  per: 'row',
  against: ['itself'],
  measure(effort) {
    const [shortest, ...longer] = spans.map(window);
    return sideBySide(
      longer.map((ours) => ({ ours, theirs: shortest!, measure: 'cost' })),
      effort,
    );
  },
};
