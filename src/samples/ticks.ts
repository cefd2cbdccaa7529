/** The ticks of a clock, at the whole multiples of its period, by their numbers: exact, as no sum of periods is. */
export class Ticks {
  readonly #period: number;

  constructor(period: number) {
    this.#period = period;
  }

  at(tick: number): number {
    return tick * this.#period + 0; // not -0
  }

  /** The greatest time, either side of 0, whose neighbouring ticks can be told apart. */
  get farthest(): number {
    return this.#period * 2 ** 52;
  }

  /** The last tick at or before a time. */
  before(time: number): number {
    const tick = Math.floor(time / this.#period); // rounded, and so it may be off by one
    if (this.at(tick) > time) return tick - 1;
    return this.at(tick + 1) <= time ? tick + 1 : tick;
  }

  /** The first tick at or after a time. */
  after(time: number): number {
    const tick = this.before(time);
    return this.at(tick) < time ? tick + 1 : tick;
  }
}
