/**
 * Rows of numbers, checked as they come and written once, where the tensor will have them.
 *
 * Reading a row may run code of the row's own (an accessor, a proxy), and that may push rows, or see them taken: whoever
 * comes while a row is being read leaves the storage to its reader and goes on with another, and the reader, once done,
 * finds that out and moves its row to where it belongs now. A row that is refused leaves nothing.
 */
import { SampleError, type SampleErrorCode } from '../errors.js';
import { MOST_CHANNELS } from '../options.js';
import type { DType, FloatArray } from '../tensor.js';
import { outputOf, type TensorPool } from '../tensor-pool.js';

/** What is first made room for, in rows as far as they are this narrow. */
const FIRST_VALUES = 1024;

/** What no magnitude may come to: float64's own end, or what rounds to an infinity in float32. */
const ENDS = { float64: Infinity, float32: 2 ** 128 - 2 ** 103 } as const;

/** No room. */
const NONE = { float64: new Float64Array(0), float32: new Float32Array(0) } as const;

export class RowBuffer {
  /** Rows held. */
  rows = 0;
  /** Of the row added last: its number among those offered. */
  last = -1;
  /** Values a row; known from the first row, or from the start. */
  #columns: number;
  /** The rows held, and room for more. */
  #data: FloatArray;
  /** Whether a row is being read into that room. */
  #reading = false;
  /** Rows of the last batch that filled its storage: the next one is likely to. */
  #likely = 0;
  /** Since the start: where an error happened. */
  #offered = 0;
  readonly #size: number;
  readonly #dtype: DType;
  readonly #end: number;
  readonly #names: readonly string[];
  readonly #keepMissing: boolean;
  readonly #keepInfinite: boolean;
  readonly #pool: TensorPool | undefined;

  /**
   * @param size the most rows it may hold
   * @param names of the values, where they are known
   * @param columns values a row, where that is known
   * @param pool where what is taken comes from
   * @param keepInfinite whether infinities are let in too
   */
  constructor(
    size: number,
    dtype: DType,
    names: readonly string[] | undefined,
    keepMissing: boolean,
    columns: number = names?.length ?? 0,
    pool?: TensorPool,
    keepInfinite = false,
  ) {
    this.#size = size;
    this.#dtype = dtype;
    this.#end = ENDS[dtype];
    this.#names = names ?? [];
    this.#keepMissing = keepMissing;
    this.#keepInfinite = keepInfinite;
    this.#columns = columns;
    this.#pool = pool;
    this.#data = NONE[dtype];
  }

