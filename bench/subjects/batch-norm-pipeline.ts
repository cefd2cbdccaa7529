/** Rows as they come → minibatches of 64 → batch norm → tensors: rows of numbers, and samples with named features. */
import { batchNorm, minibatch, StandardScaler, standardize } from 'evenkeel';
import { bufferCount, map } from 'rxjs';
import { incremental } from '../contenders/incremental.js';
import { named, numbers, pipeline, rowsOfNumbers, tensors } from '../contenders/pipelines.js';
import { typedBatches } from '../contenders/typed-batches.js';
import { zScore, zScoreByName } from '../contenders/z-score.js';
import { looped, someRows } from '../fixed-data.js';
import { type Pair, sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

/** Few enough to stay in the cache of the processor, where a row that has just come is too. */
const rows = 512;
const size = 64;
const against = ['typed batches', '@stdlib/stats-incr-meanvar', 'bufferCount'] as const;
/** What is emitted is float32. */
const tolerance = 1e-6;

/** @param faster how many times as fast as the incremental one, and as the z-score by hand, it is to be */
export function rowsPipeline(channels: number, faster: { incremental: number; zScore: number }): Subject {
  return {
    name: `rows → minibatch(${size}) → batchNorm, ${channels} numbers a row`,
    per: 'row',
    against,
    measure(effort) {
      const source$ = looped(someRows(rows, channels));
      const scaled = standardize<number[]>(() => new StandardScaler(channels, { ddof: 1 }));
      const ours = pipeline(
        'minibatch + batchNorm',
        rows,
        source$.pipe(minibatch({ size }), batchNorm()),
        tensors,
      );
      const pairs: Omit<Pair, 'ours'>[] = [
        {
          theirs: pipeline('minibatch alone', rows, source$.pipe(minibatch({ size })), tensors),
          sameAs: pipeline('the rows', rows, source$, numbers),
          measure: 'cost',
          bound: { atMost: 1.35 },
        },
        {
          theirs: pipeline('typed batches by hand', rows, source$.pipe(typedBatches(size)), numbers),
          sameAs: pipeline('the rows', rows, source$, numbers),
          measure: 'cost',
        },
        {
          theirs: pipeline(
            '@stdlib/stats-incr-meanvar',
            rows,
            source$.pipe(incremental(channels, (row, i) => row[i]!)),
            numbers,
          ),
          sameAs: pipeline('standardize', rows, source$.pipe(scaled), tensors),
          tolerance,
          measure: 'speed',
          bound: { atLeast: faster.incremental },
        },
        {
          theirs: pipeline(
            'bufferCount + z-score',
            rows,
            source$.pipe(bufferCount(size), map(zScore)),
            rowsOfNumbers,
          ),
          tolerance,
          measure: 'speed',
          bound: { atLeast: faster.zScore },
        },
        {
          theirs: pipeline('bufferCount alone', rows, source$.pipe(bufferCount(size)), rowsOfNumbers),
          sameAs: pipeline('the rows', rows, source$, numbers),
          measure: 'cost',
        },
      ];
      return sideBySide(
        pairs.map((pair) => ({ ours, ...pair })),
        effort,
      );
    },
  };
}

/** Samples of named features, as sensors send them. */
export function samplesPipeline(channels: number): Subject {
  return {
    name: `samples → minibatch(${size}, features) → batchNorm, ${channels} names`,
    per: 'row',
    against,
    measure(effort) {
      const names = Array.from({ length: channels }, (_, i) => `sensor${i}`);
      const samples = someRows(rows, channels).map(
        (row): Record<string, number> => Object.fromEntries(row.map((x, i) => [names[i]!, x])),
      );
      const source$ = looped(samples);
      const batches = minibatch<Record<string, number>>({ size, features: names });
      const scaled = standardize<Record<string, number>>(() => new StandardScaler(channels, { ddof: 1 }), {
        features: names,
      });
      const ours = pipeline('minibatch + batchNorm', rows, source$.pipe(batches, batchNorm()), tensors);
      const inRows = source$.pipe(map((sample) => names.map((name) => sample[name]!)));
      const pairs: Omit<Pair, 'ours'>[] = [
        {
          theirs: pipeline('minibatch alone', rows, source$.pipe(batches), tensors),
          sameAs: pipeline('the rows', rows, inRows, numbers),
          measure: 'cost',
        },
        {
          theirs: pipeline(
            '@stdlib/stats-incr-meanvar',
            rows,
            source$.pipe(incremental(channels, (sample, i) => sample[names[i]!]!)),
            numbers,
          ),
          sameAs: pipeline('standardize', rows, source$.pipe(scaled), tensors),
          tolerance,
          measure: 'speed',
        },
        {
          theirs: pipeline(
            'bufferCount + z-score',
            rows,
            source$.pipe(
              bufferCount(size),
              map((batch) => zScoreByName(batch, names)),
            ),
            named(names),
          ),
          tolerance,
          measure: 'speed',
        },
      ];
      return sideBySide(
        pairs.map((pair) => ({ ours, ...pair })),
        effort,
      );
    },
  };
}
