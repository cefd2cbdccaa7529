/** The lines as text, 120 columns wide. */
import { type Bound, isReached, type Line } from './line.js';
import type { Subject } from './subject.js';

const digits = (value: number): string =>
  value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);

const scaled = (value: number, base: number, units: readonly string[]): string => {
  let at = 0;
  for (; at < units.length - 1 && value >= 0.9995 * base; at++) value /= base;
  return `${Number.isInteger(value) && at === 0 ? value : value.toPrecision(3)} ${units[at]}`;
};
const shown: Record<Line['unit'], (value: number) => string> = {
  seconds: (value) => scaled(value * 1e9, 1000, ['ns', 'µs', 'ms', 's']),
  bytes: (value) => scaled(value, 1000, ['B', 'kB', 'MB', 'GB']),
  count: digits,
};

const bound = ({ atLeast, atMost }: Bound, say: (value: number) => string): string =>
  [atLeast !== undefined && `≥ ${say(atLeast)}`, atMost !== undefined && `≤ ${say(atMost)}`]
    .filter((part) => part !== false)
    .join(', ');

const row = (cells: readonly string[]): string => {
  const [ours, our, theirs, their, ratio, spread, wanted, reached] = cells as [string, ...string[]];
  return [
    `  ${ours.padEnd(24)}`,
    our!.padStart(8),
    `  ${theirs!.padEnd(38)}`,
    their!.padStart(8),
    ratio!.padStart(8),
    spread!.padStart(13),
    wanted!.padStart(8),
    ` ${reached}`,
  ]
    .join(' ')
    .trimEnd();
};

export const heading = [
  'Medians of rounds in which all take turns; the ratio is that of a round, with the quartiles of all rounds.',
  '"2.00 ×": twice as fast as theirs; "÷ 2.00": takes twice theirs (its time, its size).',
  '',
  row(['ours', '', 'theirs', '', 'ratio', 'quartiles', 'wanted', '']),
].join('\n');

export const title = ({ name, per }: Subject): string => `\n${name}: a ${per}`;

export function tableRow(line: Line): string {
  const { ours, theirs, unit, measure, ratio, bound: wanted } = line;
  const say = shown[unit];
  const times = (value: number): string =>
    measure === 'speed' ? `${digits(value)} ×` : `÷ ${digits(value)}`;
  const reached = isReached(line);
  return row([
    ours.name,
    say(ours.value),
    theirs === undefined ? '' : 'absent' in theirs ? `absent: ${theirs.absent}` : theirs.name,
    theirs === undefined || 'absent' in theirs ? '' : say(theirs.value),
    ratio ? times(ratio.median) : '',
    ratio && ratio.low < ratio.high ? `${digits(ratio.low)}–${digits(ratio.high)}` : '',
    wanted ? bound(wanted, theirs === undefined ? say : digits) : '',
    reached === undefined ? '' : reached ? 'reached' : 'MISSED',
  ]);
}
