/** A store that lasts as long as the program: for tests, and for what outlives a pipeline but not its process. */
import { knownOptions, positiveInteger } from '../options.js';
import type { CheckpointStore } from './checkpoint-store.js';

export interface MemoryStoreOptions {
  /** How many it keeps; 2. */
  readonly generations?: number;
}

/**
 * Checkpoints in memory.
 * @example
 * import { MemoryStore } from 'evenkeel';
 * const store = new MemoryStore();
 * for (const text of ['a', 'b', 'c']) store.write(text);
 * console.log(store.read()); // [ 'c', 'b' ]
 */
export class MemoryStore implements CheckpointStore {
  readonly #generations: number;
  #kept: readonly string[] = [];

  /** @throws OptionError */
  constructor(options: MemoryStoreOptions = {}) {
    const { generations = 2 } = knownOptions('options', options, ['generations']);
    this.#generations = positiveInteger('generations', generations);
  }

  read(): readonly string[] {
    return this.#kept;
  }

  write(text: string): void {
    this.#kept = [text, ...this.#kept].slice(0, this.#generations);
  }
}
