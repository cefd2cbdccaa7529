/** Writes to a store, one at a time; of what is to be written meanwhile, only the latest is. */
import type { StoreError } from '../errors.js';
import { type CheckpointStore, storeError } from './checkpoint-store.js';

/** What is written, and what it is of. */
export interface Snapshot {
  readonly text: string;
}

/** Takes what is to be written; undefined where there is nothing, after all. It does not throw. */
export type Take<S extends Snapshot> = () => S | undefined;

/** Who is told how a write ended. They do not throw. */
export interface SaverOptions<S extends Snapshot> {
  readonly saved: (snapshot: S) => void;
  readonly failed: (error: StoreError, snapshot: S) => void;
}

export class Saver<S extends Snapshot> {
  readonly #store: CheckpointStore;
  readonly #told: SaverOptions<S>;
  #writing = false;
  /** To be written next. */
  #next: Take<S> | undefined;
  #waiting: (() => void)[] = [];

  constructor(store: CheckpointStore, told: SaverOptions<S>) {
    this.#store = store;
    this.#told = told;
  }

  /** Writes what `take` gives: taken now or, while a write is under way, once that has ended. */
  save(take: Take<S>): void {
    this.#next = take;
    if (!this.#writing) this.#write();
  }

  /** Calls `then` once nothing is being written: at once if nothing is. */
  idle(then: () => void): void {
    if (this.#writing) this.#waiting.push(then);
    else then();
  }

  #write(): void {
    const snapshot = this.#next?.();
    this.#next = undefined;
    this.#writing = snapshot !== undefined;
    if (snapshot) this.#start(snapshot);
    else for (const then of this.#waiting.splice(0)) then();
  }

  #start(snapshot: S): void {
    const { saved, failed } = this.#told;
    const fail = (error: unknown): void =>
      this.#end(() => failed(storeError('could not be written', error), snapshot));
    const done = (): void => this.#end(() => saved(snapshot));
    let written: unknown;
    try {
      written = this.#store.write(snapshot.text);
    } catch (error) {
      fail(error);
      return;
    }
    // A store that is not asynchronous is done: so is then the end of a stream that waits for it.
    if (typeof Object(written).then === 'function') Promise.resolve(written).then(done, fail);
    else done();
  }

  #end(tell: () => void): void {
    tell(); // while it counts as writing: what is saved from within comes after it
    this.#write();
  }
}
