/**
 * The KLL sketch of one channel: a bounded sample of its values, in levels, that tells the rank of any value. A value on
 * level h stands for 2^h values. When there is no more room, a level is sorted, and every other value of it moves up a
 * level; which half is a coin's toss. No missing values, no infinities: the caller keeps them out.
 *
 * A toss moves the rank of any given value by nothing or by 2^h, either way alike. So the rank's error is a sum of fair,
 * independent steps, and `squares`, the sum of their squares, bounds it (Hoeffding 1963, doi:10.1080/01621459.1963.10500830):
 * it exceeds t with a probability of 2 exp(-t² / (2 squares)) at most. Merging adds the squares. A level j below the top is
 * halved when it has TOP (2/3)^j values or more, and no value leaves a level twice, so squares <= 6 (count / TOP)² in any tree
 * of merges.
 *
 * The coin is a hash of what has been halved: the same data always gives the same sketch, yet shards of other data toss
 * other coins, and their errors do not add up.
 *
 * Source: Z. Karnin, K. Lang, E. Liberty, "Optimal Quantile Approximation in Streams", FOCS 2016, arXiv:1603.05346; a level
 * is halved as late as there is room.
 */

/** Values kept at most. As many are kept as they came: the sketch is exact so far. */
export const ROOM = 4096;
/** Values the top level has when it is halved, or more: as many as leave room for all the levels there can be. */
export const TOP = 1330;
/** Values it stands for at most: their ranks are whole numbers. */
export const MOST_VALUES: number = Number.MAX_SAFE_INTEGER;
/** Of so many. */
export const MOST_LEVELS = 53;

/** From how many values on a level so far below the top may be halved. Even, so that no fewer take part. */
const enough: readonly number[] = Array.from({ length: MOST_LEVELS }, (_, below) => {
  let values = TOP;
  for (let i = 0; i < below; i++) values *= 2 / 3;
  return Math.max(2, 2 * Math.ceil(values / 2));
});

/** So many copies are sooner added than merged, as a sketch of them. */
const FEW = 1000;

export class KllSketch {
  /** How many values it stands for. */
  count = 0;
  min: number = Infinity;
  max: number = -Infinity;
  /** Of the steps by which a rank may have moved. */
  squares = 0;
  /** 32 bits, of all that has been halved. */
  hash = 0;
  /**
   * The top level first, level 0 last: what comes is appended, and what moves up is next to where it belongs. All levels but
   * level 0 are sorted.
   */
  #values = new Float64Array(16);
  #size = 0;
  /** Where a level starts, level 0 first. */
  #starts = [0];

