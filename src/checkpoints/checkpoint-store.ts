/** The contract of a store of checkpoints: small enough for a database, a broker's key and value, or a page's storage. */
import { OptionError, StoreError } from '../errors.js';

/** A checkpoint as it was written; or, where it no longer is what was written, an error that says why. */
export type Generation = string | Error;

export interface CheckpointStore {
  /**
   * What it holds, newest first; empty where nothing was ever written. It throws (or its promise is rejected) where it
   * cannot tell.
   */
  read(): readonly Generation[] | Promise<readonly Generation[]>;
  /**
   * Keeps another generation: whole or not at all, and for good once it has returned (or its promise is fulfilled). A
   * write that fails leaves the last good generation as it was. It is not called while one is under way.
   */
  write(text: string): void | Promise<void>;
}

/** @throws OptionError */
export function checkStore(store: CheckpointStore): CheckpointStore {
  const { read, write } = Object(store);
  if (typeof read === 'function' && typeof write === 'function') return store;
  throw new OptionError('store', 'a store of checkpoints: read() and write(text)', store);
}

/** What went wrong with a store, as a StoreError. */
export function storeError(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(
    'checkpoint',
    `${what}: ${error instanceof Error ? error.message : String(error)}`,
    error,
  );
}
