/** Checks for what a caller hands in. Each returns the value it was given, or throws an OptionError naming the option. */
import { OptionError } from './errors.js';
import { isPlainObject } from './plain-object.js';

/** Every key of `options` is one of `names`: a misspelt option is an error, never a default. */
export function knownOptions<T extends object>(
  where: string,
  options: T,
  names: readonly (keyof T & string)[],
): T {
  // What is none may hold options where a look at its keys does not find them.
  if (!isPlainObject(options)) throw new OptionError(where, 'a plain object of options', options);
  for (const key of Object.keys(options)) {
    if (!(names as readonly string[]).includes(key)) {
      throw new OptionError(
        `${where}.${key}`,
        `one of the options ${names.join(', ')}`,
        (options as Record<string, unknown>)[key],
      );
    }
  }
  return options;
}

export function positiveInteger(
  name: string,
  value: unknown,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most)
    return value as number;
  const range = most < Number.MAX_SAFE_INTEGER ? ` up to ${most}` : '';
  throw new OptionError(name, `a positive integer${range}`, value);
}

/** How many channels there may be: what is kept of them has to fit one typed array. */
export const MOST_CHANNELS: number = 2 ** 26;

export function channelCount(name: string, value: unknown): number {
  return positiveInteger(name, value, MOST_CHANNELS);
}

/** Something to tell the time by, as RxJS's schedulers are. */
export function checkScheduler(name: string, value: unknown): void {
  const { schedule, now } = Object(value);
  if (typeof schedule !== 'function' || typeof now !== 'function')
    throw new OptionError(name, 'a scheduler', value);
}

/** A finite number within [least, most]. */
export function numberBetween(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most) || !Number.isFinite(value)) {
    const range =
      most === Infinity || most === Number.MAX_VALUE ? `from ${least} up` : `from ${least} to ${most}`;
    throw new OptionError(name, `a finite number ${range}`, value);
  }
  return value;
}

export function oneOf<T>(name: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T))
    throw new OptionError(name, `one of ${choices.map(String).join(', ')}`, value);
  return value as T;
}
