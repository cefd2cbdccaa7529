/** Keeps a state file up to date: about once a second while there is something new, and at the end. */
import type { Failure } from './exit-codes.js';
import { type Learned, writeState } from './state-file.js';

const PERIOD_MS = 1000;

export class Saver {
  readonly path: string;
  readonly #failed: (failure: Failure) => void;
  #learned: Learned | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param failed told when it cannot be written */
  constructor(path: string, failed: (failure: Failure) => void) {
    this.path = path;
    this.#failed = failed;
  }

  /** There is more to save. */
  changed(learned: Learned): void {
    this.#learned = learned;
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#write().catch(this.#failed);
    }, PERIOD_MS);
  }

  /** Saves what is not saved yet. @returns whether there was anything to save since the start @throws Failure */
  async end(): Promise<boolean> {
    clearTimeout(this.#timer);
    await this.#writing;
    if (this.#learned === undefined) return false;
    await writeState(this.path, this.#learned);
    return true;
  }

  async #write(): Promise<void> {
    await writeState(this.path, this.#learned!);
    this.#timer = undefined;
  }
}
