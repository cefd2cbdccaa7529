/** What normalizers of many keys can be asked for. */
import { OptionError } from '../errors.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import type { StandardScalerOptions } from '../normalizers/standard-scaler-options.js';
import {
  type Checks,
  numberBetween,
  oneOf,
  optionalFunction,
  positiveInteger,
  settle,
  waitingTime,
} from '../options.js';
import type { Key } from '../samples/key.js';
import type { KeyStore } from './key-store.js';

export interface KeyedOptions<N extends Normalizer = StandardScaler> {
  /** The most keys whose normalizers are in hand. For another, the least recently used goes to the store, or is forgotten. */
  readonly maxKeys: number;
  /** So does one that was not used for this long (ms). By default it may stay. */
  readonly idleMs?: number;
  /** Options of a `StandardScaler` a key, or how to make the normalizer of a key whose items have so many features. */
  readonly normalizer?: StandardScalerOptions | ((key: Key, features: number) => N);
  /** How to make one again from what its `toJSON` gave: needed where a function makes them and a store keeps them. */
  readonly revive?: (json: unknown, key: Key) => N;
  /** Where those go that are not in hand, to come back from bit for bit. By default they are forgotten, and counted. */
  readonly store?: KeyStore;
  /** The most items that wait for what the store's promises bring; and the most states that it may be writing. 1024. */
  readonly maxWaiting?: number;
  /** What becomes of an item that would be one more: an error (`'error'`), or it is left out and counted. `'error'`. */
  readonly overflow?: 'error' | 'drop-newest';
  /**
   * What an unseen key starts from: nothing (`'fresh'`), or the pooled statistics of all rows so far, of whichever keys, weighed
   * as so many rows (or as they are, where they are fewer). These are not counted as rows learned. Of `StandardScaler`s that
   * pool all rows, or have a half-life. `'fresh'`.
   */
  readonly start?: 'fresh' | { readonly pooledRows: number };
}

/** Those with a default have a value. */
type SettledKeyedOptions<N extends Normalizer> = Required<
  Pick<KeyedOptions<N>, 'maxKeys' | 'normalizer' | 'maxWaiting' | 'overflow' | 'start'>
> &
  Pick<KeyedOptions<N>, 'idleMs' | 'revive' | 'store'>;

function checkStore(store: unknown): KeyStore | undefined {
  const { get, set } = Object(store);
  if (store === undefined || (typeof get === 'function' && typeof set === 'function'))
    return store as KeyStore | undefined;
  throw new OptionError('store', 'a store { get(key), set(key, state) }', store);
}

function checkStart(start: unknown = 'fresh'): 'fresh' | { readonly pooledRows: number } {
  if (start === 'fresh') return start;
  const { pooledRows, ...others } = Object(start);
  if (pooledRows === undefined || Object.keys(others).length > 0)
    throw new OptionError('start', "'fresh' or { pooledRows }", start);
  return { pooledRows: numberBetween('start.pooledRows', pooledRows, 0, Number.MAX_SAFE_INTEGER) };
}

const checks: Checks<KeyedOptions<never>> = {
  maxKeys: (value) => positiveInteger('maxKeys', value),
  idleMs: (value) => (value === undefined ? value : waitingTime('idleMs', value, 1)),
  normalizer: (value = {}) => {
    if (typeof Object(value).prototype?.forward !== 'function') return value;
    throw new OptionError('normalizer', 'options, or a function that makes one', value); // a class wants `new`
  },
  revive: (value) => optionalFunction('revive', value),
  store: checkStore,
  maxWaiting: (value = 1024) => positiveInteger('maxWaiting', value),
  overflow: (value = 'error') => oneOf('overflow', value, ['error', 'drop-newest']),
  start: checkStart,
} as Checks<KeyedOptions<never>>;

/** The options with their defaults. @throws OptionError naming the one that cannot be used */
export function keyedOptions<N extends Normalizer>(given: KeyedOptions<N>): SettledKeyedOptions<N> {
  const options = settle<KeyedOptions<never>, SettledKeyedOptions<N>>(checks, given as KeyedOptions<never>);
  if (typeof options.normalizer === 'function' && options.store && !options.revive)
    throw new OptionError('revive', 'given with a store, where a function makes the normalizers', undefined);
  return options;
}
