/** Networks compared at several settings of one thing: test error, of several seeds each. */
import { type Spread, spreadOf } from './spread.js';

export interface Point {
  readonly kind: string;
  readonly setting: string;
  /** Of the held-out places, a seed. */
  readonly errors: readonly number[];
}

const percent = (x: number): string => (100 * x).toFixed(1);

/** Median, least and most, in percent. */
export const told = (errors: readonly number[]): string => {
  const { least, median, most } = spreadOf(errors);
  return `${percent(median)}% (${percent(least)} to ${percent(most)})`;
};

export const at = (points: readonly Point[], kind: string, setting: string): readonly number[] =>
  points.find((point) => point.kind === kind && point.setting === setting)!.errors;

export const medianAt = (points: readonly Point[], kind: string, setting: string): number =>
  spreadAt(points, kind, setting).median;

export const spreadAt = (points: readonly Point[], kind: string, setting: string): Spread =>
  spreadOf(at(points, kind, setting));

/** A line a kind, a column a setting. */
export function tableOf(points: readonly Point[], head: string): string[] {
  const settings = [...new Set(points.map(({ setting }) => setting))];
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const row = (first: string, cells: readonly string[]): string =>
    first.padEnd(24) + cells.map((cell) => cell.padStart(22)).join('');
  return [
    row(head, settings),
    ...kinds.map((kind) =>
      row(
        kind,
        settings.map((setting) => told(at(points, kind, setting))),
      ),
    ),
  ];
}
