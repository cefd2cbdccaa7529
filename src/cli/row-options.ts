/** Which options decide which rows come, and in which order, as one writes them on a command line. */
import type { Arguments } from './arguments.js';
import type { ByFeature } from './by-feature.js';
import { showDuration } from './durations.js';
import { showTimestamp } from './event-time.js';
import { mostKeys } from './learned.js';
import type { Limits } from './limits-option.js';
import { fillsIn, type OnMissing, withoutDefault } from './missing-option.js';

/** Of each that was given, its value. */
export type RowOptions = Readonly<Record<string, string>>;

function showByFeature<V>({ others, features }: ByFeature<V>, show: (setting: V) => string): string {
  const each = [...features].sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = each.map(([name, setting]) => `${name}=${show(setting)}`);
  return [...(others === undefined ? [] : [show(others)]), ...parts].join(',');
}

const showLimits = (limits: Limits): string =>
  limits.map((end) => (Number.isFinite(end) ? `${end}` : '')).join('..');

function showOnMissing(how: OnMissing): string {
  if (typeof how === 'string') return how;
  return how.last === Infinity ? 'last' : `last:${showDuration(how.last)}`;
}

/** What differs where the values do. (The features are the state's.) */
export function rowOptionsOf(args: Arguments): RowOptions {
  const { timestamp, lateness, maxAhead, limits, key } = args;
  const onMissing = withoutDefault(args.onMissing);
  const given = {
    '--timestamp': timestamp && showTimestamp(timestamp),
    '--lateness': lateness === undefined ? undefined : showDuration(lateness),
    '--max-ahead': maxAhead === undefined ? undefined : showDuration(maxAhead),
    '--on-missing': onMissing && showByFeature(onMissing, showOnMissing),
    '--limits': limits && showByFeature(limits, showLimits),
    '--key': key,
    // Which have what to fill in with.
    '--max-keys': key !== undefined && fillsIn(onMissing) ? `${mostKeys(args)}` : undefined,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** `with --lateness 5s, not 1m`: each that is not as it was; none where all are. */
export function differences(was: RowOptions, is: RowOptions): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => was[name] !== is[name])
    .map((name) => {
      if (was[name] === undefined) return `without ${name}, not with ${name} ${is[name]}`;
      return `with ${name} ${was[name]}, not ${is[name] ?? `without ${name}`}`;
    });
}
