/** What a run has come to: the numbers that the table, the progress line and the summary show. */

/** Rates are of about the last few seconds. */
const WINDOW_MS = 3000;

/** What is counted only where it is asked for: rows too late, or of a time to come, values missing, rows put aside, keys forgotten. */
export type Counter = 'late' | 'ahead' | 'missing' | 'quarantined' | 'forgotten';

export class Status {
  rows = 0;
  batches = 0;
  invalid = 0;
  /** Those that apply, in the order in which they are shown. */
  readonly counters: Map<Counter, number> = new Map();
  readonly #started = performance.now();
  readonly #dropped: () => number;
  #marks: { at: number; rows: number }[] = [];

  /** @param dropped how many samples or tensors found no taker in time */
  constructor(dropped: () => number) {
    this.#dropped = dropped;
  }

  get dropped(): number {
    return this.#dropped();
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** From now on these are shown, be there nothing to count yet. */
  show(counters: readonly Counter[]): void {
    for (const counter of counters) this.count(counter, 0);
  }

  count(counter: Counter, many = 1): void {
    this.counters.set(counter, (this.counters.get(counter) ?? 0) + many);
  }

  batch(rows: number): void {
    this.rows += rows;
    this.batches++;
  }

  /** Rows a second just now; ask about as often as it is shown. */
  currentRate(arrived: number): number {
    const at = performance.now();
    this.#marks.push({ at, rows: arrived });
    while (this.#marks.length > 2 && this.#marks[0]!.at < at - WINDOW_MS) this.#marks.shift();
    const { at: from, rows } = this.#marks[0]!;
    return at > from ? ((arrived - rows) / (at - from)) * 1000 : 0;
  }
}