  /** `weight` times the value x, a whole number from 1 up, exactly. */
  static #repeated(x: number, weight: number): KllSketch {
    const sketch = new KllSketch();
    let top = 0;
    while (weight / 2 ** top >= 2 * TOP) top++;
    for (let level = top; level >= 0; level--) {
      sketch.#starts[level] = sketch.#size;
      const copies = Math.floor(weight / 2 ** level);
      sketch.#size += level === top ? copies : copies % 2;
    }
    sketch.#values = new Float64Array(sketch.#size).fill(x);
    sketch.#note(weight, x, x);
    return sketch;
  }

  /** A sketch of these levels, level 0 first, all but that sorted; the top one has values, if any has. */
  static of(levels: readonly Float64Array[], min: number, max: number): KllSketch {
    const sketch = new KllSketch();
    sketch.#fill(levels.map((level) => [level]));
    const count = levels.reduce((sum, { length }, level) => sum + length * 2 ** level, 0);
    sketch.#note(count, min, max);
    return sketch;
  }

  /** Live views of what is kept, level 0 first. */
  get levels(): Float64Array[] {
    return this.#starts.map((start, level) =>
      this.#values.subarray(start, level === 0 ? this.#size : this.#starts[level - 1]),
    );
  }

  /** @param weight how many times, a whole number from 1 up */
  add(x: number, weight = 1): void {
    const value = x + 0; // -0 is 0: equal values have equal bits, for the hash
    if (weight > FEW) this.merge(KllSketch.#repeated(value, weight));
    else for (let times = 0; times < weight; times++) this.#push(value);
  }

  #push(value: number): void {
    if (this.#size === ROOM) this.#halve();
    if (this.#size === this.#values.length) this.#resize(Math.min(2 * this.#size, ROOM));
    this.#values[this.#size++] = value;
    this.#note(1, value, value);
  }

  merge(other: KllSketch): void {
    const [own, others] = [this.levels, other.levels];
    const longer = own.length < others.length ? others : own;
    this.#fill(longer.map((_, level) => [own[level] ?? [], others[level] ?? []]));
    this.squares += other.squares;
    this.hash = (this.hash + other.hash) | 0;
    this.#note(other.count, other.min, other.max);
    while (this.#size > ROOM) this.#halve();
    if (this.#values.length > ROOM) this.#resize(ROOM);
  }

  clone(): KllSketch {
    const copy = KllSketch.of(this.levels, this.min, this.max);
    copy.squares = this.squares;
    copy.hash = this.hash;
    return copy;
  }

  #note(count: number, min: number, max: number): void {
    this.count += count;
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }

  #resize(length: number): void {
    const values = new Float64Array(length);
    values.set(this.#values.subarray(0, this.#size));
    this.#values = values;
  }

  /** Takes these parts of levels for what is kept: level 0 first, all parts but those of level 0 sorted. */
  #fill(levels: readonly (readonly ArrayLike<number>[])[]): void {
    const size = levels.flat().reduce((sum, { length }) => sum + length, 0);
    const values = new Float64Array(Math.max(size, 16));
    const starts = levels.map(() => 0);
    let at = 0;
    for (let level = levels.length - 1; level >= 0; level--) {
      starts[level] = at;
      const parts = levels[level]!.filter(({ length }) => length > 0);
      for (const part of parts) {
        values.set(part, at);
        at += part.length;
      }
      if (level > 0 && parts.length > 1) values.subarray(starts[level], at).sort();
    }
    this.#values = values;
    this.#starts = starts;
    this.#size = size;
  }

  /** Halves the lowest level that has enough values for it. There is one, as all that are short of it leave room. */
  #halve(): void {
    const starts = this.#starts;
    let level = 0;
    let to = this.#size;
    while (to - starts[level]! < enough[starts.length - 1 - level]!) to = starts[level++]!;
    const from = starts[level]!;
    const half = (to - from) >> 1;
    const values = this.#values;
    if (level === 0) values.subarray(from, to).sort();
    const coin = this.#toss(from, to);
    const risen = new Float64Array(half);
    for (let i = 0; i < half; i++) risen[i] = values[from + 2 * i + coin]!;
    const above = level === starts.length - 1 ? from : starts[level + 1]!;
    for (let i = half - 1, old = from - 1; i >= 0; ) {
      const place = old + i + 1;
      values[place] = old >= above && values[old]! > risen[i]! ? values[old--]! : risen[i--]!;
    }
    values.copyWithin(from + half, from + 2 * half, this.#size); // the odd one, and the levels below
    this.#size -= half;
    this.squares += 4 ** level;
    if (level === starts.length - 1) starts.push(0);
    starts[level] = from + half;
    for (let below = 0; below < level; below++) starts[below]! -= half;
  }

  /** 0 or 1, by the bits of these values and of all before. */
  #toss(from: number, to: number): number {
    const bits = new Uint32Array(this.#values.buffer, 8 * from, 2 * (to - from));
    let hash = this.hash;
    for (let i = 0; i < bits.length; i += 2) {
      hash = Math.imul(hash ^ bits[i]! ^ bits[i + 1]!, 0x9e3779b1); // whichever of the two words comes first
      hash ^= hash >>> 15;
    }
    this.hash = hash | 0;
    return Math.imul(hash, 0x85ebca6b) >>> 31;
  }
}
