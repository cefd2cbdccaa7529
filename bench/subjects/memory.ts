/** What is kept, and what is made to be thrown away. */
import { GCProfiler } from 'node:v8';
import incrmeanvar from '@stdlib/stats-incr-meanvar';
import { BatchNorm, batchNorm, minibatch, StandardScaler } from 'evenkeel';
import { bufferCount, map } from 'rxjs';
import type { Contender } from '../contender.js';
import { numbers, pipeline, rowsOfNumbers, tensors } from '../contenders/pipelines.js';
import { typedBatches } from '../contenders/typed-batches.js';
import { zScore } from '../contenders/z-score.js';
import { float32, looped, someRows } from '../fixed-data.js';
import { heap } from '../heap.js';
import { type Figure, single } from '../line.js';
import type { Subject } from '../subject.js';

const channels = 8;
const size = 64;

/** As it is after a tenth of the rows, and after all. */
export const heapOverTime: Subject = {
  name: `heap over a long stream, ${channels} numbers a row`,
  per: 'whole run',
  against: ['itself'],
  async measure({ longRun }) {
    const source$ = looped(someRows(4096, channels), longRun);
    const readings: number[] = [];
    const batchesARead = Math.floor(longRun / size / 10);
    let batches = 0;
    source$.pipe(minibatch({ size }), batchNorm()).subscribe(() => {
      if (++batches % batchesARead === 0) readings.push(heap());
    });
    const after = (rows: number, value: number): Figure => ({
      name: `after ${rows / 1e6} million rows`,
      value,
    });
    return [single('bytes', after(longRun, readings[9]!), after(longRun / 10, readings[0]!), undefined)];
  },
};

/** In a young generation so large that nothing is collected on the way. */
export const allocation: Subject = {
  name: `bytes allocated in the pipeline, ${channels} numbers a row`,
  per: 'row',
  against: ['typed batches', 'bufferCount'],
  flags: ['--min-semi-space-size=256', '--max-semi-space-size=256'],
  async measure() {
    const rows = 4096;
    const source$ = looped(someRows(rows, channels));
    const ours = allocated(
      pipeline('minibatch + batchNorm', rows, source$.pipe(minibatch({ size }), batchNorm()), tensors),
    );
    return [
      pipeline('minibatch alone', rows, source$.pipe(minibatch({ size })), tensors),
      pipeline('typed batches by hand', rows, source$.pipe(typedBatches(size)), numbers),
      pipeline('bufferCount + z-score', rows, source$.pipe(bufferCount(size), map(zScore)), rowsOfNumbers),
    ].map((contender) => single('bytes', ours, allocated(contender), undefined));
  },
};

/** @throws Error if something was collected meanwhile */
function allocated({ name, run, pieces }: Contender): Figure {
  run(200); // until it is compiled: before, numbers are allocated that are not later
  heap(); // to the end: what is freed beside the program is not to be freed while it is measured
  const times = 8;
  const profiler = new GCProfiler();
  profiler.start();
  const before = process.memoryUsage();
  run(times);
  const after = process.memoryUsage();
  if (profiler.stop().statistics.length > 0) throw new Error(`${name}: collected while it was measured`);
  const bytes = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  return { name, value: bytes / times / pieces };
}

/** Of 10,000 that have learned from a batch. */
export const normalizers: Subject = {
  name: `a normalizer of ${channels} features that has learned, in memory`,
  per: 'normalizer',
  against: ['@stdlib/stats-incr-meanvar'],
  async measure() {
    const x = float32([size, channels]);
    const theirs = kept(`${channels} of @stdlib/stats-incr-meanvar`, () => {
      const accumulators = Array.from({ length: channels }, () => incrmeanvar());
      accumulators.forEach((accumulate, i) => {
        for (let row = 0; row < size; row++) accumulate(x.data[row * channels + i]!);
      });
      return accumulators;
    });
    const batchNorm = kept('BatchNorm', () => {
      const bn = new BatchNorm(channels);
      bn.forward(x);
      return bn;
    });
    const standardScaler = kept('StandardScaler', () => {
      const scaler = new StandardScaler(channels);
      scaler.forward(x);
      return scaler;
    });
    return [batchNorm, standardScaler].map((ours) => single('bytes', ours, theirs, undefined));
  },
};

function kept(name: string, make: () => unknown): Figure {
  for (let i = 0; i < 1000; i++) make();
  const count = 10_000;
  const all: unknown[] = new Array(count).fill(undefined);
  const before = heap();
  for (let i = 0; i < count; i++) all[i] = make();
  const after = heap();
  return { name, value: (after - before) / all.length };
}
