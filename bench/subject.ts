/** What is measured in a process of its own, so that nothing before it has taught the compiler, or filled the heap. */
import type { Line } from './line.js';
import type { Effort } from './side-by-side.js';

export interface LongRun {
  /** Rows of a stream that is long. */
  readonly longRun: number;
}

export interface Subject {
  /** What is done, of what size. */
  readonly name: string;
  /** What a figure is for: a row, a batch. */
  readonly per: string;
  /** Whom it is compared with: also a word to find it by. */
  readonly against: readonly string[];
  /** Node's own options for the process, beside --expose-gc. */
  readonly flags?: readonly string[];
  measure(effort: Effort & LongRun): Promise<Line[]>;
}
