/** What normalizers of many keys work by: their states, and how one is made, and made again. */
import { OptionError, StateError } from '../errors.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import { standardScalerOptions } from '../normalizers/standard-scaler-options.js';
import type { KeyTally } from './key-tally.js';
import { type KeyedOptions, keyedOptions } from './keyed-options.js';
import { KeyedStates, type StatesSetup } from './keyed-states.js';
import { checkPools, PooledStart } from './pooled-start.js';

export interface KeyedWorks<N extends Normalizer> {
  readonly states: KeyedStates<N>;
  /** What learns from each row too, where new keys start from all others. */
  readonly pool: PooledStart | undefined;
  /** Whether a missing value in a sample may be for the normalizer to deal with. */
  readonly keepMissing: boolean;
}

/**
 * Saved options are those given: only then are keys that come back and new ones alike.
 * @throws StateError naming the one that is another, and what it was
 */
function checkOptions(saved: object, given: object): void {
  const [is, was] = [given, saved].map((options) => new Map(Object.entries(options)));
  for (const name of new Set([...is!.keys(), ...was!.keys()])) {
    const expected = JSON.stringify(is!.get(name));
    if (JSON.stringify(was!.get(name)) === expected) continue;
    const where = `StandardScaler.options.${name}`;
    throw new StateError(where, `${expected}, as it is given`, was!.get(name), undefined, true);
  }
}

function scalersOf(
  settled: ReturnType<typeof standardScalerOptions>,
  pool: PooledStart | undefined,
): Pick<StatesSetup<StandardScaler>, 'create' | 'revive'> {
  return {
    create(_key, features) {
      const scaler = new StandardScaler(features, settled);
      pool?.begin(scaler);
      return scaler;
    },
    revive(json) {
      const { options } = Object(json);
      if (options !== undefined) checkOptions(Object(options), settled);
      return StandardScaler.fromJSON({ ...Object(json), options: settled }); // one object for all
    },
  };
}

function cannotRevive(): never {
  throw new OptionError('revive', 'given where a function makes what is to come back', undefined);
}

/** @throws OptionError naming the option that cannot be used */
export function keyedWorks<N extends Normalizer>(options: KeyedOptions<N>, tally: KeyTally): KeyedWorks<N> {
  const { normalizer, revive, start, ...settled } = keyedOptions(options);
  const common = { ...settled, tally, save: (state: N): unknown => state.toJSON() };
  if (typeof normalizer === 'function') {
    if (start !== 'fresh')
      throw new OptionError('start', "'fresh', as a function makes the normalizers", start);
    const states = new KeyedStates<N>({ ...common, create: normalizer, revive: revive ?? cannotRevive });
    return { states, pool: undefined, keepMissing: true };
  }
  const scaler = standardScalerOptions(normalizer);
  if (start !== 'fresh') checkPools(scaler.running);
  const pool = start === 'fresh' ? undefined : new PooledStart(start.pooledRows);
  const making = scalersOf(scaler, pool) as unknown as Pick<StatesSetup<N>, 'create' | 'revive'>;
  const states = new KeyedStates<N>({ ...common, ...making });
  return { states, pool, keepMissing: scaler.missing !== 'error' };
}
