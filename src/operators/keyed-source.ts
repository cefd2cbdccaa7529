/** Where the subscriptions of one operator have the normalizers of their keys from, and what all of them did. */
import { OptionError } from '../errors.js';
import { KeyedNormalizers } from '../keyed/keyed-normalizers.js';
import type { KeyedOptions } from '../keyed/keyed-options.js';
import type { KeyedStats } from '../keyed/keyed-states.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { isNormalizer } from './normalize.js';

/** What gives a subscription its normalizers, and knows what all of them did. */
export interface KeyedSource<N extends Normalizer> {
  begin(): { readonly keyed: KeyedNormalizers<N>; readonly isOwn: boolean };
  ended(keyed: KeyedNormalizers<N>): void;
  readonly stats: KeyedStats;
}

/** @throws OptionError */
export function keyedSource<N extends Normalizer>(
  normalizers: KeyedOptions<N> | KeyedNormalizers<N>,
): KeyedSource<N> {
  if (normalizers instanceof KeyedNormalizers) {
    const begun = { keyed: normalizers, isOwn: false };
    return {
      begin: () => begun,
      ended() {},
      get stats() {
        return normalizers.stats;
      },
    };
  }
  if (isNormalizer(normalizers))
    throw new OptionError(
      'normalizers',
      'options, or KeyedNormalizers (one for all goes with standardize)',
      normalizers,
    );
  const first = new KeyedNormalizers(normalizers); // now: what is wrong with the options
  const options = { ...normalizers };
  const live = new Set<KeyedNormalizers<N>>();
  let past = first.stats;
  return {
    begin() {
      const keyed = new KeyedNormalizers(options);
      live.add(keyed);
      return { keyed, isOwn: true };
    },
    ended(keyed) {
      live.delete(keyed);
      const { stats } = keyed; // what still waits will be left out
      past = sum(past, { ...stats, keys: 0, waiting: 0, dropped: stats.dropped + stats.waiting });
    },
    get stats() {
      return [...live].reduce((all, { stats }) => sum(all, stats), past);
    },
  };
}

function sum(a: KeyedStats, b: KeyedStats): KeyedStats {
  const names = Object.keys(a) as (keyof KeyedStats)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as KeyedStats;
}
