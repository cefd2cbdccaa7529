/** Live data from a clock that is wrong: what is further ahead of now than may be. */
import type { SchedulerLike } from 'rxjs';
import { OptionError } from '../errors.js';
import { numberBetween, optionalFunction } from '../options.js';

export interface AheadOptions {
  /** For live data: how far (ms) a time may be ahead of the scheduler's. One further ahead is a wrong clock's. By default any may be. */
  readonly maxAheadMs?: number;
}

/** The greatest time that may be, by now: asked before a sample is read, as the scheduler is another's. @throws OptionError */
export function aheadOf(
  { maxAheadMs, onAhead }: AheadOptions & { readonly onAhead?: unknown },
  scheduler: SchedulerLike,
): () => number {
  optionalFunction('onAhead', onAhead);
  if (maxAheadMs === undefined) {
    if (onAhead !== undefined) throw new OptionError('maxAheadMs', 'given where onAhead is', maxAheadMs);
    return () => Infinity;
  }
  numberBetween('maxAheadMs', maxAheadMs, 0, Number.MAX_VALUE);
  return () => scheduler.now() + maxAheadMs;
}
