/** What an option's value must be. Each reads the text, or says what it must be instead. */
import { InvalidArgumentError } from 'commander';
import { batchNormOptions } from '../normalizers/batch-norm-options.js';
import { LONGEST_WAIT } from '../options.js';
import type { RunningMode } from '../running/running-mode.js';
import type { ByFeature } from './by-feature.js';
import { parseDuration } from './durations.js';
import { parseTimestamp, type Timestamp } from './event-time.js';
import { type Limits, parseLimits } from './limits-option.js';
import { type OnMissing, parseOnMissing } from './missing-option.js';
import { parseRunning } from './running-option.js';

function refuse(expected: string): never {
  throw new InvalidArgumentError(`It must be ${expected}.`);
}

/** Any text but none. */
export const named =
  (what: string) =>
  (text: string): string =>
    text === '' ? refuse(what) : text;

export const wholeFrom =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= least && Number.isSafeInteger(value)
      ? value
      : refuse(`a whole number from ${least} up`);
  };

/** A time that a timer can wait for. */
export function wait(text: string): number {
  const value = parseDuration(text);
  return value <= LONGEST_WAIT ? value : refuse('milliseconds from 0 to 2147483647, or such as 5s, 1m, 2h');
}

export function length(text: string): number {
  const value = parseDuration(text);
  return Number.isFinite(value) ? value : refuse('milliseconds, or such as 5s, 1m, 2h, 3d');
}

export function factor(text: string): number {
  const value = /^\d*\.?\d+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : refuse('a finite number from 0 up');
}

export function eps(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  try {
    return batchNormOptions({ eps: value }).eps;
  } catch {
    return refuse('a finite number from 0 up, such as 1e-5');
  }
}

/** What `parse` makes of the text; what it throws says what that must be. */
const parsed =
  <V>(parse: (text: string) => V) =>
  (text: string): V => {
    try {
      return parse(text);
    } catch (error) {
      return refuse((error as Error).message.replace(/^.* must be /, ''));
    }
  };

export const running: (text: string) => RunningMode = parsed(parseRunning);
export const window: (text: string) => RunningMode = parsed((text) => parseRunning(`window=${text}`));
export const halfLife: (text: string) => RunningMode = parsed((text) => parseRunning(`half-life=${text}`));
export const onMissing: (text: string) => ByFeature<OnMissing> = parsed(parseOnMissing);
export const limits: (text: string) => ByFeature<Limits> = parsed(parseLimits);

export function features(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) return refuse('names with commas between them, such as a,b,c');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? names : refuse(`names used once; ${JSON.stringify(twice)} is there twice`);
}

export function timestamp(text: string): Timestamp {
  const parsed = parseTimestamp(text);
  return parsed.name === '' ? refuse('a column or key, such as time, or time:s for seconds') : parsed;
}
