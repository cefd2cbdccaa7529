/**
 * The one place that subscribes. An operator says what it does with a value (a stage, made anew for each subscription);
 * this file makes it behave as RxJS's own do: a synchronous source stops once the subscriber has enough, an exception
 * in the stage becomes an error notification, and what the stage holds is let go however the subscription ends.
 */
import { Observable, type OperatorFunction, Subscriber } from 'rxjs';
import type { Tensor } from '../tensor.js';

/** What an operator does, for one subscription. What is not given is passed on unchanged. */
export interface Stage<T> {
  next(value: T): void;
  /** Before an error is passed on: what is still held may be emitted. The error waits for what is promised. */
  error?(): void | Promise<void>;
  /** Before completion is passed on, in the same way. */
  complete?(): void | Promise<void>;
  /** However it ends: release timers and buffers. */
  release?(): void;
}

/** A tensor of several samples that still knows the samples it was made from. */
export interface Batch<T> extends Tensor {
  readonly samples: readonly T[];
}

/** One sample's values, `[C, …positions]`, with the sample it came from where the batch kept it. */
export type Row<B extends Tensor = Tensor> = Tensor &
  (B extends Batch<infer T> ? { readonly sample: T } : { readonly sample?: unknown });

// A Subscriber, not an observer, is what lets a synchronous source see that it should stop: RxJS subscribes it as it
// is, and it closes together with its destination.
class StageSubscriber<T, R> extends Subscriber<T> {
  readonly #out: Subscriber<R>;
  readonly #stage: Stage<T>;

  constructor(out: Subscriber<R>, stage: Stage<T>) {
    super(out);
    this.#out = out;
    this.#stage = stage;
    this.add(() => stage.release?.());
  }

  protected override _next(value: T): void {
    try {
      this.#stage.next(value);
    } catch (error) {
      this.error(error);
    }
  }

  protected override _error(error: unknown): void {
    this.#end(
      () => this.#stage.error?.(),
      () => this.#out.error(error),
    );
  }

  protected override _complete(): void {
    this.#end(
      () => this.#stage.complete?.(),
      () => this.#out.complete(),
    );
  }

  #end(last: () => void | Promise<void>, pass: () => void): void {
    try {
      const rest = last();
      if (rest) {
        rest.then(pass, (error: unknown) => this.#out.error(error));
        return;
      }
    } catch (error) {
      this.#out.error(error);
    }
    pass(); // does nothing where the exception was passed on already; either ends this subscription too
  }
}

/** An operator from a stage: `start` is called once a subscription, with where to emit. */
export function operate<T, R>(start: (out: Subscriber<R>) => Stage<T>): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((out) => {
      source.subscribe(new StageSubscriber(out, start(out)));
    });
}
