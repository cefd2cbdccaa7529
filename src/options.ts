/** Checks for what a caller hands in. Each returns the value it was given, or throws an OptionError naming the option. */
import { OptionError, StateError } from './errors.js';
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

/** Each option's check: it gives back what the option is to be, its default where nothing was given. */
export type Checks<O> = { readonly [K in keyof Required<O>]: (value: unknown) => O[K] };

/** The options of those who were given none: one object for all. */
const defaults = new WeakMap<object, object>();

/** What was settled, by which checks: it need not be again, and is shared. */
const settledBy = new WeakMap<object, object>();

/**
 * What was given, checked and copied, with defaults, frozen; what has none and was not given is left out.
 * @throws OptionError naming the one that cannot be used
 */
export function settle<O extends object, Settled = Required<O>>(checks: Checks<O>, given: O): Settled {
  if (settledBy.get(given) === checks) return given as unknown as Settled;
  const names = Object.keys(checks) as (keyof O & string)[];
  knownOptions('options', given, names);
  const values = names.map((name) => given[name]);
  const isDefault = values.every((value) => value === undefined);
  const known = isDefault && defaults.get(checks);
  if (known) return known as Settled;
  const settled = names.map((name, i) => [name, checks[name](values[i])]);
  const options = Object.freeze(Object.fromEntries(settled.filter(([, value]) => value !== undefined)));
  settledBy.set(options, checks);
  if (isDefault) defaults.set(checks, options);
  return options as Settled;
}

/** Options as they were saved: every one of them, as a missing one would be a default it was not saved with. */
export function savedOptions<O extends object, Settled = Required<O>>(
  where: string,
  checks: Checks<O>,
  json: unknown,
): Settled {
  try {
    const options = settle<O, object>(checks, json as O);
    for (const name of Object.keys(options))
      if (!Object.hasOwn(json as object, name)) throw new OptionError(name, 'there', undefined);
    return options as Settled;
  } catch (error) {
    throw new StateError(where, `complete and valid (${(error as Error).message})`, json, error);
  }
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

/** Timers count milliseconds in 31 bits: a longer wait would fire at once. */
export const LONGEST_WAIT: number = 2 ** 31 - 1;

/** Milliseconds for a timer. */
export function waitingTime(name: string, value: unknown, least: number = 0): number {
  return numberBetween(name, value, least, LONGEST_WAIT);
}

/** A function, or none. */
export function optionalFunction<F>(name: string, value: F): F {
  if (value !== undefined && typeof value !== 'function') throw new OptionError(name, 'a function', value);
  return value;
}

export function oneOf<T>(name: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T))
    throw new OptionError(name, `one of ${choices.map(String).join(', ')}`, value);
  return value as T;
}
