/**
 * The statistic of a sliding window, from those of its blocks, without taking anything back out: two stacks. The front one
 * holds, for each of the oldest blocks, the statistic of that block and all newer ones of the stack, so the oldest leaves by
 * being dropped; the newest are gathered in one statistic. Between them is what will be the next front: it is turned over
 * block by block while the present one lasts, so that no row has to pay for all of them.
 *
 * Sources: K. Tangwongsan, M. Hirzel, S. Schneider, K.-L. Wu, "General incremental sliding-window aggregation", PVLDB 8
 * (2015), doi:10.14778/2752939.2752940 (two stacks); K. Tangwongsan, M. Hirzel, S. Schneider, "Low-latency sliding-window
 * aggregation in worst-case constant time", DEBS 2017, doi:10.1145/3093742.3093925 (no turn over at once).
 */
import { mergeMoments } from './merge-moments.js';
import { PLANES } from './planes.js';
import { updateMoments } from './update-moments.js';

/** All that there is, oldest block first: of the newest one, what it holds, the rest being those that are closed. */
export interface BlocksState {
  readonly keys: Float64Array;
  readonly rows: Float64Array;
  /** The planes of each closed block, in turn; then those of the middle, of the back, and of the newest block. */
  readonly planes: Float64Array;
  readonly front: number;
  readonly middle: number;
  readonly raw: number;
  readonly newest: number;
  readonly newestRows: number;
}

/** The statistics of a lone block or of several, taken from the ring: one of each for all, as wide as the last ones. */
let one: Float64Array = new Float64Array(0);
let other: Float64Array = new Float64Array(0);

export class SlidingBlocks {
  /** The key of the newest block, or -Infinity before there is one. */
  newest: number = -Infinity;
  /** Rows of all blocks. */
  rows = 0;
  readonly #channels: number;
  /** How many keys a window is long. */
  readonly #span: number;
  /** The closed blocks, in a ring, oldest at `#head`: those of the front, of the middle, and the rest, of the back. */
  #keys = new Float64Array(0);
  #rowsOf = new Float64Array(0);
  #data = new Float64Array(0);
  #head = 0;
  #closed = 0;
  #front = 0;
  #middle = 0;
  /** Of the middle, the oldest, which are not turned over yet. */
  #raw = 0;
  readonly #middleTotal: Float64Array;
  /** Of the back, and the newest block. */
  readonly #backTotal: Float64Array;
  readonly #open: Float64Array;
  #openRows = 0;

  /** @param span blocks a window has at most: a block leaves when one comes whose key is that much further on */
  constructor(channels: number, span: number) {
    this.#channels = channels;
    this.#span = span;
    const length = PLANES * channels;
    this.#middleTotal = new Float64Array(length);
    this.#backTotal = new Float64Array(length);
    this.#open = new Float64Array(length);
  }

  /** Whether a block of this key has left. */
  isPast(key: number): boolean {
    return key <= this.newest - this.#span;
  }

