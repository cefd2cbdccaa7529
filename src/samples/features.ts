/** Which numbers of a sample are its features. */
import { OptionError } from '../errors.js';

/** Names of a sample's properties, or a function that gets its numbers. */
export type Features<T> = readonly string[] | ((sample: T) => ArrayLike<number>);

/** A copy, checked; undefined, where a sample is its own row, and functions are left as they are. @throws OptionError */
export function checkedFeatures<T>(features: Features<T> | undefined): Features<T> | undefined {
  if (features === undefined || typeof features === 'function') return features;
  if (!Array.isArray(features)) throw new OptionError('features', 'names, or a function', features);
  if (features.length === 0) throw new OptionError('features', 'one or more names', features);
  return features.map((name: unknown, i) => {
    if (typeof name !== 'string' || name === '') throw new OptionError(`features[${i}]`, 'a name', name);
    if (features.indexOf(name) !== i) throw new OptionError(`features[${i}]`, 'a name not used before', name);
    return name;
  });
}

/** The names, checked, where there are some. @throws OptionError */
export function featureNames<T>(features: Features<T> | undefined): readonly string[] | undefined {
  const checked = checkedFeatures(features);
  return typeof checked === 'function' ? undefined : checked;
}

/**
 * @param owner whose features (or channels) these are, such as `the scaler has features`
 * @throws OptionError unless there are as many names, where there are some
 */
export function checkWidth(names: readonly string[] | undefined, width: number, owner: string): void {
  if (names && names.length !== width)
    throw new OptionError('features', `${width} names, as many as ${owner}`, names);
}

/** Whether a sample is a list of what may be numbers. */
export const isList = (sample: unknown): sample is ArrayLike<unknown> =>
  Array.isArray(sample) || (ArrayBuffer.isView(sample) && 'length' in sample);

/** Whether what a function gave for a sample is one: anything of a length, but text. */
export const isArrayLike = (row: unknown): row is ArrayLike<unknown> =>
  Array.isArray(row) ||
  (typeof row === 'object' && row !== null && Number.isSafeInteger((row as { length?: unknown }).length));
