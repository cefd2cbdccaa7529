/**
 * How much of a file has been learned. Rows are counted as they come to be learned, in an order that is the same each time
 * the file is read; minibatches of several keys are not learned in that order, so those that are open are listed.
 */
import { isPlainObject } from '../plain-object.js';
import type { Row } from './intake.js';
import type { RowOptions } from './row-options.js';
import type { Fingerprint } from './sources/fingerprint.js';

/** What is saved of it. */
export interface Position {
  readonly file: Fingerprint;
  /** Which rows come, and in which order, depends on these. */
  readonly options: RowOptions;
  /** How many had come, and the last place there was one at. */
  readonly rows: number;
  readonly place: number;
  /** Which of them, counted from 1, were in no minibatch yet. */
  readonly open: readonly number[];
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether saved JSON is one. */
export function isPosition(json: unknown): json is Position {
  const { file, options, rows, place, open } = Object(json);
  const { path, bytes, sha256, size } = Object(file);
  return (
    isPlainObject(options) &&
    [path, sha256, ...Object.values(options)].every((text) => typeof text === 'string') &&
    [bytes, size, rows, place].every(isCount) &&
    Array.isArray(open) &&
    open.every(isCount)
  );
}

export class Progress {
  readonly #file: Fingerprint;
  readonly #options: RowOptions;
  /** Where the run before was interrupted. */
  readonly #before: Pick<Position, 'rows' | 'place'>;
  readonly #openBefore: ReadonlySet<number>;
  readonly #open = new Map<Row, number>();
  #rows = 0;
  #place: number;

  /** @param before where to go on; by default at the start */
  constructor(
    file: Fingerprint,
    options: RowOptions,
    before: Pick<Position, 'rows' | 'place' | 'open'> = { rows: 0, place: 0, open: [] },
  ) {
    this.#file = file;
    this.#options = options;
    this.#before = before;
    this.#openBefore = new Set(before.open);
    this.#place = before.place;
  }

  /** Counts a row. @returns whether it is still to be learned */
  comes(row: Row): boolean {
    const number = ++this.#rows;
    if (number <= this.#before.rows && !this.#openBefore.has(number)) return false;
    this.#open.set(row, number);
    this.#place = Math.max(this.#place, row.place);
    return true;
  }

  /** Whether what comes to be learned came in the run before: there is a row behind it that did. */
  get isRepeating(): boolean {
    return this.#rows < this.#before.rows;
  }

  /** The place up to which the run before had come; 0 where there was none. */
  get resumedAt(): number {
    return this.#before.place;
  }

  learned(rows: readonly Row[]): void {
    for (const row of rows) this.#open.delete(row);
  }

  get position(): Position {
    const [file, options, place] = [this.#file, this.#options, this.#place];
    // Until all that was learned before has come again, what of it was open and is not here yet still is.
    const rows = Math.max(this.#rows, this.#before.rows);
    const awaited = [...this.#openBefore].filter((number) => number > this.#rows);
    return { file, options, rows, place, open: [...this.#open.values(), ...awaited] };
  }
}
