/**
 * A state a key, as many as may be in hand: the least recently used goes to the store, if there is one, and comes back from
 * there. No clock: times are told.
 */
import { OverflowError, type StoreError } from '../errors.js';
import { Recent } from '../recent.js';
import type { Key } from '../samples/key.js';
import type { Entry } from './entry.js';
import { Loads, type Origin, type Waiter } from './key-loads.js';
import { Writes } from './key-store.js';
import type { KeyTally } from './key-tally.js';

/** What it is set up with. */
export interface StatesSetup<S> extends Origin<S> {
  readonly maxKeys: number;
  readonly idleMs?: number;
  readonly maxWaiting: number;
  readonly overflow: 'error' | 'drop-newest';
  readonly tally: KeyTally;
  save(state: S): unknown;
}

export class KeyedStates<S> {
  readonly #setup: StatesSetup<S>;
  readonly #inHand = new Recent<Key, Entry<S>>();
  /** That came from the store and were used, while they are still being handed to those who waited: not let go of meanwhile. */
  readonly #handed = new Recent<Key, Entry<S>>();
  readonly #loads: Loads<S>;
  readonly #writes: Writes<Entry<S>> | undefined;
  /** To be told of what goes wrong with no item at hand. */
  readonly listeners: Set<(error: StoreError) => void> = new Set();
  /** To be called when a write has ended. */
  readonly #afterWrite = new Set<() => void>();

