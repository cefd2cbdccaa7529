/** A value of a sample that is found by its name, as that of a feature is, but is none: its time, its key. */
import { exitCodes, Failure } from './exit-codes.js';
import { counted } from './figures.js';
import { commasHint } from './sources/csv.js';
import type { Sample } from './sources/source.js';

/** What the sample has there; undefined where it has nothing. */
export type Field = (sample: Sample) => unknown;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listed = (names: readonly string[]): string =>
  names.map((name) => JSON.stringify(name)).join(', ');

const MOST_LISTED = 20;

/** As many names as fit into a line. */
export function shortList(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return listed(names.slice(0, MOST_LISTED)) + (more > 0 ? ` and ${counted(more)} more` : '');
}

/** How a value of an array is named: f0, f1, … */
export const placeIn = (name: string): number => (/^f\d+$/.test(name) ? Number(name.slice(1)) : -1);

/** Why a name is none of a sample's. */
export const noSuch = (name: string, names: readonly string[]): string =>
  `there is no ${listed([name])}; there is ${listed(names)}${commasHint(names)}`;

function columnOf(option: string, name: string, columns: readonly string[]): number {
  const index = columns.indexOf(name);
  if (index >= 0 && columns.indexOf(name, index + 1) < 0) return index;
  const why = index < 0 ? noSuch(name, columns) : `there are two columns named ${listed([name])}`;
  throw new Failure(exitCodes.badArguments, `${option}: ${why}`);
}

/**
 * @param option that names it
 * @returns what throws a Failure where a header has no such column, or two
 */
export function fieldOf(option: string, name: string): Field {
  const place = placeIn(name);
  let header: readonly string[] | undefined;
  let index = -1;
  return ({ value, columns }) => {
    if (columns !== undefined) {
      if (columns !== header) index = columnOf(option, name, columns);
      header = columns;
      return (value as readonly unknown[])[index];
    }
    if (isRecord(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
    return Array.isArray(value) ? value[place] : undefined;
  };
}
