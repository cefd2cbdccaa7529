/** Statistics as they are shown: mean and sd by feature, NaN where no value has told them yet. */
import type { BatchNorm } from '../normalizers/batch-norm.js';
import { runningOf } from '../normalizers/tracked-norm.js';
import { knownOf } from '../running/running.js';
import type { Moments } from '../stats/moments.js';

export interface Known {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** Of the values themselves, divided by n. */
export function knownOfBatch(moments: Moments): Known {
  const { count } = moments;
  return {
    mean: moments.mean.map((mean, i) => (count[i]! > 0 ? mean : Number.NaN)),
    sd: moments.variance().map(Math.sqrt),
  };
}

/** Of all that was learned. */
export function knownOfRunning(normalizer: BatchNorm | undefined, features: number): Known {
  if (normalizer === undefined) {
    const nothing = new Float64Array(features).fill(Number.NaN);
    return { mean: nothing, sd: nothing };
  }
  const { mean, variance } = knownOf(runningOf(normalizer), features);
  return { mean, sd: variance.map(Math.sqrt) };
}
