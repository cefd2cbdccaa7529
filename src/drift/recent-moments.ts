/**
 * Moments of the latest rows, by blocks that merge: nothing is ever subtracted. Two stacks make that a merge or two a block,
 * however long the window is.
 *
 * Source: Tangwongsan, Hirzel, Schneider & Wu 2015, doi:10.14778/2752939.2752940.
 */
import { Moments } from '../stats/moments.js';
import type { Tensor } from '../tensor.js';

interface Block {
  readonly moments: Moments;
  rows: number;
}

export class RecentMoments {
  readonly #channels: number;
  readonly #size: number;
  readonly #stride: number;
  /** The older blocks, the oldest last; each with all that is younger merged in, and its own rows. */
  #front: Block[] = [];
  /** The younger ones, as they came, and all of them merged. The last may not be full. */
  #back: Block[] = [];
  #all: Moments;
  /** Rows in the window. */
  #rows = 0;

  /** The latest `size` rows, and at most a block more; a block has `stride` rows, or a batch. */
  constructor(channels: number, size: number, stride: number) {
    this.#channels = channels;
    this.#size = size;
    this.#stride = stride;
    this.#all = new Moments(channels);
  }

  /** Whether as many rows have come as it is to have. */
  get isFull(): boolean {
    return this.#rows >= this.#size;
  }

  get moments(): Moments {
    const moments = this.#all.clone();
    const older = this.#front.at(-1);
    if (older) moments.merge(older.moments);
    return moments;
  }

  update(row: Float64Array): void {
    this.#all.update(row);
    this.#open().moments.update(row);
    this.#grow(1);
  }

  updateBatch(x: Tensor): void {
    const batch = new Moments(this.#channels);
    batch.updateBatch(x);
    this.#all.merge(batch);
    this.#open().moments.merge(batch);
    this.#grow(x.shape[0]!);
  }

  #open(): Block {
    const last = this.#back.at(-1);
    if (last && last.rows < this.#stride) return last;
    const block = { moments: new Moments(this.#channels), rows: 0 };
    this.#back.push(block);
    return block;
  }

  #grow(rows: number): void {
    this.#back.at(-1)!.rows += rows;
    this.#rows += rows;
    for (;;) {
      const oldest = this.#front.at(-1) ?? this.#back[0]!;
      if (this.#rows - oldest.rows < this.#size) return;
      if (this.#front.length === 0) this.#flip();
      this.#rows -= this.#front.pop()!.rows;
    }
  }

  #flip(): void {
    const merged = new Moments(this.#channels);
    for (const { moments, rows } of this.#back.reverse()) {
      merged.merge(moments);
      this.#front.push({ moments: merged.clone(), rows });
    }
    this.#back = [];
    this.#all = new Moments(this.#channels);
  }
}
