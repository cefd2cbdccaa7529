/** Tells, by a scheduler, that nothing has come for so long. It has one timer at most, however much comes. */
import { type SchedulerLike, Subscription } from 'rxjs';

export class Lull {
  readonly #ms: number;
  readonly #scheduler: SchedulerLike;
  readonly #act: () => void;
  #timer: Subscription | undefined;
  #last = 0;

  constructor(ms: number, scheduler: SchedulerLike, act: () => void) {
    this.#ms = ms;
    this.#scheduler = scheduler;
    this.#act = act;
  }

  /** Something has come, now; it is counted from then, or from some time before. */
  touch(now: number = this.#scheduler.now(), from: number = now): void {
    this.#last = from;
    if (this.#timer === undefined) this.#wait(from + this.#ms - now);
  }

  stop(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  #wait(ms: number): void {
    this.#timer = new Subscription(); // before it is started: a scheduler may fire at once
    this.#timer.add(this.#scheduler.schedule(() => this.#fire(), ms));
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#scheduler.now();
    if (now < this.#last) this.#last = now; // the clock was set back: counted from there
    const rest = this.#last + this.#ms - now;
    if (rest > 0) this.#wait(rest);
    else this.#act();
  }
}
