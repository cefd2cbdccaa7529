import { expect, test } from 'vitest';
import { isReached, type Line, single } from '../../bench/line.js';
import { heading, tableRow } from '../../bench/table.js';

const line: Line = {
  ours: { name: 'C = 512, batches of 512', value: 999.4e-9 },
  theirs: { name: 'sklearn 1.2.1 partial_fit + transform', value: 1.2345e-3 },
  unit: 'seconds',
  measure: 'speed',
  ratio: { median: 1235.2, low: 1200, high: 1300 },
  bound: { atLeast: 20 },
};

test('a line says both times, the ratio, its quartiles, what is wanted, and whether that is reached', () => {
  expect(tableRow(line)).toBe(
    ' C = 512, batches of 512  999 ns sklearn 1.2.1 partial_fit + transform 1.23 ms     1235 ×   1200–1300    ≥ 20 reached',
  );
});

test('lines fit in 120 columns', () => {
  expect(tableRow(line).length).toBeLessThanOrEqual(120);
  for (const text of heading.split('\n')) expect(text.length).toBeLessThanOrEqual(120);
});

test('where our time goes is told below it, as time and as a part', () => {
  const shares = [
    { name: 'the SIMD module', value: 0.95 },
    { name: 'stats/moments', value: 0.05 },
  ];
  const [first, ...below] = tableRow({ ...line, shares }).split('\n');
  expect(first).toBe(tableRow(line));
  expect(below).toEqual([
    '                          949 ns 95% the SIMD module',
    '                         50.0 ns  5% stats/moments',
  ]);
});

test.each<[string, Partial<Line>]>([
  ['0.25 of it', { measure: 'cost', ratio: { median: 0.25, low: 0.2, high: 0.3 } }],
  ['MISSED', { bound: { atLeast: 2000 } }],
  ['absent: torch', { theirs: { absent: 'torch' }, ratio: undefined }],
  ['12.3 kB', { unit: 'bytes', ours: { name: '', value: 12_345 } }],
  ['1.00 MB', { unit: 'bytes', ours: { name: '', value: 999_900 } }],
  ['2.00 s', { ours: { name: '', value: 2 } }],
])('%s', (text, part) => {
  expect(tableRow({ ...line, ...part })).toContain(text);
});

test('what was taken once has no spread, and a bound of its own where it stands alone', () => {
  const ours = { name: 'everything', value: 12_001 };
  expect(tableRow(single('bytes', ours, { name: 'theirs', value: 24_002 }, undefined))).toMatch(
    / 0\.50 of it$/,
  );
  expect(tableRow(single('bytes', ours, undefined, { atMost: 12_000 }))).toMatch(/ ≤ 12 kB MISSED$/);
});

test.each<[boolean | undefined, Partial<Line>]>([
  [true, { bound: { atLeast: 1235.2 } }],
  [false, { bound: { atLeast: 1235.3 } }],
  [true, { bound: { atMost: 1235.2 } }],
  [false, { bound: { atMost: 1235.1 } }],
  [undefined, { bound: undefined }],
  [undefined, { theirs: { absent: 'torch' }, ratio: undefined }],
  [true, { theirs: undefined, ratio: undefined, bound: { atMost: 1e-6 } }],
  [false, { theirs: undefined, ratio: undefined, bound: { atMost: 0.9e-6 } }],
])('reached: %s, of %j', (reached, part) => {
  expect(isReached({ ...line, ...part })).toBe(reached);
});
