/** An Observable, to be iterated. */
import { isObservable, type Observable } from 'rxjs';
import { OptionError } from '../errors.js';
import type { Watched } from '../operators/watched.js';
import { Drain } from './drain.js';
import { Account, type WaitingOptions, type WaitingStats, waitingOptions } from './waiting.js';

/**
 * An Observable's values, for `for await`. An Observable does not wait: what it emits while the loop is busy is queued, up to
 * `maxWaiting`, and `overflow` says what becomes of the rest; `stats` counts it. (What can be asked, `iterate` asks.)
 *
 * Each loop is a subscription of its own, from its first `next()` on; leaving it unsubscribes.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an iterable whose errors are the Observable's, and OverflowError; each after what still waited
 * @example
 * import { of } from 'rxjs';
 * import { toAsyncIterable } from 'evenkeel';
 * const latest = toAsyncIterable(of(1, 2, 3, 4), { maxWaiting: 1, overflow: 'drop-oldest' });
 * for await (const x of latest) console.log(x); // 1
 * // 4
 * console.log(latest.stats.dropped); // 2
 */
export function toAsyncIterable<T>(
  observable: Observable<T>,
  options: WaitingOptions = {},
): AsyncIterable<T, undefined> & Watched<WaitingStats> {
  if (!isObservable(observable)) throw new OptionError('observable', 'an Observable', observable);
  const settled = waitingOptions(options);
  const account = new Account();
  return account.watch.on({
    [Symbol.asyncIterator]: () => new Drain(observable, settled, account),
  });
}
