/** Something that an item says of itself. */
import { OptionError } from '../errors.js';
import { isTensor } from '../tensor.js';

/** Reads it, whatever it is. */
export interface Reader<T> {
  /** For the errors. */
  readonly name: string;
  read(item: T): unknown;
}

/**
 * Reads a property (of a tensor that has none of that name, of the sample that it carries), or what a function gets.
 * @param option whose value `given` is
 * @throws OptionError
 */
export function readerOf<T>(option: string, given: string | ((item: T) => unknown)): Reader<T> {
  if (typeof given === 'function') return { name: option, read: given };
  if (typeof given !== 'string' || given === '')
    throw new OptionError(option, 'the name of a property, or a function', given);
  const of = (item: unknown): unknown => (item as Record<string, unknown> | null | undefined)?.[given];
  return {
    name: given,
    read(item) {
      const own = of(item);
      return own === undefined && isTensor(item) ? of((item as { readonly sample?: unknown }).sample) : own;
    },
  };
}
