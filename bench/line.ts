/** One line of the table: what was measured, against what, how they compare, and what is wanted of it. */
import type { Quartiles } from './quartiles.js';

/** What is wanted: of the ratio, or, where there is nothing to compare with, of our figure itself. */
export interface Bound {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Figure {
  readonly name: string;
  /** In the line's unit. */
  readonly value: number;
}

export interface Line {
  readonly ours: Figure;
  /** Or the name of what could not be found to measure against. */
  readonly theirs: Figure | { readonly absent: string } | undefined;
  readonly unit: 'seconds' | 'bytes';
  /** `speed` is theirs over ours (times as fast), `cost` ours over theirs (of its time, or of its size). */
  readonly measure: 'speed' | 'cost';
  /** Of the rounds; of a figure that was taken once, low and high are the median. */
  readonly ratio: Quartiles | undefined;
  readonly bound: Bound | undefined;
  /** Of our figure, where it goes, if that was asked for: parts of 1. */
  readonly shares?: readonly Figure[];
}

/** Whether the bound is reached; undefined where there is none, or nothing to compare with. */
export function isReached({ bound, ratio, theirs, ours }: Line): boolean | undefined {
  if (bound === undefined || (theirs !== undefined && 'absent' in theirs)) return undefined;
  const value = ratio === undefined ? ours.value : ratio.median;
  const { atLeast = -Infinity, atMost = Infinity } = bound;
  return atLeast <= value && value <= atMost;
}

/** What was measured once: a size. */
export function single(
  unit: Line['unit'],
  ours: Figure,
  theirs: Figure | undefined,
  bound: Bound | undefined,
): Line {
  const value = theirs && ours.value / theirs.value;
  const ratio = value === undefined ? undefined : { median: value, low: value, high: value };
  return { ours, theirs, unit, measure: 'cost', ratio, bound };
}
