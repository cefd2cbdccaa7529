/** Live data from a clock that is wrong: what is further ahead of now than may be. */
import type { SchedulerLike } from 'rxjs';
import { OptionError } from '../errors.js';
import { numberBetween, optionalFunction } from '../options.js';

export interface AheadOptions {
  /** For live data: how far (ms) a time may be ahead of the scheduler's. One further ahead is a wrong clock's. By default any may be. */
  readonly maxAheadMs?: number;
}

/** Whether a time is too far ahead of now. @throws OptionError */
export function aheadOf(
  { maxAheadMs, onAhead }: AheadOptions & { readonly onAhead?: unknown },
  scheduler: SchedulerLike,
): (time: number) => boolean {
  optionalFunction('onAhead', onAhead);
  if (maxAheadMs === undefined) {
    if (onAhead !== undefined) throw new OptionError('maxAheadMs', 'given where onAhead is', maxAheadMs);
    return () => false;
  }
  numberBetween('maxAheadMs', maxAheadMs, 0, Number.MAX_VALUE);
  return (time) => time > scheduler.now() + maxAheadMs;
}
