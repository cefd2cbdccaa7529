/** Rows scaled as they come, each by all rows so far. */
import { StandardScaler, standardize } from 'evenkeel';
import { incremental } from '../contenders/incremental.js';
import { numbers, pipeline, tensors } from '../contenders/pipelines.js';
import { looped, someRows } from '../fixed-data.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

const [rows, channels] = [512, 8];

export const standardizeRows: Subject = {
  name: `rows → standardize, ${channels} numbers a row`,
  per: 'row',
  against: ['@stdlib/stats-incr-meanvar'],
  measure(effort) {
    const source$ = looped(someRows(rows, channels));
    const ours = standardize<number[]>(() => new StandardScaler(channels, { ddof: 1 })); // as @stdlib divides
    const theirs = incremental<number[]>(channels, (row, i) => row[i]!);
    return sideBySide(
      [
        {
          ours: pipeline('standardize', rows, source$.pipe(ours), tensors),
          theirs: pipeline('@stdlib/stats-incr-meanvar', rows, source$.pipe(theirs), numbers),
          tolerance: 1e-6, // ours leave as float32
          measure: 'speed',
          bound: { atLeast: 4 },
        },
      ],
      effort,
    );
  },
};
