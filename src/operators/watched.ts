/** What an operator has done so far, for anyone to show: read at any time, or followed as it changes. */
import { concat, defer, map, merge, NEVER, type Observable, type OperatorFunction, of, Subject } from 'rxjs';

/** An operator, an observable or a stream, that can be watched. Its figures are of all subscriptions to what it was given to. */
export interface Watched<S> {
  /** As it is now; a fresh object. */
  readonly stats: S;
  /**
   * As it is when subscribed to, and after each change. It is told in passing, so look at as much of it as you show
   * (`auditTime(100)`, say); it never ends, and holds nothing open.
   */
  readonly stats$: Observable<S>;
}

/**
 * An operator that can be watched. (One interface: of an intersection of the two, the compiler does not infer in the middle of a
 * `pipe` what comes in.)
 */
export interface WatchedOperator<T, R, S> extends OperatorFunction<T, R>, Watched<S> {}

/** Who tells the changes. */
export class Watch<S> {
  readonly #snapshot: () => S;
  readonly #changes = new Subject<S>();
  readonly #beside: Observable<unknown>;

  /**
   * @param snapshot what there is to tell just now, in a fresh object
   * @param beside tells of changes made elsewhere; subscribed to while somebody watches
   */
  constructor(snapshot: () => S, beside: Observable<unknown> = NEVER) {
    this.#snapshot = snapshot;
    this.#beside = beside;
  }

  /** There is something new. Next to nothing where nobody watches. */
  changed(): void {
    if (this.#changes.observed) this.#changes.next(this.#snapshot());
  }

  /** The same operator, observable or stream, to be watched. */
  on<O extends object>(operator: O): O & Watched<S> {
    const snapshot = this.#snapshot;
    return Object.defineProperties(operator, {
      stats: { get: snapshot, enumerable: true },
      stats$: {
        value: concat(
          defer(() => of(snapshot())),
          merge(this.#changes, this.#beside.pipe(map(snapshot))),
        ),
        enumerable: true,
      },
    }) as O & Watched<S>;
  }
}
