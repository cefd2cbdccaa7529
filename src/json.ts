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

/** @throws StateError unless `json` is an array of exactly `length` numbers from `least` to `most` */
export function numbersFromJSON(
  where: string,
  json: unknown,
  length: number,
  least: number = -Number.MAX_VALUE,
  most: number = Number.MAX_VALUE,
): Float64Array {
  if (!Array.isArray(json)) throw new StateError(where, `an array of ${length} numbers`, json);
  if (json.length !== length) throw new StateError(`${where}.length`, `${length}`, json.length);
  return Float64Array.from({ length }, (_, i) => {
    const value: unknown = json[i];
    const number = typeof value === 'string' && Object.hasOwn(special, value) ? special[value] : value;
    if (typeof number === 'number' && number >= least && number <= most) return number;
    throw new StateError(`${where}[${i}]`, `a number from ${least} to ${most}`, value);
  });
}

/** A whole number from `least` up, such as a count of channels or batches. @throws StateError */
export function wholeFromJSON(where: string, json: unknown, least: number): number {
  if (Number.isSafeInteger(json) && (json as number) >= least) return json as number;
  throw new StateError(where, `a whole number from ${least} up`, json);
}

/**
 * The saved state of a `kind`, as a record.
 * @throws StateError if it is not an object, or of another kind or version
 */
export function stateOf(kind: string, version: number, json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null) throw new StateError(kind, 'an object', json);
  const state = json as Record<string, unknown>;
  if (state['kind'] !== kind) throw new StateError('kind', `"${kind}"`, state['kind']);
  if (state['version'] !== version) throw new StateError(`${kind}.version`, `${version}`, state['version']);
  return state;
}