  /** Counts a sample that has no row, and tells so; by default because it is none. */
  refuse(value: unknown, code: SampleErrorCode = 'EVENKEEL_NOT_A_NUMBER', feature?: string): SampleError {
    return new SampleError(code, this.#offered++, feature, value);
  }

  /** Rows to come have so many values, as is known from elsewhere; none is held. */
  expect(columns: number): void {
    this.#columns = columns;
  }

  /** Adds a row of values that another has taken in. */
  add(row: FloatArray): void {
    const data = this.#room(row.length);
    data.set(row, this.rows * row.length);
    this.#keep(data, 0, row.length, 0, row);
  }

  /** Adds a row; or tells what is wrong with it, nothing being added. */
  push(row: ArrayLike<unknown>): SampleError | undefined {
    const at = this.#offered++;
    const { length } = row;
    if (!this.#fits(length)) return this.#misfit(at, row);
    const data = this.#room(length);
    const start = this.rows * length;
    for (let i = 0; i < length; i++) {
      const value = row[i];
      if (!this.#put(data, start + i, value)) return this.#fault(at, i, value);
    }
    return this.#keep(data, start, length, at, row);
  }

  /** The same of the values that an object has by the names. */
  pushNamed(sample: object): SampleError | undefined {
    const at = this.#offered++;
    const names = this.#names;
    const { length } = names;
    const data = this.#room(length);
    const start = this.rows * length;
    const from = sample as Record<string, unknown>;
    let i = 0;
    let value: unknown;
    // A property that is named where the program runs is looked up anew each time, unless the place in the code has seen one
    // name only: so each of a row's first names has a place of its own. (Code made for the names would be as fast, but pages
    // forbid making code.)
    for (;;) {
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
      value = from[names[i]!];
      if (!this.#put(data, start + i, value)) break;
      if (++i === length) return this.#keep(data, start, length, at, sample);
    }
    return this.#fault(at, i, value);
  }

  /** The same of a value that is a row of its own. */
  pushValue(value: unknown): SampleError | undefined {
    const at = this.#offered++;
    if (!this.#fits(1)) return this.#misfit(at, value);
    const data = this.#room(1);
    if (!this.#put(data, this.rows, value)) return this.#fault(at, 0, value);
    return this.#keep(data, this.rows, 1, at, value);
  }

  /** The rows so far as `[rows, columns]` data, given away: the buffer starts anew. */
  take(): { data: FloatArray; shape: number[] } {
    const length = this.rows * this.#columns;
    const shape = [this.rows, this.#columns];
    let data = this.#data;
    if (length === data.length) this.#likely = this.rows;
    else {
      data = outputOf(this.#dtype, length, this.#pool);
      data.set(this.#data.subarray(0, length));
    }
    if (data === this.#data || this.#reading) this.#data = NONE[this.#dtype];
    this.#reading = false;
    this.rows = 0;
    return { data, shape };
  }

  /** The values of the rows so far, lent until the next is pushed: the buffer starts anew. */
  lend(): FloatArray {
    const length = this.rows * this.#columns;
    this.rows = 0;
    return length === this.#data.length ? this.#data : this.#data.subarray(0, length);
  }

  /** The last of the rows, where they are: it is behind them that rows are written from now on, or elsewhere. */
  latest(rows: number): FloatArray {
    const end = this.rows * this.#columns;
    return this.#data.subarray(end - rows * this.#columns, end);
  }

  /** Goes on elsewhere, with a copy of the last of the rows: where they were nothing is written any more. */
  moveOn(rows: number): void {
    const kept = this.latest(rows);
    this.#data = outputOf(this.#dtype, this.#data.length, this.#pool);
    this.#data.set(kept);
    this.rows = rows;
  }

  #fits(length: number): boolean {
    return this.#columns > 0 ? length === this.#columns : length >= 1 && length <= MOST_CHANNELS;
  }

  /** Where to read the next row: behind those held. */
  #room(columns: number): FloatArray {
    if (this.#reading || (this.rows + 1) * columns > this.#data.length) this.#move(columns);
    this.#reading = true;
    return this.#data;
  }

  /** To other storage, of twice the rows, up to the size: a batch that time will close may be far smaller than its bound. */
  #move(columns: number): void {
    const rows =
      this.rows < this.#likely
        ? this.#likely
        : Math.min(this.#size, Math.max(Math.ceil(FIRST_VALUES / columns), 2 * this.rows));
    const data = outputOf(this.#dtype, rows * columns, this.#pool);
    if (this.rows > 0) data.set(this.#data.subarray(0, this.rows * columns));
    this.#data = data;
  }

  /** Counts in a row that was read at `start`. */
  #keep(data: FloatArray, start: number, length: number, at: number, row: unknown): SampleError | undefined {
    if (data !== this.#data) {
      if (!this.#fits(length)) return this.#misfit(at, row);
      const room = this.#room(length);
      for (let i = 0; i < length; i++) room[this.rows * length + i] = data[start + i]!;
    }
    this.#reading = false;
    this.#columns = length;
    this.last = at;
    this.rows++;
    return undefined;
  }

  /** Writes a value where the row has it, unless it must not be there. */
  #put(data: FloatArray, at: number, value: unknown): boolean {
    if (typeof value === 'number' && Math.abs(value) < this.#end) {
      data[at] = value;
      return true;
    }
    const isInfinite = value === Infinity || value === -Infinity;
    data[at] = isInfinite ? value : Number.NaN;
    return isInfinite ? this.#keepInfinite : this.#keepMissing && isMissing(value);
  }

  #fault(row: number, column: number, value: unknown): SampleError {
    this.#reading = false;
    const feature = this.#names[column] ?? column;
    if (isMissing(value)) return new SampleError('EVENKEEL_MISSING', row, feature, value);
    const code = typeof value === 'number' ? 'EVENKEEL_NOT_FINITE' : 'EVENKEEL_NOT_A_NUMBER';
    return new SampleError(code, row, feature, value);
  }

  #misfit(row: number, value: unknown): SampleError {
    const columns = this.#columns;
    const expected = columns > 0 ? `${columns} values` : `from 1 to ${MOST_CHANNELS} values`;
    return new SampleError('EVENKEEL_ARITY', row, undefined, value, expected);
  }
}

const isMissing = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);
