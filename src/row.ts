/** A row as a caller hands it in: a value per channel, NaN where it is missing. What may be learned of it. */
import { SampleError } from './errors.js';

/** @throws SampleError unless `row` is a list of `channels` values */
export function checkArity(row: ArrayLike<number>, channels: number): void {
  if (typeof row !== 'object' || row === null || row.length !== channels)
    throw new SampleError('EVENKEEL_ARITY', 0, undefined, row, `${channels} numbers`);
}

/** The value of channel i. @throws SampleError unless it is a number, and finite or NaN */
export function valueAt(row: ArrayLike<number>, i: number): number {
  const x: unknown = row[i];
  if (typeof x !== 'number') throw new SampleError('EVENKEEL_NOT_A_NUMBER', 0, i, x);
  if (x === Infinity || x === -Infinity) throw new SampleError('EVENKEEL_NOT_FINITE', 0, i, x);
  return x;
}

/** All of them, each read once: reading may run code of the row's own. @throws SampleError as above */
export function valuesOf(row: ArrayLike<number>, channels: number): Float64Array {
  checkArity(row, channels);
  const values = new Float64Array(channels);
  for (let i = 0; i < channels; i++) values[i] = valueAt(row, i);
  return values;
}
