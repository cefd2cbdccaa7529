/**
 * Keeps a state file up to date: about once a second while there is something new, and at the end. What could not be saved, on a
 * full disk, is tried again a second later: the run goes on.
 */
import { type Failure, failureOf } from './exit-codes.js';
import type { Learned } from './learned.js';

const PERIOD_MS = 1000;

export class Saver {
  readonly #turned: (failure: Failure | undefined) => void;
  readonly #write: (learned: Learned) => Promise<void>;
  #learned: Learned | undefined;
  #unsaved = false;
  /** Of the last write. */
  #failure: Failure | undefined;
  /** From the first thing to save until it is written: no two writes run at once. */
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  /**
   * @param write takes what there is to save when it is called
   * @param turned told why it cannot be written, once until it can be again, and then that too
   */
  constructor(write: (learned: Learned) => Promise<void>, turned: (failure: Failure | undefined) => void) {
    this.#write = write;
    this.#turned = turned;
  }

  /** Why what was learned is not saved just now. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** There is more to save. */
  changed(learned: Learned): void {
    this.#learned = learned;
    this.#unsaved = true;
    this.#timer ??= setTimeout(() => {
      this.#saving = this.#save();
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
    try {
      await this.#write(this.#learned!);
      this.#turn(undefined);
    } catch (error) {
      this.#unsaved = true;
      this.#turn(failureOf(error));
    }
    this.#timer = undefined;
    if (this.#unsaved) this.changed(this.#learned!);
  }

  #turn(failure: Failure | undefined): void {
    const is = this.#failure !== undefined;
    this.#failure = failure;
    if (is !== (failure !== undefined)) this.#turned(failure);
  }
}
