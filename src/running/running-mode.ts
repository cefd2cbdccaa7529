/** The ways of keeping running statistics, as an option names them. */
import { OptionError } from '../errors.js';
import { knownOptions, numberBetween } from '../options.js';
import { Moments } from '../stats/moments.js';
import { WindowMoments } from '../stats/window-moments.js';
import { rowSpan, timeSpan } from '../stats/window-span.js';
import { LATEST_TIME } from '../times.js';
import { Fading, type HalfLife } from './fading.js';
import { MovingAverage } from './moving-average.js';
import { Pooled } from './pooled.js';
import type { Pool, Running } from './running.js';
import { Windowed } from './windowed.js';

/**
 * - `'pooled'`: exact, over every sample seen
 * - `'average'`: mean of the batches' statistics (PyTorch `momentum=None`)
 * - `{ momentum }`: exponential average of the batches' statistics, from 0 to 1 and the weight of the *new* (PyTorch)
 * - `{ halfLifeRows }`: pooled, and what was learned before a batch of so many rows weighs half as much after it. The rows
 *   of a batch weigh alike; of batches of one row the unbiased variance is pandas' `ewm().var()`
 * - `{ halfLifeMs }`: pooled, and a row weighs half as much as one that is so many milliseconds of event time later, in
 *   whatever order they come; one 500 half-lives before the latest, or more, weighs nothing, and counts as `late`
 * - `{ windowRows, strideRows }`: exact, over the latest rows, as `WindowMoments` of that size and stride
 * - `{ windowMs, strideMs }`: exact, over the latest milliseconds of event time, likewise
 *
 * By time, a batch is learned as of its latest row; to a window by rows, too, it belongs for as long as its last row does.
 * Tensors have to tell their event times, as `times`: `minibatch` with a `timestamp` emits them.
 */
export type RunningMode = PoolMode | 'average' | { readonly momentum: number };

/** Those that pool values, and so learn from a lone row. */
export type PoolMode =
  | 'pooled'
  | { readonly halfLifeRows: number }
  | { readonly halfLifeMs: number }
  | { readonly windowRows: number; readonly strideRows?: number }
  | { readonly windowMs: number; readonly strideMs?: number };

export const isPoolMode = (mode: RunningMode): mode is PoolMode =>
  mode !== 'average' && (mode === 'pooled' || !('momentum' in mode));

type Numbers = Readonly<Record<string, unknown>>;

/** The ways that have numbers, by the one each must have: what else there may be, and what they come to, checked. */
const ways: Record<string, readonly [check: (given: Numbers) => RunningMode, other?: string]> = {
  momentum: [({ momentum }) => ({ momentum: numberBetween('running.momentum', momentum, 0, 1) })],
  halfLifeRows: [
    ({ halfLifeRows }) => ({
      halfLifeRows: numberBetween('running.halfLifeRows', halfLifeRows, 1e-3, Number.MAX_VALUE),
    }),
  ],
  halfLifeMs: [
    ({ halfLifeMs }) => ({ halfLifeMs: numberBetween('running.halfLifeMs', halfLifeMs, 1e-3, LATEST_TIME) }),
  ],
  windowRows: [
    ({ windowRows, strideRows }) => {
      const span = rowSpan(windowRows, strideRows, ['running.windowRows', 'running.strideRows']);
      return { windowRows: span.size, strideRows: span.stride };
    },
    'strideRows',
  ],
  windowMs: [
    ({ windowMs, strideMs }) => {
      const span = timeSpan(windowMs, strideMs, ['running.windowMs', 'running.strideMs']);
      return { windowMs: span.size, strideMs: span.stride };
    },
    'strideMs',
  ],
};

const names = Object.entries(ways).flatMap(([name, [, other]]) => (other ? [name, other] : [name]));

/** As it was given, with its defaults. @throws OptionError */
export function checkRunningMode(mode: unknown): RunningMode {
  if (mode === 'pooled' || mode === 'average') return mode;
  if (typeof mode === 'object' && mode !== null) {
    const given = Object.keys(knownOptions('running', mode as Numbers, names));
    for (const [name, [check, other]] of Object.entries(ways)) {
      if (given.includes(name) && given.every((key) => key === name || key === other))
        return Object.freeze(check(mode as Numbers));
    }
  }
  const choices = Object.keys(ways).map((name) => `{ ${name} }`);
  throw new OptionError('running', `'pooled', 'average', ${choices.join(', ')}`, mode);
}

/** Running statistics in the given mode: empty, or continued from their saved state. */
export function startRunning(mode: RunningMode, channels: number, ddof: number, saved?: unknown): Running {
  if (isPoolMode(mode)) return startPool(mode, channels, ddof, saved);
  const momentum = mode === 'average' ? undefined : mode.momentum;
  if (saved === undefined) return new MovingAverage(channels, ddof, momentum);
  return MovingAverage.fromJSON(saved, channels, ddof, momentum);
}

/** The same in a mode that pools. */
export function startPool(mode: PoolMode, channels: number, ddof: number, saved?: unknown): Pool {
  if (mode === 'pooled') {
    if (saved === undefined) return new Pooled(new Moments(channels), ddof);
    return Pooled.fromJSON(saved, channels, ddof);
  }
  if ('windowRows' in mode || 'windowMs' in mode) {
    const span =
      'windowRows' in mode
        ? { size: mode.windowRows, stride: mode.strideRows }
        : { sizeMs: mode.windowMs, strideMs: mode.strideMs };
    if (saved === undefined) return new Windowed(new WindowMoments(channels, span), ddof);
    return Windowed.fromJSON(saved, channels, ddof, span);
  }
  const halfLife: HalfLife =
    'halfLifeMs' in mode ? { of: mode.halfLifeMs, by: 'ms' } : { of: mode.halfLifeRows, by: 'rows' };
  if (saved === undefined) return new Fading(new Moments(channels), ddof, halfLife);
  return Fading.fromJSON(saved, channels, ddof, halfLife);
}
