/** What a new key may start from: what was learned of all others. */
import { OptionError } from '../errors.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import type { PoolMode } from '../running/running-mode.js';
import { Moments } from '../stats/moments.js';
import type { Tensor } from '../tensor.js';

/** @throws OptionError unless what is merged into such statistics is as good as learned */
export function checkPools(running: PoolMode): void {
  const names = Object.keys(Object(running));
  if (running === 'pooled' || names.some((name) => name.startsWith('halfLife'))) return;
  throw new OptionError(
    'start',
    "'fresh', as { pooledRows } goes with statistics that pool or fade",
    running,
  );
}

/** The exact statistics of every row learned, whatever its key; and so many rows of them. */
export class PooledStart {
  readonly #rows: number;
  #all: Moments | undefined;

  constructor(rows: number) {
    this.#rows = rows;
  }

  toJSON(): unknown {
    return this.#all?.toJSON() ?? null;
  }

  /** Goes on from saved state, before anything else. @throws StateError */
  restore(json: unknown): void {
    if (json !== null) this.#all = Moments.fromJSON(json);
  }

  update(row: ArrayLike<number>): void {
    this.#of(row.length)?.update(row);
  }

  updateBatch(x: Tensor): void {
    this.#of(x.shape[1]!)?.updateBatch(x);
  }

  /** Gives a scaler that has learned nothing what it starts from. */
  begin(scaler: StandardScaler): void {
    const { features } = scaler;
    const all = this.#all;
    if (all?.channels !== features) return; // what is of other features says nothing of these
    const prior = all.clone();
    prior.decay(all.count.map((count) => (count > this.#rows ? this.#rows / count : 1)));
    scaler.moments.merge(prior);
  }

  #of(features: number): Moments | undefined {
    this.#all ??= new Moments(features);
    return this.#all.channels === features ? this.#all : undefined;
  }
}
