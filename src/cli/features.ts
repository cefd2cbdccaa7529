/** Which numbers of a sample are used, decided by the first one: their names, and where they are. */
import { exitCodes, Failure } from './exit-codes.js';
import { isRecord, listed, noSuch, placeIn, shortList } from './field.js';
import { cellNumber, commasHint } from './sources/csv.js';
import type { Sample } from './sources/source.js';

export interface Features {
  readonly names: readonly string[];
  /** What is none, unless it is named, by what its first value has against it: that may be otherwise in the next. */
  readonly leftOut: readonly LeftOut[];
  /** What the sample has for each feature, as it came; or why it is not such a sample. */
  read(value: unknown): readonly unknown[] | string;
  /** What was read for a feature as the number it stands for, where it stands for one. */
  number(read: unknown, feature: number): unknown;
}

export interface LeftOut {
  /** What a list of names follows: `no value of`. */
  readonly why: string;
  readonly names: readonly string[];
}

/** For people. */
export const leftOutLine = ({ why, names }: LeftOut): string =>
  `${why} ${shortList(names)}: left out, unless named with --features, --on-missing or --limits`;

/** What of a sample is to be its features. */
export interface Asked {
  /** These, in this order; by default those that are numbers in the first sample. */
  readonly wanted?: readonly string[] | undefined;
  /** These among them, be it that the first value is missing: options name them. */
  readonly named?: readonly string[] | undefined;
  /** These not, unless they are wanted. */
  readonly others?: readonly string[] | undefined;
}

/** Of JSON: a text is what it would be in a cell where the feature was named, as that is meant to be numbers. */
function numberOf(names: readonly string[], { wanted, named = [] }: Asked): Features['number'] {
  if (wanted) return cellNumber;
  const inQuotes = names.map((name) => named.includes(name));
  return (read, feature) => (inQuotes[feature] ? cellNumber(read) : read);
}

/**
 * Those whose first value is a number, or is named and would be one in a cell, or is missing; and those left out where an
 * option that names them would have made them one.
 */
function chosen(
  names: readonly string[],
  first: (name: string, index: number) => unknown,
  { named = [], others = [] }: Asked,
): { readonly numeric: readonly string[]; readonly leftOut: readonly LeftOut[] } {
  const isNamed = new Set(named);
  const numeric: string[] = [];
  const [missing, quoted] = [new Set<string>(), new Set<string>()];
  names.forEach((name, index) => {
    if (others.includes(name)) return;
    const value = first(name, index);
    const number = cellNumber(value ?? '');
    const couldBe = typeof number === 'number';
    if (typeof value === 'number' || (couldBe && isNamed.has(name))) numeric.push(name);
    else if (couldBe && name !== '') (Number.isNaN(number) ? missing : quoted).add(name); // no option could name ''
  });
  const leftOut = [
    { why: 'no value of', names: [...missing] },
    { why: 'numbers in quotes of', names: [...quoted] },
  ];
  return { numeric, leftOut: leftOut.filter(({ names }) => names.length > 0) };
}

/** Where the wanted names are among those there are. */
function indicesOf(wanted: readonly string[], names: readonly string[]): number[] {
  const places = new Map(names.map((name, index) => [name, index]));
  return wanted.map((name) => {
    const index = places.get(name);
    if (index !== undefined) return index;
    throw new Failure(exitCodes.badArguments, `--features: ${noSuch(name, names)}`);
  });
}

function ofCells(cells: readonly unknown[], columns: readonly string[], asked: Asked): Features | string {
  const { wanted } = asked;
  const first = (_name: string, i: number): unknown => (cells[i] === '' ? '' : cellNumber(cells[i]));
  const { numeric, leftOut } = chosen(columns, first, asked);
  const names = wanted ?? numeric;
  if (names.length === 0) return `has no number in any column${commasHint(columns)}`;
  const last = new Map(columns.map((name, index) => [name, index]));
  const repeated = new Set(columns.filter((name, index) => last.get(name) !== index));
  const twice = names.find((name) => repeated.has(name));
  if (twice !== undefined) return `has two columns named ${listed([twice])}`;
  const indices = indicesOf(names, columns);
  return {
    names,
    leftOut: wanted ? [] : leftOut,
    read: (value) => indices.map((i) => (value as readonly unknown[])[i]),
    number: cellNumber,
  };
}

function ofArray(width: number, asked: Asked): Features | string {
  const { wanted, others = [] } = asked;
  if (width === 0) return 'is an empty array';
  const all = Array.from({ length: width }, (_, i) => `f${i}`);
  const names = wanted ?? all.filter((name) => !others.includes(name));
  if (names.length === 0) return 'has no number for a feature';
  const indices = indicesOf(names, all);
  const expected = `an array of ${width} numbers`;
  return {
    names,
    leftOut: [],
    read: (value) => {
      const row = typeof value === 'number' ? [value] : value;
      if (!Array.isArray(row)) return `is not ${expected}`;
      return row.length === width
        ? indices.map((i) => row[i])
        : `is an array of ${row.length}, expected ${expected}`;
    },
    number: numberOf(names, asked),
  };
}

function ofRecord(record: Record<string, unknown>, asked: Asked): Features | string {
  const { wanted, named = [], others = [] } = asked;
  const keys = Object.keys(record);
  const { numeric, leftOut } = chosen(keys, (name) => record[name], asked);
  const isAbsent = (name: string): boolean => !Object.hasOwn(record, name);
  const names = wanted ?? [...numeric, ...named.filter((name) => isAbsent(name) && !others.includes(name))];
  if (names.length === 0)
    return `has no key whose value is a number${leftOut.map((some) => `; ${leftOutLine(some)}`).join('')}`;
  const absent = names.filter(isAbsent);
  if (absent.length > 0) return `has no ${listed(absent)}; it has ${listed(keys.slice(0, 20))}`;
  return {
    names,
    leftOut: wanted ? [] : leftOut,
    read: (value) =>
      isRecord(value)
        ? names.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined))
        : 'is not an object',
    number: numberOf(names, asked),
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
 * The features of samples like `first`.
 * @returns why it has none, where that is so
 * @throws Failure if a wanted feature is not there
 */
export function featuresOf({ value, columns }: Sample, asked: Asked = {}): Features | string {
  if (columns !== undefined) return ofCells(value as readonly unknown[], columns, asked);
  if (typeof value === 'number') return ofArray(1, asked);
  if (Array.isArray(value)) return ofArray(value.length, asked);
  if (isRecord(value)) return ofRecord(value, asked);
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
  asked: Asked = {},
): Features | string {
  const absent = absentFrom(first, known);
  if (absent.length === 0) return featuresOf(first, { wanted: known });
  const isOther = first.columns !== undefined || absent.length === known.length;
  return isOther ? featuresOf(first, asked) : `has no ${listed(absent)}`;
}
