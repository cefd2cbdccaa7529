/** Rows of numbers, checked as they come and stored once, where the tensor will have them. */
import { SampleError } from '../errors.js';
import { MOST_CHANNELS } from '../options.js';
import { type DType, type FloatArray, zeros } from '../tensor.js';

/** What is first made room for, in rows as far as they are this narrow. */
const FIRST_VALUES = 1024;

export class RowBuffer {
  /** Rows held. */
  rows = 0;
  /** Values a row; known from the first row, or from the start. */
  #columns: number;
  #data: FloatArray;
  /** Where a row is read before it is stored. */
  #spare: FloatArray | undefined;
  /** Rows offered since the start, held or refused: where an error happened. */
  #offered = 0;
  readonly #size: number;
  readonly #dtype: DType;
  readonly #names: readonly string[] | undefined;
  readonly #keepMissing: boolean;

  /**
   * @param size the most rows it may hold
   * @param columns values a row, where that is known
   */
  constructor(
    size: number,
    dtype: DType,
    names: readonly string[] | undefined,
    keepMissing: boolean,
    columns: number = names?.length ?? 0,
  ) {
    this.#size = size;
    this.#dtype = dtype;
    this.#names = names;
    this.#keepMissing = keepMissing;
    this.#columns = columns;
    this.#data = zeros(dtype, 0);
  }

  /** Counts a sample that has no row. @throws SampleError */
  refuse(value: unknown): never {
    throw new SampleError('EVENKEEL_NOT_A_NUMBER', this.#offered++, undefined, value);
  }

  /**
   * Adds a row.
   * @param sample what the row was taken from, for the error
   * @throws SampleError, with nothing added
   */
  push(row: ArrayLike<unknown>, sample: unknown): void {
    const at = this.#offered++;
    const { length } = row;
    const given = Object(sample) === sample ? row : sample; // a lone number is a row only in here
    this.#checkArity(length, at, given);
    const values = this.#read(row, length, at);
    // Reading may have run code of the row's own, and that may have pushed rows, or seen them taken: only now is it known
    // where this one goes.
    this.#checkArity(length, at, given);
    this.#columns = length;
    this.#store(values);
    this.#spare = values;
  }

  /** The rows so far as `[rows, columns]` data, given away: the buffer starts anew. */
  take(): { data: FloatArray; shape: number[] } {
    const length = this.rows * this.#columns;
    const data = length === this.#data.length ? this.#data : this.#data.slice(0, length);
    const shape = [this.rows, this.#columns];
    this.rows = 0;
    this.#data = zeros(this.#dtype, length);
    return { data, shape };
  }

  #checkArity(length: number, row: number, given: unknown): void {
    const columns = this.#columns;
    if (columns > 0 ? length === columns : length >= 1 && length <= MOST_CHANNELS) return;
    const expected = columns > 0 ? `${columns} values` : `from 1 to ${MOST_CHANNELS} values`;
    throw new SampleError('EVENKEEL_ARITY', row, undefined, given, expected);
  }

  #read(row: ArrayLike<unknown>, length: number, at: number): FloatArray {
    const values = this.#spare?.length === length ? this.#spare : zeros(this.#dtype, length);
    this.#spare = undefined; // taken while in use
    for (let i = 0; i < length; i++) {
      const value = row[i];
      values[i] = typeof value === 'number' ? value : Number.NaN;
      if (!Number.isFinite(values[i])) this.#checkMissing(value, at, i); // as stored: float32 ends at 3.4e38
    }
    return values;
  }

  #store(values: FloatArray): void {
    const { length } = values;
    const offset = this.rows * length;
    if (offset + length > this.#data.length) this.#grow(length);
    const data = this.#data;
    for (let i = 0; i < length; i++) data[offset + i] = values[i]!;
    this.rows++;
  }

  #checkMissing(value: unknown, row: number, column: number): void {
    const feature = this.#names?.[column] ?? column;
    if (value === null || value === undefined || Number.isNaN(value)) {
      if (this.#keepMissing) return;
      throw new SampleError('EVENKEEL_MISSING', row, feature, value);
    }
    const code = typeof value === 'number' ? 'EVENKEEL_NOT_FINITE' : 'EVENKEEL_NOT_A_NUMBER';
    throw new SampleError(code, row, feature, value);
  }

  /** Doubles, up to the size: a batch that time will close may be far smaller than its bound. */
  #grow(columns: number): void {
    const rows = Math.min(this.#size, Math.max(Math.ceil(FIRST_VALUES / columns), 2 * this.rows));
    const grown = zeros(this.#dtype, rows * columns);
    grown.set(this.#data.subarray(0, this.rows * columns));
    this.#data = grown;
  }
}
