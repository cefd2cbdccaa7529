/**
 * How far mean and variance are from exact rational arithmetic on the same float64 inputs: Evenkeel by rows, by batches
 * and merged in a tree, beside what one would write instead. Run: npm run bench:accuracy
 */
import type { Moments } from 'evenkeel';
import { hardData, uniform } from '../test/oracle/hard-data.js';
import { exactMoments, relativeError, ulpError } from '../test/oracle/rational.js';
import { type Estimate, sumOfSquares, twoPass, welford } from '../test/oracle/textbook.js';
import { byBatches, byRows, byTree } from '../test/oracle/ways.js';

const N = 100_000;

type Result = readonly [mean: number, variance: number];
const ours = (moments: Moments): Result => [moments.mean[0]!, moments.variance()[0]!];
const theirs = ({ count, mean, m2 }: Estimate): Result => [mean, m2 / count];

const ways: Record<string, (values: Float64Array) => Result> = {
  'Evenkeel rows': (values) => ours(byRows(values)),
  'batches of 64': (values) => ours(byBatches(values, 64)),
  'merged in a tree': (values) => ours(byTree(values, 1, uniform(7))),
  Welford: (values) => theirs(welford(values)),
  'sum of squares': (values) => theirs(sumOfSquares(values)),
  'two-pass': (values) => theirs(twoPass(values)),
};

const short = (error: number): string => (error === 0 ? '0' : error.toExponential(1));
const row = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(32) : cell.padStart(17))).join('');

const sets = hardData(N).map(({ name, values }) => {
  const exact = exactMoments(values);
  const results = Object.values(ways).map((way) => way(values));
  const variance = exact.variance();
  return {
    name: `${name} (${values.length})`,
    variance: results.map((result) => short(relativeError(result[1], variance))),
    mean: results.map((result) => short(ulpError(result[0], exact.mean))),
  };
});

const titles = Object.keys(ways);
console.log('Against exact rational arithmetic (BigInt) on the same float64 inputs; sizes in brackets.\n');
console.log(row(['variance, rel. error', ...titles]));
for (const set of sets) console.log(row([set.name, ...set.variance]));
console.log();
console.log(row(['mean, ulp', ...titles]));
for (const set of sets) console.log(row([set.name, ...set.mean]));
