/** An iterable through operators, as an iterator that asks the source only when it is asked. */
import type { Watched } from '../operators/watched.js';
import { Drain } from './drain.js';
import { Feeds, type Source } from './feeds.js';
import { type Staged, unstaged } from './staged.js';
import { Account, type WaitingOptions, type WaitingStats, waitingOptions } from './waiting.js';

/**
 * What operators make of an iterable's items, with back-pressure: the source is asked for its next item only when whoever
 * iterates waits and nothing that was emitted does. So it is never more than one item ahead, at any length and pace. What
 * operators emit by time (`maxWaitMs`) arrives while the source is being waited for.
 *
 * What comes of one item waits as a whole, however much it is. What operators emit otherwise, by time, waits up to
 * `maxWaiting`. What they take in without emitting (an RxJS `concatMap` of promises) they keep themselves: await in the loop
 * instead, or before.
 *
 * Leaving the loop (`return()`) unsubscribes and calls the source's `return()`, at once and once; an async generator heeds it
 * when what it awaits has settled, which is not waited for. Nothing is opened before the first `next()`. Errors of the
 * source go through the operators; errors of either come after all that was emitted.
 *
 * @param source an iterable, or an async one: an array, an async generator, a Node stream, …; each subscription opens it
 * @param staged up to eight operators, and behind them options
 * @throws OptionError at once
 * @returns an iterator with `stats`; its errors are those of the source and of the operators, and OverflowError. Who leaves while
 *   an item is on its way does not wait for the source's `return()`: an error of that is an unhandled rejection
 * @example
 * import { batchNorm, iterate, minibatch } from 'evenkeel';
 * async function* sensor() {
 *   for (let t = 20; ; t += 2) yield { t };
 * }
 * for await (const batch of iterate(sensor(), minibatch({ size: 2, features: ['t'] }), batchNorm({ eps: 0 }))) {
 *   console.log(batch.samples, batch.data);
 *   if (batch.samples[0]!.t > 20) break;
 * }
 * // [ { t: 20 }, { t: 22 } ] Float32Array(2) [ -1, 1 ]
 * // [ { t: 24 }, { t: 26 } ] Float32Array(2) [ -1, 1 ]
 */
export function iterate<T, A = T, B = A, C = B, D = C, E = D, F = E, G = F, H = G>(
  source: Source<T>,
  ...staged: Staged<T, A, B, C, D, E, F, G, H, WaitingOptions>
): AsyncIterableIterator<H, undefined> & Watched<WaitingStats> {
  const { through, options } = unstaged<T, H, WaitingOptions>(staged);
  const settled = waitingOptions(options);
  const account = new Account();
  const feeds: Feeds<T> = new Feeds(source, () => drain.isWanted);
  const drain: Drain<H> = new Drain(through(feeds.items), settled, account, feeds);
  return account.watch.on(drain);
}
