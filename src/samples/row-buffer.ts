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
  /** Rows offered since the start, held or refused: where an error happened. */
  #offered = 0;
  readonly #size: number;
  readonly #dtype: DType;
  readonly #names: readonly string[] | undefined;
  readonly #keepMissing: boolean;

  /** @param size the most rows it may hold */
  constructor(size: number, dtype: DType, names: readonly string[] | undefined, keepMissing: boolean) {
    this.#size = size;
    this.#dtype = dtype;
    this.#names = names;
    this.#keepMissing = keepMissing;
    this.#columns = names?.length ?? 0;
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
    const columns = this.#columns || row.length;
    if (row.length !== columns || columns < 1 || columns > MOST_CHANNELS) {
      const value = Object(sample) === sample ? row : sample; // a lone number is a row only in here
      const expected = this.#columns > 0 ? `${columns} values` : `from 1 to ${MOST_CHANNELS} values`;
      throw new SampleError('EVENKEEL_ARITY', at, undefined, value, expected);
    }
    let offset = this.rows * columns;
    if (offset + columns > this.#data.length) this.#grow(columns);
    const data = this.#data;
    for (let i = 0; i < columns; i++) {
      const value = row[i];
      data[offset] = typeof value === 'number' ? value : Number.NaN;
      if (!Number.isFinite(data[offset])) this.#checkMissing(value, at, i); // as stored: float32 ends at 3.4e38
      offset++;
    }
    this.#columns = columns;
    this.rows++;
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
