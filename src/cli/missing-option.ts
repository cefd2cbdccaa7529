/** `--on-missing`: what becomes of a value that is missing. */
import { type ByFeature, parseByFeature } from './by-feature.js';
import { parseDuration } from './durations.js';

/** `skip`: the row is counted and left out; `last`: the last value, no older than so many ms. */
export type OnMissing = 'error' | 'skip' | 'keep' | 'mean' | { readonly last: number };

const words: readonly string[] = ['error', 'skip', 'keep', 'mean'] satisfies OnMissing[];

/** Whether it is told by the clock what becomes of a value. */
export const goesByAge = (policy: OnMissing | undefined): boolean =>
  typeof policy === 'object' && policy.last < Number.POSITIVE_INFINITY;

function policy(text: string): OnMissing {
  if (words.includes(text)) return text as Exclude<OnMissing, object>;
  const [, age] = /^last(?::(.+))?$/.exec(text) ?? [text, ''];
  const last = age === undefined ? Number.POSITIVE_INFINITY : parseDuration(age);
  if (!(last > 0))
    throw new RangeError('error, skip, keep, mean, last or last:1h, or such as wind=last:1h,temp=mean');
  return { last };
}

/** @throws RangeError that says what it must be */
export function parseOnMissing(text: string): ByFeature<OnMissing> {
  const parsed = parseByFeature(text, policy);
  if (parsed) return parsed;
  throw new RangeError('one policy a feature');
}

/** The same policies, be it that the default is given for some. */
export function withoutDefault(by: ByFeature<OnMissing> | undefined): ByFeature<OnMissing> | undefined {
  if (by?.others !== 'error') return by;
  return by.features.size > 0 ? { features: by.features } : undefined;
}

/** Whether there is a value that is made of others. */
export const fillsIn = (by: ByFeature<OnMissing> | undefined): boolean =>
  by !== undefined &&
  [by.others, ...by.features.values()].some((how) => how === 'mean' || typeof how === 'object');
