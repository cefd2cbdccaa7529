/**
 * How often drift and changes are found where there are none, and how soon where there are: of Gaussian rows of sd 1, by
 * simulation with fixed seeds. Run: npm run bench:drift
 */
import { Adwin, changePoints, drift, PageHinkley } from 'evenkeel';
import { map, Observable, type OperatorFunction } from 'rxjs';
import { gaussian } from '../test/oracle/hard-data.js';

const [steady, streams, before, after] = [500_000, 20, 2100, 1500];

/** Whether something is found, row by row. */
type Finder = OperatorFunction<number, boolean>;
const drifts = (size: number): Finder => {
  const find = drift<number>({ reference: { rows: 1000 }, size });
  return (rows) =>
    rows.pipe(
      find,
      map((x) => x.drift.raised.length > 0),
    );
};
const finders: Record<string, Finder> = {
  'drift, size 64': drifts(64),
  'drift, size 256': drifts(256),
  'drift, size 1024': drifts(1024),
  Adwin: (rows) =>
    rows.pipe(
      changePoints<number>(() => new Adwin()),
      map((x) => x.changes.length > 0),
    ),
  'PageHinkley, delta 0.25, threshold 25, alpha 1': (rows) =>
    rows.pipe(
      changePoints<number>(() => new PageHinkley({ delta: 0.25, threshold: 25, alpha: 1 })),
      map((x) => x.changes.length > 0),
    ),
  'PageHinkley, as river has it': (rows) =>
    rows.pipe(
      changePoints<number>(() => new PageHinkley()),
      map((x) => x.changes.length > 0),
    ),
};
const changes: Record<string, (x: number) => number> = {
  'mean + 0.5 sd': (x) => x + 0.5,
  'mean + 1 sd': (x) => x + 1,
  'mean + 2 sd': (x) => x + 2,
  'variance × 4': (x) => 2 * x,
};

/** The rows with which something is found, counted from 0. */
function found(finder: Finder, n: number, seed: number, value: (x: number, row: number) => number): number[] {
  const rows$ = new Observable<number>((out) => {
    const noise = gaussian(seed);
    for (let row = 0; row < n; row++) out.next(value(noise(), row));
  });
  const rows: number[] = [];
  let row = 0;
  rows$.pipe(finder).subscribe((isFound) => {
    if (isFound) rows.push(row);
    row++;
  });
  return rows;
}

const cells = Object.entries(finders).map(([name, finder]) => {
  const alarms = found(finder, steady, 1, (x) => x).length;
  const delays = Object.values(changes).map((change) => {
    const all = Array.from({ length: streams }, (_, seed) => {
      const rows = found(finder, before + after, seed + 2, (x, row) => (row < before ? x : change(x)));
      return (rows.find((row) => row >= before) ?? Infinity) - before + 1;
    }).sort((a, b) => a - b);
    const missed = all.filter((delay) => delay === Infinity).length;
    const median = all[streams / 2]!;
    return `${median === Infinity ? '-' : median}${missed > 0 ? ` (${missed} missed)` : ''}`;
  });
  return [name, `${alarms}`, ...delays];
});
const titles = ['', `alarms in ${steady} steady rows`, ...Object.keys(changes)];
console.log(
  `Rows until found, the median of ${streams} streams; missed: not within ${after} rows, of ${streams}.\n`,
);
for (const line of [titles, ...cells])
  console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(47) : cell.padStart(i === 1 ? 32 : 22))).join(''));
