/** Which numbers of a sample are its features. */
import { OptionError } from '../errors.js';

/** Names of a sample's properties, or a function that gets its numbers. */
export type Features<T> = readonly string[] | ((sample: T) => ArrayLike<number>);

/** What stands where a row should be. */
export class NoRow {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** How a sample's row is got; what it holds is not yet known to be numbers. */
export interface Extraction<T> {
  readonly extract: (sample: T) => ArrayLike<unknown> | NoRow;
  /** Where they are known. */
  readonly names: readonly string[] | undefined;
}

/** A sample that is its own row; a number, or a missing one, is a row of one. */
function asRow(sample: unknown): ArrayLike<unknown> | NoRow {
  if (typeof sample === 'number' || sample === null || sample === undefined) return [sample];
  const isList = Array.isArray(sample) || (ArrayBuffer.isView(sample) && 'length' in sample);
  return isList ? (sample as ArrayLike<unknown>) : new NoRow(sample);
}

/** What a function gave for a sample: anything of a length, but text. */
function asGiven(row: unknown): ArrayLike<unknown> | NoRow {
  const isArrayLike =
    typeof row === 'object' && row !== null && Number.isSafeInteger((row as { length?: unknown }).length);
  return isArrayLike ? (row as ArrayLike<unknown>) : new NoRow(row);
}

/** Without features, a sample is its own row. @throws OptionError */
export function featuresOf<T>(features: Features<T> | undefined): Extraction<T> {
  if (features === undefined) return { extract: asRow, names: undefined };
  if (typeof features === 'function')
    return { extract: (sample) => asGiven(features(sample)), names: undefined };
  if (!Array.isArray(features)) throw new OptionError('features', 'names, or a function', features);
  const names = checkedNames(features);
  const extract = (sample: T): ArrayLike<unknown> | NoRow =>
    typeof sample === 'object' && sample !== null
      ? names.map((name) => (sample as Record<string, unknown>)[name])
      : new NoRow(sample);
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
