/** A moving variance as it is mostly written: what leaves the window is subtracted back out. (Welford's, both ways.) */
export class SubtractingWindow {
  readonly #rows: number[] = [];
  readonly #size: number;
  #mean = 0;
  #m2 = 0;

  constructor(size: number) {
    this.#size = size;
  }

  update(x: number): void {
    this.#rows.push(x);
    const delta = x - this.#mean;
    this.#mean += delta / this.#rows.length;
    this.#m2 += delta * (x - this.#mean);
    if (this.#rows.length <= this.#size) return;
    const old = this.#rows.shift()!;
    const distance = old - this.#mean;
    this.#mean -= distance / this.#rows.length;
    this.#m2 -= distance * (old - this.#mean);
  }

  get mean(): number {
    return this.#mean;
  }

  get variance(): number {
    return this.#m2 / this.#rows.length;
  }
}
