/** What every sink of normalized batches is, wherever they go. */
import type { BatchNorm } from '../../normalizers/batch-norm.js';
import type { Drift } from '../../operators/drift.js';
import type { Moments } from '../../stats/moments.js';
import type { Tensor } from '../../tensor.js';
import type { Row } from '../intake.js';
import type { Learned } from '../learned.js';

/** Bytes that may wait for a reader who is behind, where the source cannot. */
export const MOST_WAITING: number = 2 ** 24;

/** One minibatch, normalized. */
export interface Step {
  /** Of this run, from 1. */
  readonly number: number;
  readonly normalized: Tensor & {
    readonly samples: readonly Row[];
    readonly moments?: Moments;
    readonly drift?: Drift;
  };
  /** Whose rows they are, where they are told apart. */
  readonly key?: string | undefined;
  /** Rows of it that came too late to be learned, and were normalized all the same. */
  readonly late: number;
  /** What they were normalized by; undefined where nothing is known of the key. */
  readonly normalizer: BatchNorm | undefined;
  /** With what was learned up to and with this minibatch. */
  readonly learned: Learned;
}

export interface Sink {
  step(step: Step): void;
  /** Undefined where there is room for more; else it resolves once there is. */
  ready?(): Promise<void> | undefined;
  /** What is to be known of it just now, such as that nobody reads. */
  status?(): string | undefined;
  /** What a reader was too slow for: lines, or messages. */
  dropped?(): number;
  /**
   * Lets what was given reach its readers.
   * @param whole whether the input ended by itself: nothing more is to come, for good
   */
  close(whole: boolean): Promise<void>;
}
