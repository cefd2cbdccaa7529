/** Values of several sources, as they come, to the ticks of one clock: what one subscription knows. */
import { Ticks } from '../samples/ticks.js';
import { Track } from '../samples/track.js';

/** What became of a source's values: values = passed + held + late + missing + dropped + invalid, always. */
export interface AlignCounts {
  /** That came. */
  values: number;
  /** Behind the clock: its ticks have taken them, or needed another between the same two ticks. */
  passed: number;
  /** Wait for their tick. */
  held: number;
  /** Came with a time before the source's last one, or not after the last tick. */
  late: number;
  /** Had a time further ahead than `maxAheadMs`. */
  ahead: number;
  /** null, undefined, NaN. */
  missing: number;
  /** Gave way at `maxBuffered`, or were held when their subscription was given up. */
  dropped: number;
  /** Refused, and told as `onInvalid` says. */
  invalid: number;
}

export interface AlignerOptions {
  readonly everyMs: number;
  readonly method: 'latest' | 'linear';
  readonly toleranceMs: number;
  readonly startAt: number | undefined;
}

/** Where ticks leave to. */
export interface Ticking {
  /** @returns whether more are wanted */
  emit(time: number, values: readonly number[]): boolean;
  /** So many ticks were none, as all values are missing there. */
  skip(ticks: number): void;
}

/** One source. */
export interface Source {
  readonly track: Track;
  readonly counts: AlignCounts;
  /** Samples that came. */
  rows: number;
  /** Its greatest time, and the last tick by then. */
  time: number;
  tick: number;
  /** The greatest time of all when it last said something; Infinity before it could. */
  heard: number;
  ended: boolean;
}

export class Aligner {
  readonly sources: readonly Source[];
  readonly #options: AlignerOptions;
  readonly #ticks: Ticks;
  readonly #out: Ticking;
  /** Of all. */
  #greatest = -Infinity;
  /** No tick is before it. */
  #first = -Infinity;
  /** The tick that is to leave. */
  #next = Infinity;
  /** That of the last tick that left. */
  #clock = -Infinity;

  constructor(counts: readonly AlignCounts[], options: AlignerOptions, out: Ticking) {
    this.sources = counts.map((counts) => ({
      track: new Track(),
      counts,
      rows: 0,
      time: -Infinity,
      tick: -Infinity,
      heard: Infinity,
      ended: false,
    }));
    this.#options = options;
    this.#ticks = new Ticks(options.everyMs);
    this.#out = out;
    if (options.startAt === undefined) return;
    this.#first = this.#ticks.after(options.startAt);
    this.#next = this.#first;
  }

  /** A source may say something from now on. */
  begin(source: Source): void {
    source.heard = this.#greatest;
  }

  isLate({ time: last }: Source, time: number): boolean {
    return time < last || time <= this.#clock;
  }

  /** Takes in a value that is not late. */
  take(source: Source, time: number, value: number): void {
    const { counts, track } = source;
    this.#move(source, time);
    const tick = Math.max(this.#ticks.after(time), this.#first); // all before the first tick are between the same two
    if (this.#clock === -Infinity) this.#next = Math.min(this.#next, tick);
    if (track.push(time, value, tick, this.#options.method)) counts.passed++;
    else counts.held++;
  }

  /** The same of a missing one: that nothing came until then is all it tells, and no line can go on from it. */
  see(source: Source, time: number): void {
    if (this.#options.method === 'latest' && !this.isLate(source, time)) this.#move(source, time);
  }

  #move(source: Source, time: number): void {
    source.time = time;
    source.tick = this.#ticks.before(time);
    this.#greatest = Math.max(this.#greatest, time);
    source.heard = this.#greatest;
  }

  /** Lets the ticks leave that are known. */
  leave(): void {
    let until = this.#ticks.before(this.#greatest);
    for (const source of this.sources) until = Math.min(until, this.#knownTo(source));
    this.leaveTo(until);
  }

  /** Lets all ticks leave up to the greatest time. */
  leaveAll(): void {
    this.leaveTo(this.#ticks.before(this.#greatest));
  }

  leaveTo(until: number): void {
    while (this.#next <= until) {
      const tick = this.#next++;
      const time = this.#ticks.at(tick);
      this.#clock = time;
      let isEmpty = true;
      const values = this.sources.map(({ track, counts }) => {
        const passed = track.passTo(tick);
        counts.passed += passed;
        counts.held -= passed;
        const value = track[this.#options.method](time, this.#options.toleranceMs);
        isEmpty &&= Number.isNaN(value);
        return value;
      });
      if (isEmpty) this.#skipFrom(tick, until);
      else if (!this.#out.emit(time, values)) return;
    }
  }

  /** No tick has values before the first one ahead: they are not gone through, as there may be any number. */
  #skipFrom(tick: number, until: number): void {
    for (const { track } of this.sources) until = Math.min(until, track.nextTick - 1);
    this.#next = Math.max(this.#next, until + 1);
    this.#clock = this.#ticks.at(this.#next - 1);
    this.#out.skip(this.#next - tick);
  }

  /** The last tick that needs nothing more of a source: it has come to it, has ended, or is silent while others go on. */
  #knownTo({ tick, heard, ended }: Source): number {
    if (ended) return Infinity;
    const passed = this.#greatest - this.#options.toleranceMs;
    return heard < passed ? Math.max(tick, this.#ticks.after(passed) - 1) : tick;
  }

  /** Nothing is held any more. */
  clear(as: 'passed' | 'dropped'): void {
    for (const { track, counts } of this.sources) {
      counts[as] += track.length;
      counts.held -= track.length;
      track.clear();
    }
  }
}
