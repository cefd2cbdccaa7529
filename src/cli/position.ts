/**
 * How much of a file has been learned. Rows are counted as they come to be learned, in an order that is the same each time
 * the file is read; minibatches of several keys are not learned in that order, so those that are open are listed.
 */
import { isPlainObject } from '../plain-object.js';
import type { Row } from './intake.js';
import type { RowOptions } from './row-options.js';
import type { Fingerprint } from './sources/fingerprint.js';

/** What decides the features: their names on the command line, the state there was before, or the first row of the file. */
const deciders = ['names', 'state', 'file'] as const;
export type Decider = (typeof deciders)[number];

/** What is saved of it. */
export interface Position {
  readonly file: Fingerprint;
  /** Which rows come, and in which order, depends on these. */
  readonly options: RowOptions;
  /** The same rows come again only where the features are decided as they were. */
  readonly by: Decider;
  /** How many had come, and the last place there was one at. */
  readonly rows: number;
  readonly place: number;
  /** The place up to which all was read, and how many rows were judged then: what was wrong with them has been told. */
  readonly read: number;
  readonly judged: number;
  /** Which of them, counted from 1, were in no minibatch yet. */
  readonly open: readonly number[];
}

/** Where a run starts. */
export type Start = Omit<Position, 'file' | 'options'>;

/** At the beginning of the file. */
export const beginning = (by: Decider): Start => ({ by, rows: 0, place: 0, read: 0, judged: 0, open: [] });

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether saved JSON is one. */
export function isPosition(json: unknown): json is Position {
  const { file, options, by, rows, place, read, judged, open } = Object(json);
  const { path, bytes, sha256, size } = Object(file);
  return (
    isPlainObject(options) &&
    [path, sha256, ...Object.values(options)].every((text) => typeof text === 'string') &&
    [bytes, size, rows, place, read, judged].every(isCount) &&
    deciders.includes(by) &&
    Array.isArray(open) &&
    open.every(isCount)
  );
}

export class Progress {
  readonly #file: Fingerprint;
  readonly #options: RowOptions;
  /** Where the run before was interrupted. */
  readonly #before: Start;
  readonly #openBefore: ReadonlySet<number>;
  readonly #open = new Map<Row, number>();
  #rows = 0;
  #judged = 0;
  #place: number;
  #read: number;

  /** @param before where to go on; by default at the start */
  constructor(file: Fingerprint, options: RowOptions, before: Start = beginning('file')) {
    this.#file = file;
    this.#options = options;
    this.#before = before;
    this.#openBefore = new Set(before.open);
    this.#place = before.place;
    this.#read = before.read;
  }

  /** What is at the place comes to be read. */
  reads(place: number): void {
    this.#read = Math.max(this.#read, place);
  }

  /** The next row comes to be judged. */
  judges(): void {
    this.#judged++;
  }

  /** Whether the run before told what there is to tell: of the row being judged; else of what is at the place. */
  wasTold(place: number, isRow: boolean): boolean {
    return isRow ? this.#judged <= this.#before.judged : place <= this.#before.read;
  }

  /** What is wrong with it ends the run: it is not behind us. */
  stopsAt(place: number, isRow: boolean): void {
    if (isRow) this.#judged--;
    else this.#read = place - 1;
  }

  /** Counts a row. @returns whether it is still to be learned */
  comes(row: Row): boolean {
    const number = ++this.#rows;
    if (number <= this.#before.rows && !this.#openBefore.has(number)) return false;
    this.#open.set(row, number);
    this.#place = Math.max(this.#place, row.place);
    return true;
  }

  /** Whether some that came are not learned yet. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  get by(): Decider {
    return this.#before.by;
  }

  /** The place up to which the run before had come; 0 where there was none. */
  get resumedAt(): number {
    return this.#before.place;
  }

  learned(rows: readonly Row[]): void {
    for (const row of rows) this.#open.delete(row);
  }

  get position(): Position {
    const { by } = this;
    const [file, options, place, read] = [this.#file, this.#options, this.#place, this.#read];
    // Until all that was learned before has come again, what of it was open and is not here yet still is.
    const rows = Math.max(this.#rows, this.#before.rows);
    const awaited = [...this.#openBefore].filter((number) => number > this.#rows);
    const judged = Math.max(this.#judged, this.#before.judged);
    return { file, options, by, rows, place, read, judged, open: [...this.#open.values(), ...awaited] };
  }
}
