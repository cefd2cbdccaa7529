/** Running statistics that pool: the exact statistics of all values seen, within and between batches. */
import { StateError } from '../errors.js';
import { stateOf } from '../json.js';
import { Moments } from '../stats/moments.js';
import { type Location, locationOf, type Running } from './running.js';

export class Pooled implements Running {
  readonly #moments: Moments;
  readonly #ddof: number;

  constructor(moments: Moments, ddof: number) {
    this.#moments = moments;
    this.#ddof = ddof;
  }

  learn(batch: Moments): boolean {
    this.#moments.merge(batch);
    return batch.count.some((values) => values > 0);
  }

  location(): Location {
    return locationOf(this.#moments, this.#moments.variance(this.#ddof));
  }

  toJSON(): unknown {
    return { kind: 'Pooled', version: 1, moments: this.#moments.toJSON() };
  }

  static fromJSON(json: unknown, channels: number, ddof: number): Pooled {
    return new Pooled(poolFromJSON('Pooled', stateOf('Pooled', 1, json)['moments'], channels), ddof);
  }
}

/** The saved pool of a running statistic. @throws StateError if it is none, or of other channels */
export function poolFromJSON(where: string, json: unknown, channels: number): Moments {
  const moments = Moments.fromJSON(json);
  if (moments.channels === channels) return moments;
  throw new StateError(`${where}.moments.channels`, `${channels}`, moments.channels);
}
