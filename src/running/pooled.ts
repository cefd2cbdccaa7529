/** Running statistics that pool: the exact statistics of all values seen, within and between batches. */
import { stateOf } from '../json.js';
import { type Moments, planesOf } from '../stats/moments.js';
import type { Tensor } from '../tensor.js';
import { hasValues, locatePool, type Pool, poolFromJSON } from './running.js';

export class Pooled implements Pool {
  readonly moments: Moments;
  readonly #ddof: number;

  constructor(moments: Moments, ddof: number) {
    this.moments = moments;
    this.#ddof = ddof;
  }

  get channels(): number {
    return this.moments.channels;
  }

  get revision(): number {
    return this.moments.revision;
  }

  learn(batch: Moments): boolean {
    this.moments.merge(batch);
    return hasValues(batch);
  }

  update(row: ArrayLike<number>, weight?: number): void {
    this.moments.update(row, weight);
  }

  updateBatch(x: Tensor, missing?: 'skip' | 'error'): void {
    this.moments.updateBatch(x, missing);
  }

  merge({ moments }: Pool): void {
    this.moments.merge(moments);
  }

  variance(out?: Float64Array): Float64Array {
    return this.moments.variance(this.#ddof, out);
  }

  locate(into: Float64Array): void {
    locatePool(this, into);
  }

  tells(channel: number): boolean {
    return planesOf(this.moments)[channel]! > this.#ddof; // the counts come first
  }

  tellsMean(channel: number): boolean {
    return planesOf(this.moments)[channel]! > 0;
  }

  toJSON(): unknown {
    return { kind: 'Pooled', version: 1, moments: this.moments.toJSON() };
  }

  static fromJSON(json: unknown, channels: number, ddof: number): Pooled {
    return new Pooled(poolFromJSON('Pooled', stateOf('Pooled', 1, json)['moments'], channels), ddof);
  }
}
