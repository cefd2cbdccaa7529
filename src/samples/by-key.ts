/** Something of each key, or one of all where items have none. */
import { OptionError } from '../errors.js';
import { positiveInteger } from '../options.js';
import { Recent } from '../recent.js';
import { type Key, type KeyOf, type KeyReader, keyReader } from './key.js';

export interface ByKeyOptions<T> {
  /** Which of many streams in one an item belongs to: each goes by what was seen of it alone. By default they are one. */
  readonly key?: KeyOf<T>;
  /** With a `key`: of how many something is remembered, those that last had a row let through. Others begin anew. */
  readonly maxKeys?: number;
}

/** With a `key`, of all subscriptions. */
export interface ByKeyStats {
  /** Keys of which something is remembered. */
  readonly keys?: number;
  /** How often one was forgotten. */
  readonly forgotten?: number;
}

/** What the options come to, for each subscription to come. */
export interface ByKey<T> {
  /** Undefined where there is one of all. */
  readonly reader: KeyReader<T> | undefined;
  readonly stats: ByKeyStats;
  remember<V extends object>(make: (key: Key | undefined) => V): Remembered<V>;
}

/** What one subscription remembers. */
export interface Remembered<V> {
  /** What is remembered, or what there is to begin with. */
  of(key: Key | undefined): V;
  /** Remembers it, as the latest. */
  keep(key: Key | undefined, of: V): void;
  /** Forgets all, uncounted. */
  clear(): void;
}

/** @throws OptionError unless both are given, or neither is */
export function byKey<T>({ key, maxKeys }: ByKeyOptions<T>): ByKey<T> {
  if (key === undefined) {
    if (maxKeys !== undefined) throw new OptionError('maxKeys', 'left out without a key', maxKeys);
    return { reader: undefined, stats: {}, remember: one };
  }
  const most = positiveInteger('maxKeys', maxKeys);
  const stats = { keys: 0, forgotten: 0 };
  return {
    reader: keyReader(key),
    stats,
    remember(make) {
      const recent = new Recent<Key | undefined, ReturnType<typeof make>>();
      return {
        of(key) {
          const known = recent.get(key);
          if (known) return known;
          const made = make(key);
          return recent.get(key) ?? made; // who makes it may have come here
        },
        keep(key, of) {
          if (!recent.get(key)) stats.keys++;
          recent.put(key, of);
          if (recent.size <= most) return;
          recent.delete(recent.oldest()![0]);
          stats.keys--;
          stats.forgotten++;
        },
        clear() {
          stats.keys -= recent.size;
        },
      };
    },
  };
}

function one<V extends object>(make: (key: undefined) => V): Remembered<V> {
  let made: V | undefined;
  return {
    of() {
      made ??= make(undefined);
      return made;
    },
    keep() {},
    clear() {},
  };
}
