/** A row as a caller hands it in: a value per channel, NaN where it is missing. What may be learned of it. */
import { SampleError } from './errors.js';

const none = new Float64Array(0);

/** Where rows are read: one for all, as wide as the last one. */
let spare: Float64Array = none;

const isFloat64Array = (row: unknown): row is Float64Array =>
  ArrayBuffer.isView(row) && (row as Float64Array)[Symbol.toStringTag] === 'Float64Array';

/**
 * The values of a row, each read once, as reading may run code of the row's own; a Float64Array is its own values. Not to be
 * written to, and good until the next row is read.
 *
 * @throws SampleError unless they are as many as there are channels, and each is a number, finite or NaN
 */
export function valuesOf(row: ArrayLike<number>, channels: number): Float64Array {
  if (typeof row !== 'object' || row === null || row.length !== channels)
    throw new SampleError('EVENKEEL_ARITY', 0, undefined, row, `${channels} numbers`);
  if (isFloat64Array(row)) {
    for (let i = 0; i < channels; i++) if (!(Math.abs(row[i]!) < Infinity)) checkValue(row[i], i);
    return row;
  }
  const values = spare.length === channels ? spare : new Float64Array(channels);
  spare = none; // not to be had while a row's own code may run, which may read another row
  for (let i = 0; i < channels; i++) {
    const value: unknown = row[i];
    values[i] = typeof value === 'number' && Math.abs(value) < Infinity ? value : checkValue(value, i);
  }
  spare = values;
  return values;
}

function checkValue(value: unknown, i: number): number {
  if (typeof value !== 'number') throw new SampleError('EVENKEEL_NOT_A_NUMBER', 0, i, value);
  if (Math.abs(value) === Infinity) throw new SampleError('EVENKEEL_NOT_FINITE', 0, i, value);
  return value;
}
