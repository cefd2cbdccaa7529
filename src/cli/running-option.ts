/** `--running`: how the running statistics are kept, as one writes it on a command line. */
import { checkRunningMode, type RunningMode } from '../running/running-mode.js';
import { hasUnit, parseDuration, showDuration } from './durations.js';

/** Each way that has a number: of rows, or of event time where it may have a unit. */
const ways: Readonly<Record<string, { readonly rows: string; readonly ms?: string }>> = {
  momentum: { rows: 'momentum' },
  'half-life': { rows: 'halfLifeRows', ms: 'halfLifeMs' },
  window: { rows: 'windowRows', ms: 'windowMs' },
};

/**
 * `pooled`, `average`, `momentum=0.1`, `half-life=1000` (rows) or `half-life=5m`, `window=64` or `window=1h`.
 * @throws OptionError for a number out of range; RangeError for anything else
 */
export function parseRunning(text: string): RunningMode {
  if (text === 'pooled' || text === 'average') return text;
  const [, name = '', value = ''] = /^([a-z-]+)=(.*)$/i.exec(text) ?? [];
  const way = ways[name.toLowerCase()];
  if (way?.ms !== undefined && hasUnit(value))
    return checkRunningMode({ [way.ms]: parseDuration(value) } as unknown as RunningMode);
  if (way !== undefined && /^\d*\.?\d+(e[+-]?\d+)?$/i.test(value))
    return checkRunningMode({ [way.rows]: Number(value) } as unknown as RunningMode);
  throw new RangeError(
    'pooled, average, momentum=0.1, half-life=1000, half-life=5m, window=1000 or window=5m',
  );
}

/** The text that `parseRunning` reads. */
export function showRunning(running: RunningMode): string {
  if (typeof running === 'string') return running;
  const [[key, value]] = Object.entries(running) as [[string, number]];
  const [name, { ms }] = Object.entries(ways).find(([, { rows, ms }]) => key === rows || key === ms)!;
  return `${name}=${key === ms ? showDuration(value) : value}`;
}

/** Whether rows are to say when they happened. */
export function goesByTime(running: RunningMode | undefined): boolean {
  return typeof running === 'object' && ('halfLifeMs' in running || 'windowMs' in running);
}
