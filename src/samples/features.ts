/** Which numbers of a sample are its features. */
import { OptionError } from '../errors.js';

/** Names of a sample's properties, or a function that gets its numbers. */
export type Features<T> = readonly string[] | ((sample: T) => ArrayLike<number>);

/** How a sample's row is got; what it gives is not yet known to be a row of numbers. */
export interface Extraction<T> {
  readonly extract: (sample: T) => unknown;
  /** Where they are known. */
  readonly names: readonly string[] | undefined;
}

/** A sample that is its own row; a number, or a missing one, is a row of one. */
const asRow = (sample: unknown): unknown =>
  typeof sample === 'number' || sample === null || sample === undefined ? [sample] : sample;

/** Without features, a sample is its own row. @throws OptionError */
export function featuresOf<T>(features: Features<T> | undefined): Extraction<T> {
  if (features === undefined) return { extract: asRow, names: undefined };
  if (typeof features === 'function') return { extract: features, names: undefined };
  if (!Array.isArray(features)) throw new OptionError('features', 'names, or a function', features);
  const names = checkedNames(features);
  const extract = (sample: T): unknown =>
    typeof sample === 'object' && sample !== null
      ? names.map((name) => (sample as Record<string, unknown>)[name])
      : undefined;
  return { extract, names };
}

function checkedNames(names: readonly unknown[]): readonly string[] {
  if (names.length === 0) throw new OptionError('features', 'one or more names', names);
  return names.map((name, i) => {
    if (typeof name !== 'string' || name === '') throw new OptionError(`features[${i}]`, 'a name', name);
    if (names.indexOf(name) !== i) throw new OptionError(`features[${i}]`, 'a name not used before', name);
    return name;
  });
}
