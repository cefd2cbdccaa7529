/** States on their way from the store. Of a key whose state is, what wants it waits, in order; other keys go on. */
import type { Key } from '../samples/key.js';
import type { Entry } from './entry.js';
import { isPromise, type KeyStore, keyError } from './key-store.js';

/** Where states come from. */
export interface Origin<S> {
  readonly store?: KeyStore;
  create(key: Key, features: number): S;
  revive(json: unknown, key: Key): S;
}

/** Who wants a state that is on its way. */
export interface Waiter<S> {
  ready(entry: Entry<S>): void;
  failed(error: unknown): void;
}

/** Who is told how reading went. */
interface Told {
  /** The store could not be read. */
  failed(): void;
  /** All who waited for a key's state have been told, either way. */
  ended(key: Key): void;
}

export class Loads<S> {
  readonly #origin: Origin<S>;
  readonly #told: Told;
  readonly #queues = new Map<Key, Waiter<S>[]>();
  #waiting = 0;

  constructor(origin: Origin<S>, told: Told) {
    this.#origin = origin;
    this.#told = told;
  }

  /** How many wait, whatever for. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a key's state is on its way, or being handed to those who waited. */
  has(key: Key): boolean {
    return this.#queues.has(key);
  }

  wait(key: Key, waiter: Waiter<S>): void {
    this.#queues.get(key)!.push(waiter);
    this.#waiting++;
  }

  /** What the store has of a key, or a state that begins. `'later'`: it is on its way. @throws StoreError */
  read(key: Key, features: number): Entry<S> | 'later' {
    const { store } = this.#origin;
    if (store === undefined) return this.#entryOf(key, features, undefined);
    let json: unknown;
    try {
      json = store.get(key);
    } catch (cause) {
      this.#told.failed();
      throw keyError(key, 'its state could not be read', cause);
    }
    if (!isPromise(json)) return this.#entryOf(key, features, json);
    if (this.has(key)) {
      Promise.resolve(json).catch(() => {}); // it was asked for from within: what that comes to is waited for
      return 'later';
    }
    const queue: Waiter<S>[] = [];
    this.#queues.set(key, queue);
    Promise.resolve(json).then(
      (json) => this.#loaded(key, features, queue, json),
      (cause) => this.#notLoaded(key, queue, cause),
    );
    return 'later';
  }

  #entryOf(key: Key, features: number, json: unknown): Entry<S> {
    const { create, revive } = this.#origin;
    const isRestored = json !== undefined && json !== null;
    return { state: isRestored ? revive(json, key) : create(key, features), isRestored, usedAt: 0 };
  }

  #loaded(key: Key, features: number, queue: readonly Waiter<S>[], json: unknown): void {
    let entry: Entry<S>;
    try {
      entry = this.#entryOf(key, features, json);
    } catch (error) {
      this.#fail(key, queue, error);
      return;
    }
    // Until all that waits has had it, more may come to wait.
    for (const waiter of queue) {
      this.#waiting--;
      waiter.ready(entry);
    }
    this.#queues.delete(key);
    this.#told.ended(key);
  }

  #notLoaded(key: Key, queue: readonly Waiter<S>[], cause: unknown): void {
    const left = `its state could not be read, and ${queue.length} that waited for it left out`;
    this.#told.failed();
    this.#fail(key, queue, keyError(key, left, cause));
  }

  #fail(key: Key, queue: readonly Waiter<S>[], error: unknown): void {
    this.#queues.delete(key);
    for (const waiter of queue) {
      this.#waiting--;
      waiter.failed(error);
    }
    this.#told.ended(key);
  }
}
