/**
 * State as JSON that comes back bit for bit. JSON has no NaN, no infinities and no negative zero: they travel as strings.
 * Finite numbers are exact already: the shortest decimal that reads back as the same float64 is what JSON writes.
 */
import { StateError } from './errors.js';

export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity' | '-0';

const special: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  '-0': -0,
};

const encode = (x: number): JsonNumber =>
  Object.is(x, -0) ? '-0' : Number.isFinite(x) ? x : (String(x) as JsonNumber);

export function numbersToJSON(values: Float64Array): JsonNumber[] {
  return Array.from(values, encode);
}

/** Which numbers an array may hold. */
export interface Range {
  readonly expected: string;
  holds(x: number): boolean;
}
export const anyNumber: Range = { expected: 'a number', holds: () => true };
export const finite: Range = { expected: 'a finite number', holds: Number.isFinite };
export const fromZero: Range = {
  expected: 'a finite number from 0 up',
  holds: (x) => x >= 0 && x < Infinity,
};
export const wholeFromZero: Range = {
  expected: 'a whole number from 0 up',
  holds: (x) => Number.isSafeInteger(x) && x >= 0,
};
export const fromZeroToInfinity: Range = { expected: 'a number from 0 up', holds: (x) => x >= 0 };

/** @throws StateError unless `json` is an array of exactly `length` numbers within range */
export function numbersFromJSON(where: string, json: unknown, length: number, range: Range): Float64Array {
  if (!Array.isArray(json)) throw new StateError(where, `an array of ${length} numbers`, json);
  if (json.length !== length) throw new StateError(`${where}.length`, `${length}`, json.length);
  return Float64Array.from({ length }, (_, i) => {
    const value: unknown = json[i];
    const number = typeof value === 'string' && Object.hasOwn(special, value) ? special[value] : value;
    if (typeof number === 'number' && range.holds(number)) return number;
    throw new StateError(`${where}[${i}]`, range.expected, value);
  });
}

/**
 * A number of each channel, one of the planes that follow each other in an array: its name, and what it may hold; `'low'`:
 * what the plane before it leaves over.
 */
export type Plane = readonly [name: string, range: Range | 'low'];

export function planesToJSON(planes: readonly Plane[], state: Float64Array): object {
  const c = state.length / planes.length;
  return Object.fromEntries(
    planes.map(([name], plane) => [name, numbersToJSON(state.subarray(plane * c, (plane + 1) * c))]),
  );
}

/** Whether a second word may stand below the first. */
const fitsBelow = (low: number, high: number): boolean =>
  low === 0 || (Math.abs(low) <= Math.abs(high) * Number.EPSILON && Math.abs(high) < Infinity);

/** @returns the planes in one array. @throws StateError naming the plane and the place in it that cannot be */
export function planesFromJSON(
  kind: string,
  planes: readonly Plane[],
  state: Record<string, unknown>,
  channels: number,
): Float64Array {
  const arrays: Float64Array[] = [];
  for (const [name, range] of planes) {
    const high = arrays.at(-1);
    const where = `${kind}.${name}`;
    const values = numbersFromJSON(where, state[name], channels, range === 'low' ? finite : range);
    if (range === 'low') {
      const at = values.findIndex((low, i) => !fitsBelow(low, high![i]!));
      if (at >= 0) throw new StateError(`${where}[${at}]`, `less than ${high![at]} can hold`, values[at]);
    }
    arrays.push(values);
  }
  const all = new Float64Array(planes.length * channels); // only now: there are as many numbers as are claimed
  arrays.forEach((values, plane) => {
    all.set(values, plane * channels);
  });
  return all;
}

/** A whole number from `least` up, such as a count of channels or batches. @throws StateError */
export function wholeFromJSON(where: string, json: unknown, least: number): number {
  if (Number.isSafeInteger(json) && (json as number) >= least) return json as number;
  throw new StateError(where, `a whole number from ${least} up`, json);
}

/**
 * The saved state of a `kind`, as a record of its own properties: what it inherits was not saved.
 * @throws StateError if it is not an object, or of another kind or version
 */
export function stateOf(kind: string, version: number, json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null) throw new StateError(kind, 'an object', json);
  const state: Record<string, unknown> = Object.assign(Object.create(null), json);
  const other = (where: string, expected: string, value: unknown): StateError =>
    new StateError(where, expected, value, undefined, true);
  if (state['kind'] !== kind) throw other('kind', `"${kind}"`, state['kind']);
  if (state['version'] !== version) throw other(`${kind}.version`, `${version}`, state['version']);
  return state;
}
