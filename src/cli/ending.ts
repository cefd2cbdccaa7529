/** The end of a run, which many things may bring about: the first one counts. */
import { type Observable, ReplaySubject } from 'rxjs';
import type { Failure } from './exit-codes.js';

export class Ending {
  readonly #when = new ReplaySubject<void>(1);
  #failure: Failure | undefined;
  #come = false;

  /** Emits once, also to those who come later. */
  get when$(): Observable<void> {
    return this.#when;
  }

  get come(): boolean {
    return this.#come;
  }

  /** Why, unless all is well. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Ends the run, once. */
  end(failure?: Failure): void {
    if (this.#come) return;
    this.#come = true;
    this.#failure = failure;
    this.#when.next();
  }
}
