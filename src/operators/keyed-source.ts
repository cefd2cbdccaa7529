/** Where the subscriptions of one operator have the normalizers of their keys from, and what all of them did. */
import { Observable } from 'rxjs';
import { OptionError } from '../errors.js';
import { type KeyedStats, KeyTally } from '../keyed/key-tally.js';
import { KeyedNormalizers, worksOf } from '../keyed/keyed-normalizers.js';
import type { KeyedOptions } from '../keyed/keyed-options.js';
import type { KeyedStates } from '../keyed/keyed-states.js';
import { type KeyedWorks, keyedWorks } from '../keyed/keyed-works.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { isNormalizer } from './normalize.js';

/** What gives a subscription its normalizers, and knows what all of them did. */
export interface KeyedSource<N extends Normalizer> {
  begin(): { readonly works: KeyedWorks<N>; readonly isOwn: boolean };
  ended(works: KeyedWorks<N>): void;
  stats(): KeyedStats;
  /** After each change, by whomever. */
  readonly changes: Observable<void>;
  /** There is one. */
  changed(): void;
}

/** @throws OptionError */
export function keyedSource<N extends Normalizer>(
  normalizers: KeyedOptions<N> | KeyedNormalizers<N>,
): KeyedSource<N> {
  if (normalizers instanceof KeyedNormalizers) {
    const works = worksOf(normalizers);
    const { states } = works;
    return {
      begin: () => ({ works, isOwn: false }),
      ended() {},
      ...telling(states.tally, [states]),
    };
  }
  if (isNormalizer(normalizers))
    throw new OptionError(
      'normalizers',
      'options, or KeyedNormalizers (one for all goes with standardize)',
      normalizers,
    );
  const tally = new KeyTally(); // one for all: what comes late, after a subscription has ended, is counted too
  keyedWorks(normalizers, tally); // now: what is wrong with the options
  const options = { ...normalizers };
  const live = new Set<KeyedStates<N>>();
  return {
    begin() {
      const works = keyedWorks(options, tally);
      live.add(works.states);
      return { works, isOwn: true };
    },
    ended({ states }) {
      live.delete(states);
    },
    ...telling(tally, live),
  };
}

function telling<N extends Normalizer>(
  tally: KeyTally,
  live: Iterable<KeyedStates<N>>,
): Pick<KeyedSource<N>, 'stats' | 'changes' | 'changed'> {
  return {
    stats: () => tally.stats(live),
    changes: new Observable((out) => tally.watch(() => out.next())),
    changed: () => tally.changed(),
  };
}
