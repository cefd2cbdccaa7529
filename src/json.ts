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

/** @throws StateError unless `json` is an array of exactly `length` numbers */
export function numbersFromJSON(where: string, json: unknown, length: number): Float64Array {
  if (!Array.isArray(json)) throw new StateError(where, `an array of ${length} numbers`, json);
  if (json.length !== length) throw new StateError(`${where}.length`, `${length}`, json.length);
  return Float64Array.from({ length }, (_, i) => {
    const value: unknown = json[i];
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && Object.hasOwn(special, value)) return special[value]!;
    throw new StateError(`${where}[${i}]`, 'a number', value);
  });
}

/** A whole number from 0 up, such as a count of batches. @throws StateError */
export function countFromJSON(where: string, json: unknown): number {
  if (!Number.isSafeInteger(json) || (json as number) < 0)
    throw new StateError(where, 'a whole number', json);
  return json as number;
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
