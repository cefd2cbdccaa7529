/** A scaler's saved state, checked: what its constructor and its statistic are made from again. */
import { StateError } from '../errors.js';
import { stateOf, wholeFromJSON } from '../json.js';
import { type Checks, savedOptions } from '../options.js';
import type { Learner } from './scaler.js';
import type { ScalerOptions, Settled } from './scaler-options.js';

/** A scaler as it was saved. */
export interface Saved<S extends Learner, O extends ScalerOptions = ScalerOptions> {
  readonly features: number;
  readonly options: Settled<O>;
  readonly statistic: S;
  readonly rows: number;
}

/**
 * @param read the statistic's own `fromJSON`; it comes first, as it has as many numbers as it claims
 * @throws StateError if `json` is not the state of a `kind`
 */
export function savedScaler<S extends Learner, O extends ScalerOptions>(
  kind: string,
  json: unknown,
  checks: Checks<O>,
  read: (json: unknown, features: number, options: Settled<O>) => S,
): Saved<S, O> {
  const state = stateOf(kind, 1, json);
  const features = wholeFromJSON(`${kind}.features`, state['features'], 1);
  const options = savedOptions<O, Settled<O>>(`${kind}.options`, checks, state['options']);
  const rows = wholeFromJSON(`${kind}.rows`, state['rows'], 0);
  const statistic = read(state['statistic'] ?? null, features, options);
  if (statistic.channels !== features)
    throw new StateError(`${kind}.statistic.channels`, `${features}`, statistic.channels);
  return { features, options, statistic, rows };
}
