/**
 * The values of one source by time, as the ticks of a clock need them: the last one that the clock has passed, and those ahead
 * of it. Of the values between two ticks only the first (whence to interpolate before them) and the last can matter, so that
 * no more are held.
 */
const FIRST_ROOM = 16;

/** Its values need so many words each. */
const WORDS = 3;
const [TIME, VALUE, TICK] = [0, 1, 2] as const;

export class Track {
  /** Values ahead of the clock. */
  length = 0;
  #passedTime = Number.NaN;
  #passedValue = Number.NaN;
  /** Those ahead: a ring. */
  #ring = new Float64Array(FIRST_ROOM * WORDS);
  #first = 0;

  /**
   * Adds a value; of equal times the last is the one that counts.
   * @param time no less than that before
   * @param tick the number of the first tick at or after it
   * @param method whether the first value between two ticks matters too
   * @returns whether it took the place of another
   */
  push(time: number, value: number, tick: number, method: 'latest' | 'linear'): boolean {
    const spared = method === 'latest' ? 1 : 2; // as many as matter are there already, of those between the same ticks
    const replaces =
      this.length > 0 &&
      (this.#word(this.length - 1, TIME) === time ||
        (this.length >= spared && this.#word(this.length - spared, TICK) === tick));
    if (!replaces) {
      if (this.length * WORDS === this.#ring.length) this.#grow();
      this.length++;
    }
    const at = this.#place(this.length - 1);
    this.#ring[at + TIME] = time;
    this.#ring[at + VALUE] = value;
    this.#ring[at + TICK] = tick;
    return replaces;
  }

  /** The tick from which on the first value ahead is passed; Infinity where there is none. */
  get nextTick(): number {
    return this.length > 0 ? this.#word(0, TICK) : Infinity;
  }

  /** The clock has come to this tick. @returns how many values it has passed by that */
  passTo(tick: number): number {
    let passed = 0;
    while (this.nextTick <= tick) {
      this.#passedTime = this.#word(0, TIME);
      this.#passedValue = this.#word(0, VALUE);
      this.drop();
      passed++;
    }
    return passed;
  }

  /** Forgets the first value ahead. */
  drop(): void {
    this.#first = (this.#first + WORDS) % this.#ring.length;
    this.length--;
  }

  /** Forgets the last value ahead. */
  pop(): void {
    this.length--;
  }

  /** Forgets all values ahead. */
  clear(): void {
    this.length = 0;
  }

  /** The last value passed, if it is no older than so long; else NaN. */
  latest(time: number, toleranceMs: number): number {
    return time - this.#passedTime <= toleranceMs ? this.#passedValue : Number.NaN;
  }

  /** Between the neighbours, if they are no farther apart than so long; else NaN. */
  linear(time: number, toleranceMs: number): number {
    if (this.#passedTime === time) return this.#passedValue;
    if (this.length === 0) return Number.NaN;
    const after = this.#word(0, TIME);
    if (!(after - this.#passedTime <= toleranceMs)) return Number.NaN;
    return interpolate(time, this.#passedTime, this.#passedValue, after, this.#word(0, VALUE));
  }

  #place(index: number): number {
    return (this.#first + index * WORDS) % this.#ring.length;
  }

  #word(index: number, word: number): number {
    return this.#ring[this.#place(index) + word]!;
  }

  #grow(): void {
    const ring = new Float64Array(2 * this.#ring.length);
    ring.set(this.#ring.subarray(this.#first));
    ring.set(this.#ring.subarray(0, this.#first), this.#ring.length - this.#first);
    this.#ring = ring;
    this.#first = 0;
  }
}

/**
 * The value at a time between two others, never beyond theirs. The step is from the nearer of them, so that it is right to
 * a few units in the last place of the greater of the two, at whatever offset.
 */
export function interpolate(
  time: number,
  fromTime: number,
  from: number,
  toTime: number,
  to: number,
): number {
  const span = toTime - fromTime;
  const [passed, left] = [(time - fromTime) / span, (toTime - time) / span];
  const rise = to - from;
  const value =
    Math.abs(rise) === Infinity
      ? from * left + to * passed
      : passed < left
        ? from + rise * passed
        : to - rise * left;
  return Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
}
