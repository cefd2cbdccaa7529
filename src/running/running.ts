/**
 * The contract of running statistics: what a normalizer remembers of the batches it has learned from, to normalize with
 * at test time.
 */
import { StateError } from '../errors.js';
import { Moments, planesOf } from '../stats/moments.js';
import type { Statistic } from '../stats/statistic.js';
import { LOCATION_PLANES, locateMean, MEAN, VARIANCE } from './location.js';

export interface Running {
  /** Whether it goes by time, and so has to be told it. */
  readonly byTime?: boolean;
  /** Rows that came too late to be learned, where there are such: they changed nothing. */
  readonly late?: number;
  /**
   * Takes in the statistic of a batch; the statistic itself is left alone.
   * @param rows how many samples the batch had
   * @param minValues a channel with fewer values than this has no batch statistics to speak of
   * @param time when the latest of the samples was, in ms, where it goes by that
   * @returns whether anything was learned, in any channel
   */
  learn(batch: Moments, rows: number, minValues: number, time?: number): boolean;
  /**
   * Where it lies by what has been learned; at mean 0 and variance 1 where that is too little to tell.
   * @param into the planes of a location are written to the front of it
   */
  locate(into: Float64Array): void;
  /** Whether that channel's location is what was learned, not what stands for too little. */
  tells(channel: number): boolean;
  /** Whether at least its mean is. */
  tellsMean(channel: number): boolean;
  toJSON(): unknown;
}

/** Running statistics that are those of one pool of values: they learn from a lone row too. */
export interface Pool extends Running, Omit<Statistic<Pool>, 'clone'> {
  /** The pool itself, live: what is merged into it has been learned (that of a window is to be read alone). */
  readonly moments: Moments;
  /**
   * Its variance per channel, NaN where there is none to tell.
   * @param out what to write to, shape `[C]`; a fresh array by default
   */
  variance(out?: Float64Array): Float64Array;
}

/** What has been learned, in a fresh array of the planes of a location. */
export function locationOf(running: Running, channels: number): Float64Array {
  const location = new Float64Array(LOCATION_PLANES * channels);
  running.locate(location);
  return location;
}

/** The same, with NaN where nothing was learned: for who shows it. */
export function knownOf(
  running: Running,
  channels: number,
): { readonly mean: Float64Array; readonly variance: Float64Array } {
  const location = locationOf(running, channels);
  const plane = (at: number): Float64Array => location.slice(at * channels, (at + 1) * channels);
  return {
    mean: plane(MEAN).map((mean, i) => (running.tellsMean(i) ? mean : Number.NaN)),
    variance: plane(VARIANCE).map((variance, i) => (running.tells(i) ? variance : Number.NaN)),
  };
}

/** Where a pool of values lies; variance 1 where there is none to tell (NaN). */
export function locatePool(pool: Pool, into: Float64Array): void {
  const c = pool.channels;
  locateMean(pool.moments, into);
  const variance = pool.variance(into.subarray(VARIANCE * c, LOCATION_PLANES * c));
  for (let i = 0; i < c; i++) if (Number.isNaN(variance[i])) variance[i] = 1;
}

/** Whether a batch has a value, in any channel. (By its planes: a view of its counts would be made for this alone.) */
export function hasValues(batch: Moments): boolean {
  const counts = planesOf(batch); // which come first
  for (let i = 0; i < batch.channels; i++) if (counts[i]! > 0) return true;
  return false;
}

/** The saved pool of a kind. @throws StateError if it is none, or of other channels */
export function poolFromJSON(kind: string, json: unknown, channels: number): Moments {
  const moments = Moments.fromJSON(json);
  if (moments.channels === channels) return moments;
  throw new StateError(`${kind}.moments.channels`, `${channels}`, moments.channels);
}
