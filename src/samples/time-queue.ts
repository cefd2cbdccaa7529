/**
 * Items in the order of their times, equal ones as they came: a double-ended queue into whose middle may be put, at the cost of
 * moving the places of those after it, which are few where times come nearly in order.
 *
 * Each item has a slot, a small number that is its own as long as it is held, for whoever keeps more of it elsewhere.
 */
const FIRST_SLOTS = 16;

export class TimeQueue<T> {
  /** By slot. */
  #times = new Float64Array(FIRST_SLOTS);
  readonly #items: (T | undefined)[] = [];
  /** Slots that were used, and are not now. */
  readonly #free: number[] = [];
  /** The slots in order, from `#from` to before `#to`. */
  #order = new Int32Array(FIRST_SLOTS);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  /** The slot of the item at a place, from 0. */
  slotAt(place: number): number {
    return this.#order[this.#from + place]!;
  }

  timeAt(place: number): number {
    return this.#times[this.slotAt(place)]!;
  }

  itemAt(place: number): T {
    return this.#items[this.slotAt(place)] as T;
  }

  /** How many are earlier. */
  before(time: number): number {
    return this.#search((at) => at < time);
  }

  /** Puts an item behind the last, whatever its time: for who goes by the order in which they came. @returns its slot */
  append(time: number, item: T): number {
    return this.#put(this.length, time, item);
  }

  /** Puts an item where its time belongs. @returns its slot */
  insert(time: number, item: T): number {
    const { length } = this;
    const isLast = length === 0 || time >= this.timeAt(length - 1);
    return this.#put(isLast ? length : this.#search((at) => at <= time), time, item);
  }

  #put(place: number, time: number, item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    if (slot === this.#times.length) this.#times = grown(this.#times, new Float64Array(2 * slot));
    this.#times[slot] = time;
    this.#items[slot] = item;
    if (this.#to === this.#order.length) this.#makeRoom();
    const at = this.#from + place;
    this.#order.copyWithin(at + 1, at, this.#to++);
    this.#order[at] = slot;
    return slot;
  }

  /** Takes the first out. */
  shift(): T {
    const slot = this.slotAt(0);
    const item = this.#items[slot] as T;
    this.#items[slot] = undefined;
    this.#free.push(slot);
    this.#from++;
    return item;
  }

  /** How many from the first on are as `is` says; it has to be true of none after one of which it is not. */
  #search(is: (time: number) => boolean): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (is(this.timeAt(middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Behind the last: to the front where half of it is unused, else twice as much, so that each is moved about once. */
  #makeRoom(): void {
    const { length } = this;
    const held = this.#order.subarray(this.#from, this.#to);
    if (2 * length > this.#order.length) this.#order = grown(held, new Int32Array(2 * this.#order.length));
    else this.#order.copyWithin(0, this.#from, this.#to);
    this.#from = 0;
    this.#to = length;
  }
}

function grown<A extends Float64Array | Int32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
