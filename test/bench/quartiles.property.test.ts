import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import { quartiles } from '../../bench/quartiles.js';

test('of four values, between neighbours', () => {
  expect(quartiles([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
});

test.prop([
  fc
    .integer({ min: 0, max: 50 })
    .chain((n) => fc.shuffledSubarray([...Array(4 * n + 1).keys()], { minLength: 4 * n + 1 })),
])('0 … 4n in any order: n, 2n, 3n; and what was given stays as it was', (values) => {
  const given = [...values];
  const n = (values.length - 1) / 4;
  expect(quartiles(values)).toEqual({ low: n, median: 2 * n, high: 3 * n });
  expect(values).toEqual(given);
});
