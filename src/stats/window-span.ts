/** How far back a window reaches, and by which steps rows leave it: by their number, or by their time. */
import { OptionError } from '../errors.js';
import { knownOptions, numberBetween, positiveInteger } from '../options.js';
import { LATEST_TIME } from '../times.js';

/** The latest `size` rows. */
export interface RowSpan {
  readonly size: number;
  /** Rows that leave together, and so are kept as one block; 1. `size` is a multiple of it. */
  readonly stride?: number | undefined;
}

/** The rows of the latest `sizeMs` milliseconds of event time. */
export interface TimeSpan {
  readonly sizeMs: number;
  /** Milliseconds whose rows leave together, and so are kept as one block; a 64th of `sizeMs`, which is a multiple of it. */
  readonly strideMs?: number | undefined;
}

export type WindowSpan = RowSpan | TimeSpan;

/** Blocks of a window of time, unless a stride is given. */
const BLOCKS = 64;

/** What there may be of them: their statistics have to fit typed arrays. */
const MOST_BLOCKS = 2 ** 26;

/** The shortest window of time: 2^53 strides of a 64th of it reach from the epoch to the year 2039. */
const LEAST_MS = 2 ** -6;

/** A span as it is gone by. */
export interface Span {
  readonly byTime: boolean;
  readonly size: number;
  readonly stride: number;
  /** Strides a window is long. */
  readonly blocks: number;
  /** As it was given, with its default. */
  readonly given: WindowSpan;
}

/** As many as the size is of the stride, up to rounding. @throws OptionError */
function blocksOf(name: string, size: number, stride: number): number {
  const blocks = Math.round(size / stride);
  const isMultiple = Math.abs(size / stride - blocks) <= blocks * 2 ** -50;
  if (isMultiple && blocks >= 1 && blocks <= MOST_BLOCKS) return blocks;
  throw new OptionError(name, `1 to ${MOST_BLOCKS} times the stride, ${stride}`, size);
}

/** @throws OptionError naming the one that cannot be used */
export function rowSpan(
  size: unknown,
  stride: unknown = 1,
  names: readonly [string, string] = ['size', 'stride'],
): Span {
  const given = { size: positiveInteger(names[0], size), stride: positiveInteger(names[1], stride) };
  const blocks = blocksOf(names[0], given.size, given.stride);
  return { byTime: false, ...given, blocks, given: Object.freeze(given) };
}

/** @throws OptionError naming the one that cannot be used */
export function timeSpan(
  size: unknown,
  stride: unknown,
  names: readonly [string, string] = ['sizeMs', 'strideMs'],
): Span {
  const sizeMs = numberBetween(names[0], size, LEAST_MS, LATEST_TIME);
  const strideMs = numberBetween(names[1], stride ?? sizeMs / BLOCKS, LEAST_MS / BLOCKS, LATEST_TIME);
  const blocks = blocksOf(names[0], sizeMs, strideMs);
  const given = Object.freeze({ sizeMs, strideMs });
  return { byTime: true, size: sizeMs, stride: strideMs, blocks, given };
}

/** @throws OptionError naming the one that cannot be used */
export function checkSpan(span: WindowSpan): Span {
  const { size, stride, sizeMs, strideMs } = knownOptions<Partial<RowSpan & TimeSpan>>('span', span, [
    'size',
    'stride',
    'sizeMs',
    'strideMs',
  ]);
  if (sizeMs === undefined && strideMs === undefined) return rowSpan(size, stride);
  if (size === undefined && stride === undefined) return timeSpan(sizeMs, strideMs);
  throw new OptionError('span', '{ size, stride } or { sizeMs, strideMs }', span);
}
