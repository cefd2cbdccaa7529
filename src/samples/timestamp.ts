/** When a sample happened: event time, in milliseconds since the epoch, as `Date.now()` tells it. */
import { LATEST_TIME } from '../times.js';
import { type Reader, readerOf } from './reader.js';

/**
 * The name of the property that has it (a row's own, or that of the sample that it carries), or how to get it: a number of
 * milliseconds, or a Date.
 */
export type Timestamp<T> = string | ((sample: T) => number | Date);

/** Reads what a sample says of its time; `timeOf` tells what that comes to. */
export type Clock<T> = Reader<T>;

/** @throws OptionError */
export const clockOf = <T>(timestamp: Timestamp<T>): Clock<T> => readerOf('timestamp', timestamp);

/** The milliseconds that a number or a Date tells; NaN where what was read is none of them, or no time a Date could be. */
export function timeOf(read: unknown): number {
  const time = read instanceof Date ? read.getTime() : read;
  return typeof time === 'number' && Math.abs(time) <= LATEST_TIME ? time : Number.NaN;
}
