/** A normalizer a key, for any number of keys: as many in hand as may be, the others in a store. */
import { OptionError, StateError } from '../errors.js';
import { stateOf } from '../json.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import { standardScalerOptions } from '../normalizers/standard-scaler-options.js';
import { isKey, type Key } from '../samples/key.js';
import { type KeyedOptions, keyedOptions } from './keyed-options.js';
import { KeyedStates, type KeyedStats } from './keyed-states.js';
import { checkPools, PooledStart } from './pooled-start.js';

/** What an operator works with. */
export interface Works<N extends Normalizer> {
  readonly states: KeyedStates<N>;
  /** What learns from each row too, where new keys start from all others. */
  readonly pool: PooledStart | undefined;
  /** Whether a missing value in a sample may be for the normalizer to deal with. */
  readonly keepMissing: boolean;
}

export let worksOf: <N extends Normalizer>(keyed: KeyedNormalizers<N>) => Works<N>;

/** Whether saved options are those given: only then are keys that come back and new ones alike. */
function sameOptions(saved: unknown, given: object): boolean {
  const texts = (options: object): string[] =>
    Object.entries(options)
      .map((entry) => JSON.stringify(entry))
      .sort();
  return JSON.stringify(texts(Object(saved))) === JSON.stringify(texts(given));
}

/** How a key's normalizer is made, and made again. */
type Making<N> = Pick<ConstructorParameters<typeof KeyedStates<N>>[0], 'create' | 'revive'>;

function scalersOf(
  settled: ReturnType<typeof standardScalerOptions>,
  pool: PooledStart | undefined,
): Making<StandardScaler> {
  return {
    create(_key, features) {
      const scaler = new StandardScaler(features, settled);
      pool?.begin(scaler);
      return scaler;
    },
    revive(json) {
      const { options } = Object(json);
      if (options !== undefined && !sameOptions(options, settled))
        throw new StateError('StandardScaler.options', 'the options given', options);
      return StandardScaler.fromJSON({ ...Object(json), options: settled }); // one object for all
    },
  };
}

function cannotRevive(): never {
  throw new OptionError('revive', 'given where a function makes what is to come back', undefined);
}

/**
 * A normalizer a key (a device, a user, a symbol), bounded: at most `maxKeys` are in hand, in the order of last use. Another
 * key takes the place of the least recently used, which goes to the `store` (`toJSON`) and comes back from there bit for bit
 * when its key does; without a store it is forgotten. `normalizeBy` works with it; shared, it outlives `retry`, `repeat` and
 * resubscription.
 *
 * A store may answer at once, or by promises: the items of a key whose state is being read wait for it in order, other keys
 * go on. A state that is being written is still in hand. One that could not be written stays in hand; a StoreError tells.
 *
 * @example
 * import { from } from 'rxjs';
 * import { KeyedNormalizers, normalizeBy } from 'evenkeel';
 * const store = new Map();
 * const rooms = new KeyedNormalizers({ maxKeys: 1, store });
 * from([{ id: 'attic', t: 30 }, { id: 'cellar', t: 12 }, { id: 'attic', t: 34 }])
 *   .pipe(normalizeBy('id', rooms, { features: ['t'] }))
 *   .subscribe(({ key, data }) => console.log(key, data[0]));
 * // attic 0
 * // cellar 0
 * // attic 1
 * console.log(rooms.get('attic')?.moments.mean[0], [...store.keys()].join()); // 32 attic,cellar
 */
export class KeyedNormalizers<N extends Normalizer = StandardScaler> {
  readonly #works: Works<N>;

  /** @throws OptionError naming the option that cannot be used */
  constructor(options: KeyedOptions<N>) {
    const { normalizer, revive, start, ...settled } = keyedOptions(options);
    const common = { ...settled, save: (state: N): unknown => state.toJSON() };
    if (typeof normalizer === 'function') {
      if (start !== 'fresh')
        throw new OptionError('start', "'fresh', as a function makes the normalizers", start);
      const states = new KeyedStates<N>({ ...common, create: normalizer, revive: revive ?? cannotRevive });
      this.#works = { states, pool: undefined, keepMissing: true };
      return;
    }
    const scaler = standardScalerOptions(normalizer);
    if (start !== 'fresh') checkPools(scaler.running);
    const pool = start === 'fresh' ? undefined : new PooledStart(start.pooledRows);
    const making = scalersOf(scaler, pool) as unknown as Making<N>;
    const states = new KeyedStates<N>({ ...common, ...making });
    this.#works = { states, pool, keepMissing: scaler.missing !== 'error' };
  }

  static {
    worksOf = (keyed) => keyed.#works;
  }

  /** The normalizer of a key, if it is in hand; it does not count as used. */
  get(key: Key): N | undefined {
    return this.#works.states.peek(key);
  }

  /** How many are in hand, came and went; a fresh object. */
  get stats(): KeyedStats {
    return this.#works.states.stats;
  }

  /**
   * Writes all that is in hand to the store, where it stays in hand too: before the program ends.
   * @returns what resolves when all is written; rejects with the first StoreError of what could not be
   */
  flush(): Promise<void> {
    const { states } = this.#works;
    return new Promise((resolve, reject) => {
      states.listeners.add(reject);
      states.flush(() => {
        states.listeners.delete(reject);
        resolve();
      });
    });
  }

  /**
   * All that is in hand, as plain JSON: `fromJSON` continues from it bit for bit. Items that wait for a state are not in it.
   */
  toJSON(): unknown {
    const { states, pool } = this.#works;
    const keys = Array.from(states.entries(), ([key, { state, usedAt }]) => [key, usedAt, state.toJSON()]);
    return { kind: 'KeyedNormalizers', version: 1, keys, pool: pool?.toJSON() ?? null };
  }

  /**
   * @param options as they were: functions and stores are not saved. With a smaller `maxKeys` the least recently used go
   * @throws StateError if `json` is not such state, naming what was expected and what came; OptionError
   */
  static fromJSON<N extends Normalizer = StandardScaler>(
    json: unknown,
    options: KeyedOptions<N>,
  ): KeyedNormalizers<N> {
    const keyed = new KeyedNormalizers<N>(options);
    const { states, pool } = keyed.#works;
    const saved = stateOf('KeyedNormalizers', 1, json);
    if (!Array.isArray(saved['keys']))
      throw new StateError('KeyedNormalizers.keys', 'an array', saved['keys']);
    saved['keys'].forEach((entry: unknown, i) => {
      const [key, usedAt, state] = Array.isArray(entry) ? entry : [];
      if (!isKey(key) || states.peek(key)) throw new StateError(`keys[${i}][0]`, 'a key of its own', key);
      if (!Number.isFinite(usedAt)) throw new StateError(`keys[${i}][1]`, 'a time', usedAt);
      states.restore(key, state, usedAt);
    });
    const all = saved['pool'] ?? null;
    if (pool) pool.restore(all);
    else if (all !== null) throw new StateError('pool', 'null, as new keys start fresh', all);
    return keyed;
  }
}
