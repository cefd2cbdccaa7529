/** The end of a run, which many things may bring about: the first one counts. What fails on the way out is told too. */
import { type Observable, ReplaySubject } from 'rxjs';
import type { Failure } from './exit-codes.js';

export class Ending {
  readonly #when = new ReplaySubject<void>(1);
  readonly #failures: Failure[] = [];
  #come = false;

  /** Emits once, also to those who come later. */
  get when$(): Observable<void> {
    return this.#when;
  }

  get come(): boolean {
    return this.#come;
  }

  /** Why, the first one first; none if all is well. */
  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** Ends the run, once. */
  end(failure?: Failure): void {
    if (failure) this.#failures.push(failure);
    if (this.#come) return;
    this.#come = true;
    this.#when.next();
  }
}
