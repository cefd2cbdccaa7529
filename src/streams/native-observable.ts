/** The platform's own Observable (https://wicg.github.io/observable/), where it has one, and RxJS's: from each to the other. */
import { fromEvent, isObservable, Observable, takeUntil } from 'rxjs';
import { OptionError } from '../errors.js';

/** What is asked of the platform's: its `subscribe`, which is cancelled by a signal. */
export interface NativeObservable<T> {
  subscribe(
    observer?: { next?(value: T): void; error?(error: unknown): void; complete?(): void },
    options?: { signal?: AbortSignal },
  ): void;
}

/** Whom the platform's Observable tells. */
interface NativeSubscriber<T> {
  readonly signal: AbortSignal;
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

type Native = new <T>(subscribe: (subscriber: NativeSubscriber<T>) => void) => NativeObservable<T>;

/**
 * The platform's Observable (`element.when('pointermove')`, say) as RxJS's, for operators. Unsubscribing aborts.
 *
 * @throws OptionError if it is none
 * @example
 * import { fromNative, minibatch, type NativeObservable } from 'evenkeel';
 * const moves: NativeObservable<number> = {
 *   subscribe: (observer) => [1, 2].forEach((x) => observer?.next?.(x)), // document.when('pointermove').map(({ x }) => x)
 * };
 * fromNative(moves)
 *   .pipe(minibatch({ size: 2 }))
 *   .subscribe(({ data }) => console.log(data)); // Float64Array(2) [ 1, 2 ]
 */
export function fromNative<T>(native: NativeObservable<T>): Observable<T> {
  if (typeof Object(native).subscribe !== 'function')
    throw new OptionError('native', "one of the platform's Observables", native);
  return new Observable((subscriber) => {
    const controller = new AbortController();
    subscriber.add(() => controller.abort()); // before it is subscribed to: it may emit at once, and have to stop
    native.subscribe(
      {
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      },
      { signal: controller.signal },
    );
  });
}

/**
 * An RxJS Observable as the platform's. As any of these, it is subscribed to once, however many subscribe to it at a time; when the
 * last of them aborts, it is unsubscribed from.
 *
 * @throws OptionError where the platform has none, or if `observable` is none
 * @example
 * import { of } from 'rxjs';
 * import { toNative } from 'evenkeel';
 * const hasOne = 'Observable' in globalThis; // as Chromium from 135 on
 * if (hasOne) toNative(of(1, 2)).subscribe({ next: (x) => console.log(x) });
 */
export function toNative<T>(observable: Observable<T>): NativeObservable<T> {
  if (!isObservable(observable)) throw new OptionError('observable', 'an Observable', observable);
  const { Observable: Native } = globalThis as { readonly Observable?: Native };
  if (typeof Native !== 'function')
    throw new OptionError('globalThis.Observable', "the platform's Observable (there is none)", Native);
  return new Native<T>((subscriber) => {
    observable.pipe(takeUntil(fromEvent(subscriber.signal, 'abort'))).subscribe({
      next: (value) => subscriber.next(value),
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });
}
