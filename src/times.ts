/** When rows happened: event times, in milliseconds since the epoch, as a Date has them; never this machine's clock. */
import { OptionError, ShapeError } from './errors.js';
import type { Tensor } from './tensor.js';

/** What a Date can hold, either side of the epoch. */
export const LATEST_TIME = 8.64e15;

/** @throws OptionError */
export function checkTime(name: string, time: unknown): number {
  if (typeof time === 'number' && Math.abs(time) <= LATEST_TIME) return time;
  throw new OptionError(name, 'an event time, in milliseconds since the epoch', time);
}

/** When the latest of a tensor's samples happened, by its own `times`. @throws as below */
export function latestOf(x: Tensor): number {
  let latest = -Infinity;
  for (const time of timesOf(x)) latest = Math.max(latest, time);
  return latest;
}

/**
 * When each of a tensor's samples happened, as it says itself, or as is said of it.
 * @throws OptionError if it is not said, or is no time; ShapeError unless there are as many as samples
 */
export function timesOf(x: Tensor & { readonly times?: unknown }, given: unknown = x.times): Float64Array {
  const samples = x.shape[0]!;
  if (Object.prototype.toString.call(given) !== '[object Float64Array]')
    throw new OptionError('times', `a Float64Array of ${samples} event times, in ms`, given);
  const times = given as Float64Array;
  if (times.length !== samples) throw new ShapeError(`times of ${samples} samples`, times.length);
  for (let i = 0; i < samples; i++) checkTime(`times[${i}]`, times[i]);
  return times;
}