  constructor(setup: StatesSetup<S>) {
    this.#setup = setup;
    const { store, save, tally } = setup;
    this.#loads = new Loads(setup, {
      failed: () => tally.count('failed'),
      ended: (key) => this.#ended(key),
    });
    if (store === undefined) return;
    this.#writes = new Writes<Entry<S>>(store, ({ state }) => save(state), {
      ended: () => {
        for (const go of [...this.#afterWrite]) go();
        tally.changed();
      },
      failed: (key, held, error) => {
        if (held) this.#inHand.put(key, held);
        tally.count('failed');
        for (const tell of [...this.listeners]) tell(error);
      },
    });
  }

  get idleMs(): number | undefined {
    return this.#setup.idleMs;
  }

  /** Of this and of others, over all time. Told here: what is not done by `keep`, `trim` or `sweep`, whose callers tell it. */
  get tally(): KeyTally {
    return this.#setup.tally;
  }

  /** Whose state is in hand, or on its way to the store. */
  get keys(): number {
    return this.#inHand.size + this.#handed.size + (this.#writes?.heldSize ?? 0);
  }

  /** States on their way to the store. */
  get writing(): number {
    return this.#writes?.size ?? 0;
  }

  /** In hand, if it is; unused. */
  peek(key: Key): S | undefined {
    return this.#inHand.get(key)?.state;
  }

  /** All in hand, and what is on its way to the store, from the least recently used on. */
  *entries(): IterableIterator<readonly [Key, Entry<S>]> {
    yield* this.#writes?.held() ?? [];
    yield* this.#used();
  }

  /** All in hand, and what came from the store and is still being handed to those who wait. */
  *#used(): IterableIterator<readonly [Key, Entry<S>]> {
    yield* this.#inHand;
    yield* this.#handed;
  }

  /**
   * A key's state; one that is not in hand yet is not counted before it is kept. `'later'`: it is on its way; `wait` for it.
   * `'dropped'`: there is no room for what wants it.
   * @throws OverflowError if that is what `overflow` says; StoreError
   */
  find(key: Key, features: number): Entry<S> | 'later' | 'dropped' {
    const entry = this.#inHand.get(key) ?? this.#takeBack(key);
    if (entry) return entry;
    const { maxKeys, maxWaiting } = this.#setup;
    this.trim(); // what could not be written may be by now
    const surplus = this.#inHand.size - maxKeys + this.writing;
    if (this.#loads.waiting >= maxWaiting || surplus >= maxWaiting) return this.#refuse();
    if (this.#loads.has(key)) return 'later';
    const found = this.#loads.read(key, features);
    return found === 'later' ? found : (this.#inHand.get(key) ?? found); // the store, or who makes one, may have come here
  }

  /** Waits for a state that is on its way. */
  wait(key: Key, waiter: Waiter<S>): void {
    this.#loads.wait(key, waiter);
  }

  /** Puts a state in hand that was saved while it was. */
  restore(key: Key, json: unknown, usedAt: number): void {
    this.#inHand.put(key, { state: this.#setup.revive(json, key), isRestored: true, usedAt });
    this.trim();
  }

  /** A state was used: it is the most recent. One more than may be in hand, until `trim`. */
  keep(key: Key, entry: Entry<S>, time: number): void {
    entry.usedAt = time;
    const hands = this.#loads.has(key) ? this.#handed : this.#inHand;
    if (hands.get(key) !== entry) this.tally.count(entry.isRestored ? 'restored' : 'created');
    hands.put(key, entry);
  }

  /** Lets go of the least recently used, down to as many as may be in hand. */
  trim(): void {
    while (this.#inHand.size > this.#setup.maxKeys && this.#evictOldest()) {}
  }

  /** Lets go of those that were not used for `idleMs`. @returns how long until the next is due, if there is one */
  sweep(now: number): number | undefined {
    const { idleMs } = this.#setup;
    if (idleMs === undefined) return undefined;
    for (let oldest = this.#inHand.oldest(); oldest; oldest = this.#inHand.oldest()) {
      const left = oldest[1].usedAt + idleMs - now;
      if (left > 0) return Math.min(left, idleMs); // within bounds if the clock was set
      if (!this.#evictOldest()) return idleMs;
    }
    return undefined;
  }

  /** Writes all in hand, where it stays; then waits as `quiet` does. */
  flush(then: () => void): void {
    this.#write(this.#writes ? Array.from(this.#used(), ([key]) => key) : [], then);
    if (this.writing > 0) this.tally.changed();
  }

  /** Goes on once nothing is on its way to the store: at once, if nothing is. */
  quiet(then: () => void): void {
    this.#write([], then);
  }

  /** As many at a time as may be on their way. */
  #write(keys: Key[], then: () => void): void {
    const writes = this.#writes;
    let isPutting = false; // a store that answers at once ends a write within
    const more = (): void => {
      if (isPutting) return;
      isPutting = true;
      while (writes && keys.length > 0 && writes.size < this.#setup.maxWaiting) {
        const key = keys.pop()!;
        const entry = this.#inHand.get(key) ?? this.#handed.get(key);
        if (entry) writes.put(key, entry, false);
      }
      isPutting = false;
      if (keys.length > 0 || (writes && writes.size > 0)) return;
      this.#afterWrite.delete(more);
      then();
    };
    this.#afterWrite.add(more);
    more();
  }

  /** All who waited for a state have had it, if it could be had. */
  #ended(key: Key): void {
    const entry = this.#handed.get(key);
    if (entry) {
      this.#handed.delete(key);
      this.#inHand.put(key, entry);
      this.trim();
    }
    this.tally.changed();
  }

  /** @returns whether it did: not where as much is on its way as may be, or it could not be written */
  #evictOldest(): boolean {
    const oldest = this.#inHand.oldest();
    if (oldest === undefined) return false;
    const [key, entry] = oldest;
    if (this.#writes && this.#writes.size >= this.#setup.maxWaiting) return false;
    this.#inHand.delete(key);
    this.tally.count('evicted');
    if (this.#writes) this.#writes.put(key, entry, true);
    else this.tally.count('forgotten');
    return this.#inHand.get(key) !== entry;
  }

  #takeBack(key: Key): Entry<S> | undefined {
    const entry = this.#writes?.take(key);
    if (entry === undefined) return undefined;
    this.tally.count('restored');
    this.#inHand.put(key, entry);
    return entry;
  }

  #refuse(): 'dropped' {
    const { overflow, maxWaiting } = this.#setup;
    if (overflow === 'error')
      throw new OverflowError('maxWaiting', maxWaiting, 'what waits for states, or to be written');
    return 'dropped';
  }
}
