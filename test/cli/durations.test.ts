import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { hasUnit, parseDuration, showDuration } from '../../src/cli/durations.js';

test.each([
  ['0', 0],
  ['250', 250],
  ['250ms', 250],
  ['5s', 5000],
  ['0.5s', 500],
  ['1m', 60_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
])('%s is %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', 's', '-1s', '1e3', '1 s', '1y', '1h30m', '.5s', 'Infinity'])('%j is none', (text) => {
  expect(parseDuration(text)).toBeNaN();
});

test('rows have no unit', () => {
  expect(['64', '64ms', '64s'].map(hasUnit)).toEqual([false, true, true]);
});

test.prop([fc.nat()])('what is shown is read as the same', (ms) => {
  expect(parseDuration(showDuration(ms))).toBe(ms);
  expect(hasUnit(showDuration(ms))).toBe(true);
});

test('in the largest unit', () => {
  expect([0, 1, 90_000, 3_600_000, 172_800_000].map(showDuration)).toEqual(['0ms', '1ms', '90s', '1h', '2d']);
});
