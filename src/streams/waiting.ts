/** How much may wait between who emits and who asks, what gives way beyond that, and what is counted of it. */
import { Watch } from '../operators/watched.js';
import { knownOptions, oneOf, positiveInteger } from '../options.js';

export interface WaitingOptions {
  /** Values that may wait to be asked for; 1024. */
  readonly maxWaiting?: number;
  /**
   * What becomes of one more: an error, after those that wait (`'error'`, the default), or it takes the place of the oldest,
   * or it is dropped itself.
   */
  readonly overflow?: 'error' | 'drop-oldest' | 'drop-newest';
}

/** Values so far: at every moment emitted = delivered + dropped + waiting. */
export interface WaitingStats {
  readonly emitted: number;
  readonly delivered: number;
  /** For want of room, or because they still waited when it was cancelled. */
  readonly dropped: number;
  readonly waiting: number;
}

/** @throws OptionError */
export function waitingOptions(options: WaitingOptions): Required<WaitingOptions> {
  const { maxWaiting = 1024, overflow = 'error' } = knownOptions('options', options, [
    'maxWaiting',
    'overflow',
  ]);
  return {
    maxWaiting: positiveInteger('maxWaiting', maxWaiting),
    overflow: oneOf('overflow', overflow, ['error', 'drop-oldest', 'drop-newest']),
  };
}

/** What is counted, of one drain or of several. */
export class Account {
  emitted = 0;
  delivered = 0;
  dropped = 0;
  readonly watch: Watch<WaitingStats> = new Watch(() => this.stats);

  get stats(): WaitingStats {
    const { emitted, delivered, dropped } = this;
    return { emitted, delivered, dropped, waiting: emitted - delivered - dropped };
  }
}
