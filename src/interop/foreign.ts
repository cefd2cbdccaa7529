/** Reading what others wrote, writing what they read: every check throws a FormatError that names the place. */
import { FormatError } from '../errors.js';
import { MOST_CHANNELS } from '../options.js';
import { isPlainObject } from '../plain-object.js';
import { type DType, type FloatArray, zeros } from '../tensor.js';

/** An array of any rank (shape `[]`: a single number), row-major: a `Tensor`, or what others have for one. */
export interface ForeignArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** An array written for others. */
export interface WrittenArray extends ForeignArray {
  readonly data: FloatArray;
}

/** A typed array by its name, so of any realm. */
export const isA = <T extends ArrayBufferView>(kind: string, value: unknown): value is T =>
  ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === kind;

/** A plain object with no keys but these. */
export function recordOf<K extends string>(
  where: string,
  value: unknown,
  keys: readonly K[],
): Partial<Record<K, unknown>> {
  if (!isPlainObject(value)) throw new FormatError(where, 'a plain object', value);
  for (const key of Object.keys(value)) {
    if (!keys.includes(key as K))
      throw new FormatError(`${where}.${key}`, `one of ${keys.join(', ')}`, value[key]);
  }
  return Object.assign(Object.create(null), value);
}

/** One of these values; the first where there is none. */
export function choiceOf<T>(where: string, value: unknown, choices: readonly [T, ...T[]]): T {
  if (value === undefined) return choices[0];
  if (choices.includes(value as T)) return value as T;
  throw new FormatError(where, choices.map(String).join(' or '), value);
}

/** One of these names. */
export function nameOf<K extends string>(where: string, value: unknown, names: readonly K[]): K {
  if (names.includes(value as K)) return value as K;
  throw new FormatError(where, `one of ${names.join(', ')}`, value);
}

/** A finite number from `least` to `most`; `standard` where there is none. */
export function numberOf(
  where: string,
  value: unknown,
  standard: number | undefined,
  least: number = 0,
  most: number = Infinity,
): number {
  const given = value === undefined ? standard : value;
  if (typeof given === 'number' && given >= least && given <= most && Number.isFinite(given)) return given;
  throw new FormatError(
    where,
    `a finite number ${most < Infinity ? `from ${least} to ${most}` : `from ${least} up`}`,
    given,
  );
}

/** A whole number from `least` up. */
export function wholeOf(where: string, value: unknown, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw new FormatError(where, `a whole number from ${least} up`, value);
}

/** Sizes of axes, one or more, of no more values than a norm has parameters. */
export function sizesOf(where: string, value: unknown): readonly number[] {
  const sizes: unknown = typeof value === 'number' ? [value] : value;
  if (!Array.isArray(sizes) || sizes.length === 0)
    throw new FormatError(where, 'the sizes of one axis or more', value);
  const checked = sizes.map((size, i) => wholeOf(`${where}[${i}]`, size, 1));
  if (product(checked) <= MOST_CHANNELS) return checked;
  throw new FormatError(where, `of at most ${MOST_CHANNELS} values`, sizes);
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The data of an array, which has to be as much as its shape says: nothing is made of that size before. */
function dataOf(where: string, array: unknown, length: number): ArrayLike<unknown> {
  const { data } = Object(array) as { data: unknown };
  if (!Array.isArray(data) && !(ArrayBuffer.isView(data) && 'length' in data))
    throw new FormatError(`${where}.data`, 'an array of numbers', data);
  const given = data as ArrayLike<unknown>;
  if (given.length !== length) throw new FormatError(`${where}.data.length`, `${length}`, given.length);
  return given;
}

/** The shape of an array, whatever it is; of `rank` axes, where that is given. */
export function shapeOf(where: string, array: unknown, rank?: number): readonly number[] {
  const shape = sizesOf(`${where}.shape`, (Object(array) as { shape: unknown }).shape);
  if (rank !== undefined && shape.length !== rank)
    throw new FormatError(`${where}.shape`, `of ${rank} axes`, shape);
  dataOf(where, array, product(shape));
  return shape;
}

/** The finite numbers of an array of that shape, as float64; none below `least`. */
export function valuesOf(
  where: string,
  array: unknown,
  shape: readonly number[],
  least: number = -Infinity,
): Float64Array {
  const { shape: given } = Object(array) as { shape: unknown };
  const same =
    Array.isArray(given) && given.length === shape.length && shape.every((size, i) => size === given[i]);
  if (!same) throw new FormatError(`${where}.shape`, `[${shape.join(', ')}]`, given);
  const data = dataOf(where, array, product(shape));
  const expected = least === -Infinity ? 'a finite number' : `a finite number from ${least} up`;
  return Float64Array.from({ length: data.length }, (_, i) => {
    const value = data[i];
    if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
    throw new FormatError(`${where}[${i}]`, expected, value);
  });
}

/** Copies numbers out, in the wanted type, which has to hold them. */
export function written(
  where: string,
  values: Float64Array,
  shape: readonly number[],
  dtype: DType,
): WrittenArray {
  const data = zeros(dtype, values.length);
  data.set(values);
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new FormatError(`${where}[${at}]`, `a finite ${dtype}`, values[at]);
  return { data, shape: [...shape] };
}
