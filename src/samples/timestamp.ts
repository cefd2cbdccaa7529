/** When a sample happened: event time, in milliseconds since the epoch, as `Date.now()` tells it. */
import { OptionError } from '../errors.js';
import { isTensor } from '../tensor.js';
import { LATEST_TIME } from '../times.js';

/**
 * The name of the sample's property that has it (of a row's, the sample that it carries), or how to get it: a number of
 * milliseconds, or a Date.
 */
export type Timestamp<T> = string | ((sample: T) => number | Date);

/** Reads what a sample says of its time; `timeOf` tells what that comes to. */
export interface Clock<T> {
  /** For the errors. */
  readonly name: string;
  read(sample: T): unknown;
}

/** @throws OptionError */
export function clockOf<T>(timestamp: Timestamp<T>): Clock<T> {
  if (typeof timestamp === 'function') return { name: 'timestamp', read: timestamp };
  if (typeof timestamp !== 'string' || timestamp === '')
    throw new OptionError('timestamp', 'the name of a property, or a function', timestamp);
  return { name: timestamp, read: (item) => (sampleOf(item) as Record<string, unknown> | null)?.[timestamp] };
}

const sampleOf = (item: unknown): unknown =>
  isTensor(item) ? (item as { readonly sample?: unknown }).sample : item;

/** The milliseconds that a number or a Date tells; NaN where what was read is none of them, or no time a Date could be. */
export function timeOf(read: unknown): number {
  const time = read instanceof Date ? read.getTime() : read;
  return typeof time === 'number' && Math.abs(time) <= LATEST_TIME ? time : Number.NaN;
}
