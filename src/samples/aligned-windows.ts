/** Windows of one size that start at the multiples of a stride: tumbling, sliding, or with gaps between them. */
import type { EventWindows, RowTimes } from './event-windows.js';

/** The last multiple of a stride, whole, that is no later than a time. Rounding in the division may be off by one. */
export function lastStart(time: number, stride: number): number {
  let start = Math.floor(time / stride) * stride;
  while (start > time) start -= stride;
  while (start + stride <= time) start += stride;
  return start + 0; // no -0
}

/** Of whole milliseconds, that their multiples are exact. */
export function alignedWindows(size: number, stride: number): EventWindows {
  /** The end of the first window to end after a time. */
  function endAfter(time: number): number {
    let end = (Math.floor((time - size) / stride) + 1) * stride + size;
    while (end <= time) end += stride;
    while (end - stride > time) end -= stride;
    return end;
  }

  const firstEnd = (rows: RowTimes, passed: number): number =>
    rows.length === 0 ? Infinity : endAfter(Math.max(rows.timeAt(0), passed));

  return {
    open(time, passed) {
      const start = lastStart(time, stride);
      if (start + size <= time) return 'in none';
      if (start + size <= passed) return 'none';
      return endAfter(time) <= passed ? 'some' : 'all';
    },
    add() {},
    firstEnd,
    freeAt: (rows) => (rows.length === 0 ? Infinity : lastStart(rows.timeAt(0), stride) + size),
    lastEnd: (rows) => lastStart(rows.timeAt(rows.length - 1), stride) + size,
    close(rows, passed) {
      const end = firstEnd(rows, passed);
      const start = end - size;
      return { start, end, rows: rows.before(end), last: rows.before(Math.min(end, start + stride)) };
    },
    drop() {},
  };
}
