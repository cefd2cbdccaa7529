/** Rows held in order, with their samples and times, until the windows that they belong to have been emitted. */
import { type DType, type FloatArray, zeros } from '../tensor.js';
import { outputOf, type TensorPool } from '../tensor-pool.js';
import { TimeQueue } from './time-queue.js';

/** What a row has been through: it is in a window that was emitted; a window it belongs to had been closed when it came. */
const EMITTED = 1;
const CUT = 2;

const FIRST_ROWS = 16;

export class HeldRows<T> {
  readonly #queue = new TimeQueue<T>();
  readonly #isByTime: boolean;
  readonly #dtype: DType;
  readonly #pool: TensorPool | undefined;
  /** Known from the first row. */
  #columns = 0;
  /** By slot, as are the marks. */
  #values: FloatArray;
  #marks = new Uint8Array(FIRST_ROWS);

  /** @param isByTime whether they are in the order of their times, or as they came */
  constructor(isByTime: boolean, dtype: DType, pool: TensorPool | undefined) {
    this.#isByTime = isByTime;
    this.#dtype = dtype;
    this.#pool = pool;
    this.#values = zeros(dtype, 0);
  }

  get length(): number {
    return this.#queue.length;
  }

  timeAt(place: number): number {
    return this.#queue.timeAt(place);
  }

  /** How many are earlier. */
  before(time: number): number {
    return this.#queue.before(time);
  }

  /** Copies a row to where it belongs: behind those of the same time, or of any. */
  insert(row: FloatArray, sample: T, time: number, isCut: boolean): void {
    const { length } = row;
    const slot = this.#isByTime ? this.#queue.insert(time, sample) : this.#queue.append(time, sample);
    if (this.#columns === 0) this.#room(FIRST_ROWS, length);
    else if (slot === this.#marks.length) this.#room(2 * slot, length);
    const start = slot * length;
    for (let i = 0; i < length; i++) this.#values[start + i] = row[i]!;
    this.#marks[slot] = isCut ? CUT : 0;
  }

  /** Takes the earliest out. */
  shift(): { readonly sample: T; readonly isEmitted: boolean; readonly isCut: boolean } {
    const mark = this.#marks[this.#queue.slotAt(0)]!;
    return { sample: this.#queue.shift(), isEmitted: (mark & EMITTED) > 0, isCut: (mark & CUT) > 0 };
  }

  /** The first of them as a tensor; and how many are in none so far. */
  window(rows: number): {
    data: FloatArray;
    shape: number[];
    samples: T[];
    times: Float64Array;
    fresh: number;
  } {
    const columns = this.#columns;
    const [values, marks, queue] = [this.#values, this.#marks, this.#queue];
    const data = outputOf(this.#dtype, rows * columns, this.#pool);
    const samples = new Array<T>(rows);
    const times = new Float64Array(rows);
    let fresh = 0;
    for (let place = 0; place < rows; place++) {
      const slot = queue.slotAt(place);
      const [from, to] = [slot * columns, place * columns];
      for (let i = 0; i < columns; i++) data[to + i] = values[from + i]!;
      samples[place] = queue.itemAt(place);
      times[place] = queue.timeAt(place);
      if ((marks[slot]! & EMITTED) === 0) fresh++;
      marks[slot]! |= EMITTED;
    }
    return { data, shape: [rows, columns], samples, times, fresh };
  }

  #room(rows: number, columns: number): void {
    const [values, marks] = [zeros(this.#dtype, rows * columns), new Uint8Array(rows)];
    values.set(this.#values);
    if (this.#columns > 0) marks.set(this.#marks);
    [this.#values, this.#marks, this.#columns] = [values, marks, columns];
  }
}
