/**
 * The contract of a mergeable statistic: a commutative monoid, up to rounding. The empty statistic is the identity,
 * and merging the statistics of the parts gives the statistic of the whole, whatever the parts.
 */
import type { Tensor } from '../tensor.js';

export interface Statistic<Self> {
  readonly channels: number;
  /** Grows with whatever changes the statistic: what was made of it holds for as long as this stays. Not saved. */
  readonly revision: number;
  /** One sample: a value per channel, and when it was (ms), for those that go by time. */
  update(row: ArrayLike<number>, weight?: number, time?: number): void;
  /** All samples of a tensor `[N, C, …positions]`, with its `times`; with `'error'` a missing value is refused. */
  updateBatch(x: Tensor, missing?: 'skip' | 'error'): void;
  /** Another statistic of the same channels. It is left as it was. */
  merge(other: Self): void;
  clone(): Self;
  /** Plain JSON; the kind's `fromJSON` continues from it bit for bit. */
  toJSON(): unknown;
}
