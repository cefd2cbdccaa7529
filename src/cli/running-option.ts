/** `--running`: how the running statistics are kept, as one writes it on a command line. */
import { checkRunningMode, type RunningMode } from '../running/running-mode.js';

const names = { momentum: 'momentum', 'half-life': 'halfLifeRows' } as const;

/**
 * `pooled`, `average`, `momentum=0.1` or `half-life=1000`.
 * @throws OptionError for a number out of range; RangeError for anything else
 */
export function parseRunning(text: string): RunningMode {
  if (text === 'pooled' || text === 'average') return text;
  const [, name, value] = /^(momentum|half-life)=(\d*\.?\d+(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
  if (name === undefined) throw new RangeError('pooled, average, momentum=0.1 or half-life=1000');
  return checkRunningMode({
    [names[name.toLowerCase() as keyof typeof names]]: Number(value),
  } as RunningMode);
}

/** The text that `parseRunning` reads. */
export function showRunning(running: RunningMode): string {
  if (typeof running === 'string') return running;
  if ('momentum' in running) return `momentum=${running.momentum}`;
  return 'halfLifeRows' in running ? `half-life=${running.halfLifeRows}` : JSON.stringify(running);
}
