/** Running statistics of the latest rows, or of the latest while: exact, and what has left the window leaves no trace. */
import { StateError } from '../errors.js';
import { stateOf } from '../json.js';
import { type Moments, planesOf } from '../stats/moments.js';
import { WindowMoments } from '../stats/window-moments.js';
import type { WindowSpan } from '../stats/window-span.js';
import type { Tensor } from '../tensor.js';
import { hasValues, locatePool, type Pool } from './running.js';

export class Windowed implements Pool {
  readonly #window: WindowMoments;
  readonly #ddof: number;

  constructor(window: WindowMoments, ddof: number) {
    this.#window = window;
    this.#ddof = ddof;
  }

  get moments(): Moments {
    return this.#window.moments;
  }

  get channels(): number {
    return this.#window.channels;
  }

  get revision(): number {
    return this.#window.revision;
  }

  get byTime(): boolean {
    return 'sizeMs' in this.#window.span;
  }

  get late(): number {
    return this.#window.late;
  }

  learn(batch: Moments, rows: number, _minValues: number, time?: number): boolean {
    const { late } = this.#window;
    this.#window.merge(batch, rows, time);
    return this.#window.late === late && hasValues(batch);
  }

  update(row: ArrayLike<number>, weight?: number, time?: number): void {
    this.#window.update(row, weight, time);
  }

  updateBatch(x: Tensor, missing?: 'skip' | 'error'): void {
    this.#window.updateBatch(x, missing);
  }

  /** What is merged is as recent as the last row. */
  merge({ moments }: Pool): void {
    this.#window.merge(moments);
  }

  variance(out?: Float64Array): Float64Array {
    return this.#window.variance(this.#ddof, out);
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
    return { kind: 'Windowed', version: 1, window: this.#window.toJSON() };
  }

  static fromJSON(json: unknown, channels: number, ddof: number, span: WindowSpan): Windowed {
    const window = WindowMoments.fromJSON(stateOf('Windowed', 1, json)['window']);
    const expected = JSON.stringify({ channels, span });
    const given = JSON.stringify({ channels: window.channels, span: window.span });
    if (given !== expected) throw new StateError('Windowed.window', expected, given);
    return new Windowed(window, ddof);
  }
}
