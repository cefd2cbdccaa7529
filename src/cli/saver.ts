/** Keeps a state file up to date: about once a second while there is something new, and at the end. */
import type { Failure } from './exit-codes.js';
import type { Learned } from './learned.js';

const PERIOD_MS = 1000;

export class Saver {
  readonly #failed: (failure: Failure) => void;
  readonly #write: (learned: Learned) => Promise<void>;
  #learned: Learned | undefined;
  #unsaved = false;
  /** From the first thing to save until it is written: no two writes run at once. */
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  /**
   * @param write takes what there is to save when it is called
   * @param failed told when it cannot be written
   */
  constructor(write: (learned: Learned) => Promise<void>, failed: (failure: Failure) => void) {
    this.#write = write;
    this.#failed = failed;
  }

  /** There is more to save. */
  changed(learned: Learned): void {
    this.#learned = learned;
    this.#unsaved = true;
    this.#timer ??= setTimeout(() => {
      this.#saving = this.#save().catch(this.#failed);
    }, PERIOD_MS);
  }

  /** Saves all there is. @returns whether there was anything to save since the start @throws Failure */
  async end(): Promise<boolean> {
    await this.#saving;
    clearTimeout(this.#timer);
    if (this.#learned === undefined) return false;
    await this.#write(this.#learned);
    return true;
  }

  async #save(): Promise<void> {
    this.#unsaved = false; // what is learned from now on is not in what is written
    await this.#write(this.#learned!);
    this.#timer = undefined;
    if (this.#unsaved) this.changed(this.#learned!);
  }
}
