/** Windows of event time, `[start, end)`, and which of the rows held belong to them. Those that end first are closed first. */

/** The rows held, in the order of their times. */
export interface RowTimes {
  readonly length: number;
  timeAt(place: number): number;
  /** How many are earlier. */
  before(time: number): number;
}

export interface EventWindow {
  readonly start: number;
  readonly end: number;
  /** How many of the rows held, from the first, are in it. */
  readonly rows: number;
  /** How many of these are in no later one. */
  readonly last: number;
}

/** Where the windows that end by `passed` are closed. */
export interface EventWindows {
  /** How many of the windows a row of this time belongs to are still open; `'in none'`: there are no such windows. */
  open(time: number, passed: number): 'all' | 'some' | 'none' | 'in none';
  /** A row of this time is held from now on. */
  add(time: number): void;
  /** When the earliest window with a row in it ends; Infinity, where no row is held. */
  firstEnd(rows: RowTimes, passed: number): number;
  /** When all the windows of the earliest row have ended; Infinity, where no row is held. */
  freeAt(rows: RowTimes): number;
  /** When all windows with rows in them have ended. */
  lastEnd(rows: RowTimes): number;
  /** Closes the earliest window with a row in it. */
  close(rows: RowTimes, passed: number): EventWindow;
  /** The earliest row is about to be let go of, though its windows are not closed. */
  drop(rows: RowTimes): void;
}
