/** What a checkpoint says beside the state: that it is one, of which version and features, and how far the source was. */
import { OptionError, StateError } from '../errors.js';
import { stateOf } from '../json.js';
import { isPlainObject } from '../plain-object.js';

const KIND = 'evenkeel checkpoint';
const VERSION = 1;

export interface Envelope {
  /** The names of what was learned from, where they were given. */
  readonly features: readonly string[] | undefined;
  /** Of the last item that is in the state. */
  readonly position: unknown;
  /** Whatever has a `toJSON`; read back, plain JSON. */
  readonly state: unknown;
}

export function sealed({ features, position, state }: Envelope): string {
  return JSON.stringify({ kind: KIND, version: VERSION, features, position, state });
}

/** @throws StateError if it is of another kind or version, or damaged */
export function unsealed(json: unknown): Envelope {
  const { features, position, state } = stateOf(KIND, VERSION, json);
  if (features !== undefined && !areNames(features))
    throw new StateError('features', 'an array of names', features);
  return { features, position, state };
}

/** @throws StateError if it is of other features than these, or of another order of them */
export function checkFeatures({ features }: Envelope, expected: readonly string[]): void {
  if (features?.length === expected.length && features.every((name, i) => name === expected[i])) return;
  const [mine, saved] = [expected, features].map((names) => names && JSON.stringify(names));
  throw new StateError('features', `${mine}`, saved);
}

const areNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** @throws OptionError unless they are names; a copy of them */
export function checkNames(features: readonly string[] | undefined): readonly string[] | undefined {
  if (features === undefined) return undefined;
  if (!areNames(features)) throw new OptionError('features', 'an array of names', features);
  return [...features];
}

/** A copy of what JSON gives back as it is. @throws OptionError at anything else: nothing is to become another on the way */
export function jsonCopy(where: string, value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return value;
  if (Array.isArray(value)) return value.map((item, i) => jsonCopy(`${where}[${i}]`, item));
  if (isPlainObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, jsonCopy(`${where}.${key}`, item)]),
    );
  throw new OptionError(where, 'a JSON value', value);
}
