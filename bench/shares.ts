/** Where the time of a contender goes, sampled: to which file's code, or what else ran. */
import { type Profiler, Session } from 'node:inspector/promises';
import type { Contender } from './contender.js';
import type { Figure } from './line.js';

/** Microseconds from one look at what runs to the next. */
const INTERVAL = 100;
/** What has less of the whole is not told by name. */
const LEAST = 0.02;

/** For the process: without it code that was compiled into other code counts as that. */
export const flagsForShares: readonly string[] = ['--detailed-line-info'];

/**
 * @param times as many as take long beside INTERVAL, by a contender that is warm
 * @returns parts of 1, the largest first, to which they add up; none where nothing was seen to run
 */
export async function sharesOf(contender: Contender, times: number): Promise<Figure[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  await session.post('Profiler.start');
  await contender.run(times);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return shared(profile.nodes);
}

/** @param nodes what ran, and how often it was seen to */
export function shared(nodes: readonly Pick<Profiler.ProfileNode, 'callFrame' | 'hitCount'>[]): Figure[] {
  const hits = new Map<string, number>();
  let all = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    const place = placeOf(callFrame);
    hits.set(place, (hits.get(place) ?? 0) + hitCount);
    all += hitCount;
  }
  if (all === 0) return [];
  const shares = [...hits].map(([name, count]): Figure => ({ name, value: count / all }));
  const named = shares.filter(({ value }) => value >= LEAST).sort((a, b) => b.value - a.value);
  const rest = 1 - named.reduce((sum, { value }) => sum + value, 0);
  return rest > 0 ? [...named, { name: `what has less than ${100 * LEAST}% each`, value: rest }] : named;
}

/** A file of the library, a package, or what else there is. */
export function placeOf({
  functionName,
  url,
}: Pick<Profiler.ProfileNode['callFrame'], 'functionName' | 'url'>): string {
  if (url.startsWith('wasm:')) return 'the SIMD module';
  const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? /\/dist\/(.+)\.js$/.exec(url) ?? [];
  if (name) return name;
  if (functionName === '(garbage collector)') return 'collecting garbage';
  return url.startsWith('file:') ? 'the bench' : 'the engine and the system';
}
