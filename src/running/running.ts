/**
 * The contract of running statistics: what a normalizer remembers of the batches it has learned from, to normalize with
 * at test time.
 */
import { StateError } from '../errors.js';
import { Moments } from '../stats/moments.js';
import type { Statistic } from '../stats/statistic.js';

/** Where the data lies, per channel. Fresh arrays of shape `[C]`. */
export interface Location {
  readonly mean: Float64Array;
  /** What the mean leaves over: mean + meanLow is it to twice the precision. */
  readonly meanLow: Float64Array;
  readonly variance: Float64Array;
}

export interface Running {
  /**
   * Takes in the statistic of a batch; the statistic itself is left alone.
   * @param rows how many samples the batch had
   * @param minValues a channel with fewer values than this has no batch statistics to speak of
   * @returns whether anything was learned, in any channel
   */
  learn(batch: Moments, rows: number, minValues: number): boolean;
  /** What has been learned; mean 0 and variance 1 where that is too little to tell. */
  location(): Location;
  /** Whether that channel's location is what was learned, not what stands for too little. */
  tells(channel: number): boolean;
  toJSON(): unknown;
}

/** Running statistics that are those of one pool of values: they learn from a lone row too. */
export interface Pool extends Running, Omit<Statistic<Pool>, 'clone'> {
  /** The pool itself, live: what is merged into it has been learned. */
  readonly moments: Moments;
  /**
   * Its variance per channel, NaN where there is none to tell.
   * @param out what to write to, shape `[C]`; a fresh array by default
   */
  variance(out?: Float64Array): Float64Array;
}

/** Where a pool of values lies; variance 1 where there is none to tell (NaN). */
export function locationOf({ mean, meanLow }: Moments, variance: Float64Array): Location {
  return {
    mean: mean.slice(),
    meanLow: meanLow.slice(),
    variance: variance.map((value) => (Number.isNaN(value) ? 1 : value)),
  };
}

/** The saved pool of a kind. @throws StateError if it is none, or of other channels */
export function poolFromJSON(kind: string, json: unknown, channels: number): Moments {
  const moments = Moments.fromJSON(json);
  if (moments.channels === channels) return moments;
  throw new StateError(`${kind}.moments.channels`, `${channels}`, moments.channels);
}
