/** Running statistics that pool: every row seen counts, or counts less the older it is. */
import { StateError } from '../errors.js';
import { stateOf } from '../json.js';
import { Moments } from '../stats/moments.js';
import type { Location, Running } from './running.js';

/**
 * The exact statistics of all rows seen, total variance (within and between batches). With a half-life, a row weighs
 * half as much after `halfLifeRows` further rows; the rows of one batch weigh the same. There is no prior: the first
 * batch counts from its first row.
 */
export class Pooled implements Running {
  readonly #moments: Moments;
  readonly #ddof: number;
  readonly #halfLifeRows: number;

  constructor(channels: number | Moments, ddof: number, halfLifeRows: number) {
    this.#moments = typeof channels === 'number' ? new Moments(channels) : channels;
    this.#ddof = ddof;
    this.#halfLifeRows = halfLifeRows;
  }

  learn(batch: Moments, rows: number): void {
    if (this.#halfLifeRows < Infinity) this.#moments.decay(2 ** (-rows / this.#halfLifeRows));
    this.#moments.merge(batch);
  }

  location(): Location {
    const { mean, meanLow } = this.#moments;
    const variance = this.#moments.variance(this.#ddof).map((value) => (Number.isNaN(value) ? 1 : value));
    return { mean: mean.slice(), meanLow: meanLow.slice(), variance };
  }

  toJSON(): unknown {
    return { kind: 'Pooled', version: 1, moments: this.#moments.toJSON() };
  }

  static fromJSON(json: unknown, channels: number, ddof: number, halfLifeRows: number): Pooled {
    const moments = Moments.fromJSON(stateOf('Pooled', 1, json)['moments']);
    if (moments.channels !== channels)
      throw new StateError('Pooled.moments.channels', `${channels}`, moments.channels);
    return new Pooled(moments, ddof, halfLifeRows);
  }
}
