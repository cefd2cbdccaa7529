import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { alignedWindows, lastStart } from '../../src/samples/aligned-windows.js';

const LAST_TIME = 8.64e15;
const times = fc.oneof(
  fc.double({ min: -LAST_TIME, max: LAST_TIME, noNaN: true }),
  fc.double({ min: -1e4, max: 1e4, noNaN: true }),
  fc.integer({ min: -LAST_TIME, max: LAST_TIME }),
  fc.constantFrom(-0, -Number.MIN_VALUE, Number.MIN_VALUE, LAST_TIME, -LAST_TIME),
);
const spans = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1e14 }));

test.prop([times, spans, spans], { numRuns: 10_000 })(
  'the first and the last window of any time there is are exactly those',
  (time, size, stride) => {
    const start = lastStart(time, stride);
    const isMultiple = BigInt(start) % BigInt(stride) === 0n;
    expect([isMultiple, start <= time, start + stride > time]).toEqual([true, true, true]);
    const row = { length: 1, timeAt: () => time, before: (end: number) => Number(time < end) };
    const windows = alignedWindows(size, stride);
    const end = windows.firstEnd(row, -Infinity);
    expect([BigInt(end - size) % BigInt(stride) === 0n, end > time, end - stride <= time]).toEqual([
      true,
      true,
      true,
    ]);
    // At the last time of Date a start or an end is still a whole number of its own.
    expect([Number.isSafeInteger(start), Number.isSafeInteger(end)]).toEqual([true, true]);
    const isInOne = time < start + size;
    expect(windows.open(time, -Infinity)).toBe(isInOne ? 'all' : 'in none');
    if (!isInOne) return;
    expect(windows.open(time, start + size)).toBe('none');
    expect(windows.open(time, end - 1)).toBe('all');
    const { rows, last } = windows.close(row, -Infinity);
    expect([rows, last]).toEqual([1, Number(end === start + size)]);
  },
);
