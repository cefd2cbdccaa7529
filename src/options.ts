/** Checks for what a caller hands in. Each returns the value it was given, or throws an OptionError naming the option. */
import { OptionError } from './errors.js';
import { findNonFinite } from './kernels/find.js';
import type { FloatArray } from './tensor.js';

/** Every key of `options` is one of `names`: a misspelt option is an error, never a default. */
export function knownOptions<T extends object>(
  where: string,
  options: T,
  names: readonly (keyof T & string)[],
): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new OptionError(where, 'an object of options', options);
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

export function positiveInteger(name: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw new OptionError(name, 'a positive integer', value);
  return value as number;
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

/** Typed values that are all finite; returned as they are. */
export function finiteValues<A extends FloatArray>(name: string, values: A): A {
  const at = findNonFinite(values);
  if (at >= 0) throw new OptionError(`${name}[${at}]`, 'a finite number', values[at]);
  return values;
}
