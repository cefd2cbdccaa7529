/** The ways of keeping running statistics, as an option names them. */
import { OptionError } from '../errors.js';
import { knownOptions, numberBetween } from '../options.js';
import { Moments } from '../stats/moments.js';
import { Fading } from './fading.js';
import { MovingAverage } from './moving-average.js';
import { Pooled } from './pooled.js';
import type { Pool, Running } from './running.js';

/**
 * - `'pooled'`: exact, over every sample seen
 * - `'average'`: mean of the batches' statistics (PyTorch `momentum=None`)
 * - `{ momentum }`: exponential average of the batches' statistics, from 0 to 1 and the weight of the *new* (PyTorch)
 * - `{ halfLifeRows }`: pooled, and what was learned before a batch of so many rows weighs half as much after it. The rows
 *   of a batch weigh alike; of batches of one row the unbiased variance is pandas' `ewm().var()`
 */
export type RunningMode = PoolMode | 'average' | { readonly momentum: number };

/** Those that pool values, and so learn from a lone row. */
export type PoolMode = 'pooled' | { readonly halfLifeRows: number };

export const isPoolMode = (mode: RunningMode): mode is PoolMode =>
  mode === 'pooled' || (typeof mode === 'object' && 'halfLifeRows' in mode);

export function checkRunningMode(mode: unknown): RunningMode {
  if (mode === 'pooled' || mode === 'average') return mode;
  if (typeof mode === 'object' && mode !== null && Object.keys(mode).length === 1) {
    const { momentum, halfLifeRows } = knownOptions<{ momentum?: number; halfLifeRows?: number }>(
      'running',
      mode,
      ['momentum', 'halfLifeRows'],
    );
    if ('momentum' in mode)
      return Object.freeze({ momentum: numberBetween('running.momentum', momentum, 0, 1) });
    const rows = numberBetween('running.halfLifeRows', halfLifeRows, 1e-3, Number.MAX_VALUE);
    return Object.freeze({ halfLifeRows: rows });
  }
  throw new OptionError('running', "'pooled', 'average', { momentum } or { halfLifeRows }", mode);
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
  if (saved === undefined) return new Fading(new Moments(channels), ddof, mode.halfLifeRows);
  return Fading.fromJSON(saved, channels, ddof, mode.halfLifeRows);
}
