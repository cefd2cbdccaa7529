/** A normalizer a key, for any number of keys: as many in hand as may be, the others in a store. */
import { StateError } from '../errors.js';
import { stateOf } from '../json.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import { isKey, type Key } from '../samples/key.js';
import { type KeyedStats, KeyTally } from './key-tally.js';
import type { KeyedOptions } from './keyed-options.js';
import { type KeyedWorks, keyedWorks } from './keyed-works.js';

/** What an operator works with. */
export let worksOf: <N extends Normalizer>(keyed: KeyedNormalizers<N>) => KeyedWorks<N>;

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
  readonly #works: KeyedWorks<N>;

  /** @throws OptionError naming the option that cannot be used */
  constructor(options: KeyedOptions<N>) {
    this.#works = keyedWorks(options, new KeyTally());
  }

  static {
    worksOf = (keyed) => keyed.#works;
  }

  /** The normalizer of a key, if it is in hand; it does not count as used. */
  get(key: Key): N | undefined {
    return this.#works.states.peek(key);
  }

  /** How many keys are in hand, came and went, whoever uses them; a fresh object. */
  get stats(): KeyedStats {
    const { states } = this.#works;
    return states.tally.stats([states]);
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
