/** The live table, as text: a pure function of what is to be shown and of the room there is. */
import stringWidth from 'string-width';
import { cell, shortened } from './display-text.js';
import { bytes, counted, duration, figure, plural, rate } from './figures.js';
import { sparkline } from './sparkline.js';

export interface FeatureLine {
  readonly name: string;
  /** The latest values, the newest last. */
  readonly recent: readonly number[];
  readonly runningMean: number;
  readonly runningSd: number;
  /** Of the last batch, after normalization; NaN before there is one. */
  readonly batchMean: number;
  readonly batchSd: number;
}

export interface TableState {
  readonly source: string;
  /** What is to be known of the source and the sinks just now. */
  readonly states: readonly string[];
  /** Of a file. */
  readonly progress?: { readonly read: number; readonly size: number | undefined } | undefined;
  readonly evaluating: boolean;
  readonly seconds: number;
  readonly rows: number;
  readonly batches: number;
  readonly rowsPerSecond: number;
  readonly dropped: number;
  readonly invalid: number;
  /** What else is counted, by its name. */
  readonly counters: ReadonlyMap<string, number>;
  readonly features: readonly FeatureLine[];
}

const NUMBER = 10;
const NARROW = 7;
const GAP = '  ';
const LEAST_SPARK = 6;
const MOST_SPARK = 32;
const SHORTEST_NAME = 10;
const LONGEST_NAME = 24;

/** `41% of 1.2 MiB`, or what has been read where the size is not known. */
export function progressText({ read, size }: NonNullable<TableState['progress']>): string {
  if (size === undefined) return bytes(read);
  return `${size > 0 ? Math.floor((100 * Math.min(read, size)) / size) : 100}% of ${bytes(size)}`;
}

interface Columns {
  readonly name: number;
  readonly spark: number;
  /** Pairs of statistics: running and normalized, running, or none. */
  readonly pairs: 2 | 1 | 0;
}

/**
 * The sparklines have what names and numbers leave. Where that is too little: no sparklines, then shorter names, then
 * fewer numbers.
 */
function columnsFor(features: readonly FeatureLine[], width: number): Columns {
  const longest = Math.max(7, ...features.map(({ name }) => stringWidth(shortened(name, LONGEST_NAME))));
  const least = Math.min(longest, SHORTEST_NAME);
  const numbers = [NUMBER, 3 * NUMBER + 2 * GAP.length, 3 * NUMBER + 2 * NARROW + 4 * GAP.length] as const;
  const left = (pairs: Columns['pairs']): number => width - numbers[pairs] - GAP.length;
  const pairs = ([2, 1] as const).find((many) => left(many) >= least) ?? 0;
  const name = Math.max(Math.min(longest, left(pairs)), 1);
  const spark = Math.min(left(pairs) - name - GAP.length, MOST_SPARK);
  return { name, spark: spark >= LEAST_SPARK ? spark : 0, pairs };
}

const right = (text: string, width: number): string => cell(text, width, 'right');
const signed = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(3).replace('-0.000', '0.000') : '–';

/** A normalized mean or sd: three decimals, in 7 columns. */
const normalizedFigure = (value: number): string => {
  const text = signed(value);
  return text.length <= NARROW ? text : value.toExponential(0);
};

function line(
  { name: width, spark: sparkWidth, pairs }: Columns,
  name: string,
  now: string,
  spark: string,
  [mean, sd, batchMean, batchSd]: readonly [string, string, string, string],
): string {
  return [
    cell(name, width),
    right(now, NUMBER),
    ...(sparkWidth > 0 ? [cell(spark, sparkWidth)] : []),
    ...(pairs > 0 ? [right(mean, NUMBER), right(sd, NUMBER)] : []),
    ...(pairs > 1 ? [right(batchMean, NARROW), right(batchSd, NARROW)] : []),
  ].join(GAP);
}

function featureLine(columns: Columns, feature: FeatureLine): string {
  const { name, recent, runningMean, runningSd, batchMean, batchSd } = feature;
  return line(columns, name, figure(recent.at(-1) ?? Number.NaN), sparkline(recent, columns.spark), [
    figure(runningMean),
    figure(runningSd),
    normalizedFigure(batchMean),
    normalizedFigure(batchSd),
  ]);
}

/** As many lines as it takes: each count is to be seen. */
function counts(
  { rows, batches, rowsPerSecond, dropped, invalid, counters }: TableState,
  width: number,
): string[] {
  const parts = [
    plural(rows, 'row', 'rows'),
    plural(batches, 'batch', 'batches'),
    `${rate(rowsPerSecond)} rows/s`,
    `${counted(dropped)} dropped`,
    `${counted(invalid)} invalid`,
    ...Array.from(counters, ([counter, count]) => `${counted(count)} ${counter}`),
  ];
  const lines = parts.reduce((text, part) => {
    const last = text.length - text.lastIndexOf('\n') - 1;
    return text + (last + 3 + part.length <= width ? ' · ' : '\n') + part;
  });
  return lines.split('\n');
}

/** The source comes last: its name may be long, and is what may be cut. */
function title({ source, states, evaluating, progress, seconds }: TableState): string {
  return [
    evaluating ? 'evenkeel --eval' : 'evenkeel',
    duration(seconds),
    ...(progress ? [progressText(progress)] : []),
    ...states,
    source,
  ].join(' · ');
}

/** What the pairs of columns are, above their names. */
function groups({ name, spark, pairs }: Columns): string {
  const before = name + GAP.length + NUMBER + (spark > 0 ? GAP.length + spark : 0);
  const pair = (width: number): number => 2 * width + GAP.length;
  return [
    ' '.repeat(before),
    ...(pairs > 0 ? [right('running', pair(NUMBER))] : []),
    ...(pairs > 1 ? [right('normalized', pair(NARROW))] : []),
  ].join(GAP);
}

/**
 * @param width columns of the terminal
 * @param height lines of the terminal; features that do not fit are folded into one line
 * @returns at most `height` lines, none wider than `width`
 */
export function table(state: TableState, width: number, height: number): string {
  const { features } = state;
  const head = [title(state), ...counts(state, width), ''];
  if (features.length === 0)
    return [...head, 'waiting for the first sample']
      .map((text) => shortened(text, width))
      .slice(0, height)
      .join('\n');

  const columns = columnsFor(features, width);
  const titles = line(columns, 'feature', 'now', '', ['mean', 'sd', 'mean', 'sd']);
  const room = Math.max(height - head.length - 2, 1);
  const shown = features.length <= room ? features : features.slice(0, Math.max(room - 1, 0));
  const folded = features.length - shown.length;
  const lines = [
    ...head,
    groups(columns),
    titles,
    ...shown.map((feature) => featureLine(columns, feature)),
    ...(folded > 0 ? [`… and ${counted(folded)} more`] : []),
  ];
  return lines
    .map((text) => shortened(text.trimEnd(), width))
    .slice(0, Math.max(height, 0))
    .join('\n');
}