  /** A row into the newest block. */
  update(row: Float64Array, weight: number): void {
    updateMoments(this.#open, row, weight, this.#channels);
    updateMoments(this.#backTotal, row, weight, this.#channels);
    this.#openRows++;
    this.rows++;
  }

  /** A statistic into the newest block. */
  merge(planes: Float64Array, rows: number): void {
    mergeMoments(this.#open, planes, this.#channels);
    mergeMoments(this.#backTotal, planes, this.#channels);
    this.#openRows += rows;
    this.rows += rows;
  }

  /** Begins a block, newer than all before it. What was learned before there was any is in it. */
  begin(key: number): void {
    const past = key - this.#span;
    if (this.newest <= past) {
      if (this.newest > -Infinity) this.clear();
      this.newest = key;
      return;
    }
    this.#close();
    this.newest = key;
    while (this.#closed > 0 && this.#keyAt(0) <= past) this.#evict();
    const isHalf = this.#closed > this.#front && key - this.#keyAt(this.#front) >= this.#span / 2;
    if (this.#middle === 0 && isHalf) this.#startMiddle();
    // Evenly over the blocks that will come until its oldest leaves.
    if (this.#raw > 0) this.#turnOver(Math.ceil(this.#raw / Math.max(1, this.#keyAt(this.#front) - past)));
  }

  /** A statistic into an older block that has not left: into all that it is part of. */
  mergeInto(key: number, planes: Float64Array, rows: number): void {
    const at = this.#find(key);
    if (at === this.#closed || this.#keyAt(at) !== key) this.#insert(at, key);
    let from = at;
    if (at < this.#front) from = 0;
    else if (at < this.#front + this.#middle) {
      mergeMoments(this.#middleTotal, planes, this.#channels);
      from = Math.min(at, this.#front + this.#raw);
    } else mergeMoments(this.#backTotal, planes, this.#channels);
    for (let i = from; i <= at; i++) {
      one = this.#read(i, one);
      mergeMoments(one, planes, this.#channels);
      this.#write(i, one);
    }
    this.#rowsOf[this.#slot(at)]! += rows;
    this.rows += rows;
  }

  /** The statistic of all blocks. */
  total(into: Float64Array): void {
    if (this.#front > 0) this.#read(0, into);
    else into.fill(0);
    mergeMoments(into, this.#middleTotal, this.#channels);
    mergeMoments(into, this.#backTotal, this.#channels);
  }

  clear(): void {
    this.#closed = this.#front = this.#middle = this.#raw = 0;
    for (const planes of [this.#middleTotal, this.#backTotal, this.#open]) planes.fill(0);
    this.#openRows = this.rows = 0;
    this.newest = -Infinity;
  }

  save(): BlocksState {
    const length = PLANES * this.#channels;
    const planes = new Float64Array((this.#closed + 3) * length);
    const [keys, rows] = [new Float64Array(this.#closed), new Float64Array(this.#closed)];
    for (let i = 0; i < this.#closed; i++) {
      keys[i] = this.#keyAt(i);
      rows[i] = this.#rowsOf[this.#slot(i)]!;
      planes.set(this.#read(i, one), i * length);
    }
    [this.#middleTotal, this.#backTotal, this.#open].forEach((total, i) => {
      planes.set(total, (this.#closed + i) * length);
    });
    const [front, middle, raw] = [this.#front, this.#middle, this.#raw];
    return { keys, rows, planes, front, middle, raw, newest: this.newest, newestRows: this.#openRows };
  }

  /** Goes on from there. */
  restore({ keys, rows, planes, front, middle, raw, newest, newestRows }: BlocksState): this {
    const length = PLANES * this.#channels;
    const closed = keys.length;
    [this.#keys, this.#rowsOf, this.#data] = [keys.slice(), rows.slice(), planes.slice(0, closed * length)];
    [this.#head, this.#closed, this.#front, this.#middle, this.#raw] = [0, closed, front, middle, raw];
    [this.#middleTotal, this.#backTotal, this.#open].forEach((total, i) => {
      total.set(planes.subarray((closed + i) * length, (closed + i + 1) * length));
    });
    this.newest = newest;
    this.#openRows = newestRows;
    this.rows = rows.reduce((a, b) => a + b, newestRows);
    return this;
  }

  /** The newest block is one of the closed. */
  #close(): void {
    if (this.#closed === this.#keys.length) this.#grow();
    const at = this.#closed++;
    this.#keys[this.#slot(at)] = this.newest;
    this.#rowsOf[this.#slot(at)] = this.#openRows;
    this.#write(at, this.#open);
    this.#open.fill(0);
    this.#openRows = 0;
  }

  /** The oldest leaves. */
  #evict(): void {
    if (this.#front === 0) {
      if (this.#middle === 0) this.#startMiddle();
      this.#turnOver(this.#raw);
      this.#front = this.#middle;
      this.#middle = 0;
      this.#middleTotal.fill(0);
    }
    this.rows -= this.#rowsOf[this.#slot(0)]!;
    this.#head = this.#slot(1);
    this.#closed--;
    this.#front--;
  }

  /** All of the back becomes the middle, while the newest block is empty. */
  #startMiddle(): void {
    this.#raw = this.#middle = this.#closed - this.#front;
    this.#middleTotal.set(this.#backTotal);
    this.#backTotal.fill(0);
  }

  /** So many blocks of the middle, newest first, hold all that are newer too from now on. */
  #turnOver(blocks: number): void {
    for (let left = blocks; left > 0; left--) {
      const at = this.#front + --this.#raw;
      if (at + 1 === this.#front + this.#middle) continue;
      one = this.#read(at, one);
      other = this.#read(at + 1, other);
      mergeMoments(one, other, this.#channels);
      this.#write(at, one);
    }
  }

  /** Makes room for an older block; it holds what it has to before it has anything of its own. */
  #insert(at: number, key: number): void {
    if (this.#closed === this.#keys.length) this.#grow();
    const isTurned = at < this.#front || (at >= this.#front + this.#raw && at < this.#front + this.#middle);
    for (let i = this.#closed++; i > at; i--) {
      const [to, from] = [this.#slot(i), this.#slot(i - 1)];
      this.#keys[to] = this.#keys[from]!;
      this.#rowsOf[to] = this.#rowsOf[from]!;
      one = this.#read(i - 1, one);
      this.#write(i, one);
    }
    one = isTurned ? this.#read(at + 1, one) : this.#room(one).fill(0);
    this.#write(at, one);
    this.#keys[this.#slot(at)] = key;
    this.#rowsOf[this.#slot(at)] = 0;
    if (at < this.#front) this.#front++;
    else if (at < this.#front + this.#middle) {
      if (at < this.#front + this.#raw) this.#raw++;
      this.#middle++;
    }
  }

  /** The first closed block whose key is not less. */
  #find(key: number): number {
    let [least, most] = [0, this.#closed];
    while (least < most) {
      const at = (least + most) >> 1;
      if (this.#keyAt(at) < key) least = at + 1;
      else most = at;
    }
    return least;
  }

  #grow(): void {
    const { keys, rows, planes } = this.save();
    const most = Math.min(this.#span, Math.max(8, 2 * this.#closed));
    [this.#keys, this.#rowsOf] = [new Float64Array(most), new Float64Array(most)];
    this.#data = new Float64Array(most * PLANES * this.#channels);
    this.#keys.set(keys);
    this.#rowsOf.set(rows);
    this.#data.set(planes.subarray(0, this.#closed * PLANES * this.#channels));
    this.#head = 0;
  }

  #slot(at: number): number {
    const slot = this.#head + at;
    return slot < this.#keys.length ? slot : slot - this.#keys.length;
  }

  #keyAt(at: number): number {
    return this.#keys[this.#slot(at)]!;
  }

  #room(planes: Float64Array): Float64Array {
    return planes.length === PLANES * this.#channels ? planes : new Float64Array(PLANES * this.#channels);
  }

  #read(at: number, planes: Float64Array): Float64Array {
    const into = this.#room(planes);
    const from = this.#slot(at) * into.length;
    for (let i = 0; i < into.length; i++) into[i] = this.#data[from + i]!;
    return into;
  }

  #write(at: number, planes: Float64Array): void {
    const to = this.#slot(at) * planes.length;
    for (let i = 0; i < planes.length; i++) this.#data[to + i] = planes[i]!;
  }
}
