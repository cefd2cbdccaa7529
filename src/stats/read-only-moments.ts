/** Moments that are made of others: what would be taught to them would be lost, and so is refused. */
import { OptionError } from '../errors.js';
import { Moments } from './moments.js';

export class ReadOnlyMoments extends Moments {
  readonly #revisionOf: () => number;
  readonly #refresh: () => void;

  /**
   * @param revisionOf what they are made of has this revision
   * @param refresh makes them of what that is now
   */
  constructor(channels: number, revisionOf: () => number, refresh: () => void) {
    super(channels);
    this.#revisionOf = revisionOf;
    this.#refresh = refresh;
  }

  /** As they are now. */
  fresh(): this {
    this.#refresh();
    return this;
  }

  override get revision(): number {
    return this.#revisionOf();
  }

  /** @throws OptionError */
  override update(): never {
    return this.#refuse();
  }

  /** @throws OptionError */
  override updateBatch(): never {
    return this.#refuse();
  }

  /** @throws OptionError */
  override merge(): never {
    return this.#refuse();
  }

  /** @throws OptionError */
  override decay(): never {
    return this.#refuse();
  }

  #refuse(): never {
    throw new OptionError('moments', 'those of a window, or a clone: these are to be read', this);
  }
}
