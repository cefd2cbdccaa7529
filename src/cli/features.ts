/** Which numbers of a sample are used, decided by the first one: their names, and where they are. */
import { exitCodes, Failure } from './exit-codes.js';
import { isRecord, listed, placeIn } from './field.js';
import { cellNumber, decimal } from './sources/csv.js';
import type { Sample } from './sources/source.js';

export interface Features {
  readonly names: readonly string[];
  /** What the sample has for each feature, as it came; or why it is not such a sample. */
  read(value: unknown): readonly unknown[] | string;
  /** What was read as the number it stands for, where it stands for one. */
  number(read: unknown): unknown;
}

const asIs = (value: unknown): unknown => value;
/** A number in quotes as the number: what is asked for by its name is meant to be one. */
const quotedNumber = (value: unknown): unknown =>
  typeof value === 'string' && decimal.test(value) ? Number(value) : value;

/** Where the wanted names are among those there are. */
function indicesOf(wanted: readonly string[], names: readonly string[]): number[] {
  const places = new Map(names.map((name, index) => [name, index]));
  return wanted.map((name) => {
    const index = places.get(name);
    if (index !== undefined) return index;
    throw new Failure(
      exitCodes.badArguments,
      `--features: there is no ${listed([name])}; there is ${listed(names)}`,
    );
  });
}

function ofCells(
  cells: readonly unknown[],
  columns: readonly string[],
  wanted: readonly string[] | undefined,
  others: readonly string[],
): Features | string {
  const numeric = columns.filter(
    (name, i) => typeof cellNumber(cells[i]) === 'number' && cells[i] !== '' && !others.includes(name),
  );
  const names = wanted ?? numeric;
  if (names.length === 0) return 'has no number in any column';
  const last = new Map(columns.map((name, index) => [name, index]));
  const repeated = new Set(columns.filter((name, index) => last.get(name) !== index));
  const twice = names.find((name) => repeated.has(name));
  if (twice !== undefined) return `has two columns named ${listed([twice])}`;
  const indices = indicesOf(names, columns);
  return {
    names,
    read: (value) => indices.map((i) => (value as readonly unknown[])[i]),
    number: cellNumber,
  };
}

function ofArray(
  width: number,
  wanted: readonly string[] | undefined,
  others: readonly string[],
): Features | string {
  if (width === 0) return 'is an empty array';
  const all = Array.from({ length: width }, (_, i) => `f${i}`);
  const names = wanted ?? all.filter((name) => !others.includes(name));
  if (names.length === 0) return 'has no number for a feature';
  const indices = indicesOf(names, all);
  const expected = `an array of ${width} numbers`;
  return {
    names,
    read: (value) => {
      const row = typeof value === 'number' ? [value] : value;
      if (!Array.isArray(row)) return `is not ${expected}`;
      return row.length === width
        ? indices.map((i) => row[i])
        : `is an array of ${row.length}, expected ${expected}`;
    },
    number: wanted ? quotedNumber : asIs,
  };
}

function ofRecord(
  record: Record<string, unknown>,
  wanted: readonly string[] | undefined,
  others: readonly string[],
): Features | string {
  const isFeature = (key: string): boolean => typeof record[key] === 'number' && !others.includes(key);
  const names = wanted ?? Object.keys(record).filter(isFeature);
  if (names.length === 0) return 'has no key whose value is a number';
  const absent = names.filter((name) => !Object.hasOwn(record, name));
  if (absent.length > 0)
    return `has no ${listed(absent)}; it has ${listed(Object.keys(record).slice(0, 20))}`;
  return {
    names,
    read: (value) =>
      isRecord(value)
        ? names.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined))
        : 'is not an object',
    number: wanted ? quotedNumber : asIs,
  };
}

/** Those of the features that a sample has no place for; one that is missing its value has. */
function absentFrom({ value, columns }: Sample, names: readonly string[]): readonly string[] {
  const width = Array.isArray(value) ? value.length : Number(typeof value === 'number');
  const named = new Set(columns);
  const has = (name: string): boolean => {
    if (columns !== undefined) return named.has(name);
    if (isRecord(value)) return Object.hasOwn(value, name);
    const place = placeIn(name);
    return place >= 0 && place < width;
  };
  return names.filter((name) => !has(name));
}

/**
 * The features of samples like `first`: the wanted ones, or all that are numbers in it but `others`, which are none.
 * @returns why it has none, where that is so
 * @throws Failure if a wanted feature is not there
 */
export function featuresOf(
  { value, columns }: Sample,
  wanted?: readonly string[],
  others: readonly string[] = [],
): Features | string {
  if (columns !== undefined) return ofCells(value as readonly unknown[], columns, wanted, others);
  if (typeof value === 'number') return ofArray(1, wanted, others);
  if (Array.isArray(value)) return ofArray(value.length, wanted, others);
  if (isRecord(value)) return ofRecord(value, wanted, others);
  return 'is neither a number, an array nor an object';
}

/**
 * The features of a saved state, in samples like `first`; or those of its own where it is of other features: none of
 * them are in it, or not all in a header.
 * @returns why it is not such a sample, where it has some of them: the next one may be
 */
export function knownFeaturesOf(
  first: Sample,
  known: readonly string[],
  others: readonly string[] = [],
): Features | string {
  const absent = absentFrom(first, known);
  if (absent.length === 0) return featuresOf(first, known);
  const isOther = first.columns !== undefined || absent.length === known.length;
  return isOther ? featuresOf(first, undefined, others) : `has no ${listed(absent)}`;
}
