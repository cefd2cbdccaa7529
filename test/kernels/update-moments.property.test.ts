/** Welford's update is the merge of the statistic of a value, to the last bit. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { mergeMoments } from '../../src/kernels/merge-moments.js';
import { COUNT, MEAN, PLANES } from '../../src/kernels/planes.js';
import { updateMoments } from '../../src/kernels/update-moments.js';
import { anyFinite } from '../oracle/data.js';

const values = fc.oneof(
  { weight: 4, arbitrary: anyFinite },
  { weight: 4, arbitrary: fc.double({ min: 1e9 - 1, max: 1e9 + 1, noNaN: true }) },
  fc.constant(Number.NaN),
);
const weights = fc.oneof(
  fc.constantFrom(1, 0, 2 ** -40, Number.MAX_SAFE_INTEGER),
  fc.double({ min: 0, max: 9, noNaN: true }),
);
const rows = (c: number): fc.Arbitrary<{ row: Float64Array; weight: number }[]> => {
  const row = fc.array(values, { minLength: c, maxLength: c }).map((row) => Float64Array.from(row));
  return fc.array(fc.record({ row, weight: weights }), { minLength: 1, maxLength: 30 });
};

function merged(a: Float64Array, row: Float64Array, weight: number): void {
  const c = row.length;
  const sample = new Float64Array(PLANES * c);
  row.forEach((x, i) => {
    if (Number.isNaN(x)) return;
    sample[COUNT * c + i] = weight;
    sample[MEAN * c + i] = x;
  });
  mergeMoments(a, sample, c);
}

test.prop([fc.integer({ min: 1, max: 4 }).chain(rows)])('after each row, whatever came before', (given) => {
  const c = given[0]!.row.length;
  const [a, b] = [new Float64Array(PLANES * c), new Float64Array(PLANES * c)];
  for (const { row, weight } of given) {
    updateMoments(a, row, weight, c);
    merged(b, row, weight);
    expect(new BigInt64Array(a.buffer)).toEqual(new BigInt64Array(b.buffer));
  }
});
