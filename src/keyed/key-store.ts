/** Where the state of keys is kept that are not in hand, and what is on its way there. */
import { StoreError } from '../errors.js';
import type { Key } from '../samples/key.js';

/** A `Map` is one; so is whatever reads and writes a database. At once, or by a promise. */
export interface KeyStore {
  /** The state as it was last set, `JSON.parse(JSON.stringify(state))` at least; undefined or null where there is none. */
  get(key: Key): unknown;
  /** Keeps a state, plain JSON. What a promise comes to is not looked at. */
  set(key: Key, state: unknown): unknown;
}

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';

export const keyError = (key: Key, reason: string, cause: unknown): StoreError =>
  new StoreError(`key ${JSON.stringify(key)}`, reason, cause);

interface Write<E> {
  /** What is in no other hands; undefined once it was taken back. */
  held: E | undefined;
  /** What is to be written after this, as it was handed in again meanwhile. */
  next: E | undefined;
}

/** Who is told how writing went. */
export interface Told<E> {
  /** A write has come to an end, either way. */
  ended(): void;
  /** @param held what is now in nobody's hands, if it was in these */
  failed(key: Key, held: E | undefined, error: StoreError): void;
}

/** Writes to a store: of one key one after the other, as promises may keep no order. */
export class Writes<E> {
  readonly #store: KeyStore;
  readonly #save: (entry: E) => unknown;
  readonly #told: Told<E>;
  readonly #writes = new Map<Key, Write<E>>();
  #heldSize = 0;

  constructor(store: KeyStore, save: (entry: E) => unknown, told: Told<E>) {
    this.#store = store;
    this.#save = save;
    this.#told = told;
  }

  /** Under way. */
  get size(): number {
    return this.#writes.size;
  }

  /** How many of them are in no other hands. */
  get heldSize(): number {
    return this.#heldSize;
  }

  /** What is in no other hands, by key. */
  *held(): IterableIterator<[Key, E]> {
    for (const [key, { held }] of this.#writes) if (held !== undefined) yield [key, held];
  }

  /** Writes what is given out of hand (`isHeld`), or what stays there. */
  put(key: Key, entry: E, isHeld: boolean): void {
    const held = isHeld ? entry : undefined;
    const write = this.#writes.get(key);
    if (write === undefined) this.#start(key, entry, held);
    else {
      this.#hold(write, held);
      write.next = entry;
    }
  }

  /** Back into the hands of the caller, who has the newest: what the store will have is older. */
  take(key: Key): E | undefined {
    const write = this.#writes.get(key);
    const held = write?.held;
    if (write === undefined || held === undefined) return undefined;
    this.#hold(write, undefined);
    write.next = undefined;
    return held;
  }

  #hold(write: Write<E>, held: E | undefined): void {
    this.#heldSize += Number(held !== undefined) - Number(write.held !== undefined);
    write.held = held;
  }

  /** @returns what was in no other hands */
  #done(key: Key, write: Write<E>): E | undefined {
    const { held } = write;
    this.#hold(write, undefined);
    this.#writes.delete(key);
    return held;
  }

  #start(key: Key, entry: E, held: E | undefined): void {
    const write: Write<E> = { held: undefined, next: undefined };
    this.#hold(write, held);
    const failed = (cause: unknown): void => {
      const left = this.#done(key, write);
      this.#told.failed(key, left, keyError(key, 'its state could not be written', cause));
    };
    this.#writes.set(key, write); // before it is started: the store may call back
    const go = (): void => {
      const left = this.#done(key, write);
      if (write.next !== undefined) this.#start(key, write.next, left);
    };
    const ended = (): void => this.#told.ended();
    let done: unknown;
    try {
      done = this.#store.set(key, this.#save(entry));
    } catch (error) {
      failed(error);
      ended();
      return;
    }
    if (isPromise(done)) Promise.resolve(done).then(go, failed).then(ended);
    else {
      go();
      ended();
    }
  }
}
