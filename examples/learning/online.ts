/** Online: places come one by one, and every minibatch of them is learned from once, as it comes. */
import { minibatch } from 'evenkeel';
import { from, map, type Observable, takeWhile } from 'rxjs';
import type { Judgement } from './cross-entropy.js';
import type { Network } from './network.js';
import type { Place } from './zip-codes.js';

/**
 * Subscribing trains the network; what comes out is how it did on each batch, before it learned from it. It ends where the
 * loss is no number any more.
 * @param rate the learning rate of a step
 */
export function learn(
  network: Network,
  places: readonly Place[],
  size: number,
  rate: (step: number) => number,
): Observable<Judgement> {
  return from(places).pipe(
    minibatch({ size, features: ({ at }) => at, partial: 'drop' }),
    map((batch, step) => network.learn(batch, rate(step))),
    takeWhile(({ loss }) => Number.isFinite(loss)),
  );
}
