/** The lines as text, 120 columns wide. */
import { isReached, type Line } from './line.js';
import type { Subject } from './subject.js';

/** Three digits, or as many as there are before the point. */
const digits = (value: number): string =>
  value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);

/** In the unit that has up to three digits before the point. */
function inUnits(value: number, [unit, ...larger]: readonly [string, ...string[]]): string {
  const [next, ...rest] = larger;
  if (next !== undefined && value >= 999.5) return inUnits(value / 1000, [next, ...rest]);
  return `${digits(value)} ${unit}`;
}

const shown: Record<Line['unit'], (value: number) => string> = {
  seconds: (value) => inUnits(value * 1e9, ['ns', 'µs', 'ms', 's']),
  bytes: (value) => inUnits(value, ['B', 'kB', 'MB', 'GB']),
};

/** Of the columns; negative where text starts at the left. */
const widths = [-23, 7, -37, 7, 10, 11, 7, -7];

const row = (...cells: string[]): string =>
  ['', ...cells.map((cell, i) => (widths[i]! < 0 ? cell.padEnd(-widths[i]!) : cell.padStart(widths[i]!)))]
    .join(' ')
    .trimEnd();

export const heading: string = [
  'Medians of rounds in which all take turns; a ratio is that of a round, with the quartiles of all rounds.',
  '"2.00 ×": twice as fast as theirs. "2.00 of it": takes twice the time, or is twice the size, of theirs.',
  '',
  row('ours', '', 'theirs', '', 'ratio', 'quartiles', 'wanted', ''),
].join('\n');

export const title = ({ name, per }: Pick<Subject, 'name' | 'per'>): string => `\n${name}: a ${per}`;

/** A line; below it where our time goes, if that was asked for. */
export function tableRow(line: Line): string {
  const { ours, theirs, unit, measure, ratio, bound } = line;
  const figure = shown[unit];
  const other = theirs && 'absent' in theirs ? undefined : theirs;
  const spread = ratio && ratio.low < ratio.high ? `${digits(ratio.low)}–${digits(ratio.high)}` : '';
  const wanted = [['≥', bound?.atLeast] as const, ['≤', bound?.atMost] as const]
    .filter(([, value]) => value !== undefined)
    .map(([sign, value]) => `${sign} ${theirs ? value : figure(value!).replace('.0 ', ' ')}`);
  const reached = isReached(line);
  const told = row(
    ours.name,
    figure(ours.value),
    theirs && 'absent' in theirs ? `absent: ${theirs.absent}` : (other?.name ?? ''),
    other ? figure(other.value) : '',
    ratio ? `${digits(ratio.median)} ${measure === 'speed' ? '×' : 'of it'}` : '',
    spread,
    wanted.join(', '),
    reached === undefined ? '' : reached ? 'reached' : 'MISSED',
  );
  const parts = (line.shares ?? []).map(({ name, value }) =>
    row('', figure(value * ours.value), `${(100 * value).toFixed(0).padStart(2)}% ${name}`),
  );
  return [told, ...parts].join('\n');
}
