import { printable } from './display-text.js';
import { counted, duration, plural, rate } from './figures.js';
import type { Status } from './status.js';

/** The line a run ends with: `12,345 rows in 193 batches, 61.2 s, 201 rows/s, 0 dropped, 0 invalid; state saved to FILE`. */
export function summary(
  {
    rows,
    batches,
    seconds,
    dropped,
    invalid,
    counters,
  }: Pick<Status, 'rows' | 'batches' | 'seconds' | 'dropped' | 'invalid' | 'counters'>,
  savedTo?: string,
): string {
  const parts = [
    `${plural(rows, 'row', 'rows')} in ${plural(batches, 'batch', 'batches')}`,
    duration(seconds),
    `${rate(seconds > 0 ? rows / seconds : 0)} rows/s`,
    `${counted(dropped)} dropped`,
    `${counted(invalid)} invalid`,
    ...Array.from(counters, ([counter, count]) => `${counted(count)} ${counter}`),
  ];
  return parts.join(', ') + (savedTo === undefined ? '' : `; state saved to ${printable(savedTo)}`);
}
