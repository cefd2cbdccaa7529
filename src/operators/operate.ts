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
  /** Before an error is passed on: what is still held may be emitted. */
  error?(): void;
  /** Before completion is passed on. */
  complete?(): void;
  /** Then, before either is passed on: calls `then` once nothing is under way any more, at once if nothing is. */
  settle?(then: () => void): void;
  /** However it ends: release timers and buffers. */
  release?(): void;
  /** What else is followed, from when the source is until it ends: its errors are errors, its completion is nothing. */
  readonly beside?: Observable<unknown> | undefined;
}

/** A tensor of several samples that still knows the samples it was made from. */
export interface Batch<T> extends Tensor {
  readonly samples: readonly T[];
  /** When each of them was, in ms of event time, where the operator was told how to know. */
  readonly times?: Float64Array;
}

/** One sample's values, `[C, …positions]`, with the sample it came from where the batch kept it. */
export type Row<B extends Tensor = Tensor> = Tensor &
  (B extends Batch<infer T> ? { readonly sample: T } : { readonly sample?: unknown });

// A Subscriber, not an observer, is what lets a synchronous source see that it should stop: RxJS subscribes it as it
// is, and it closes together with its destination.
class StageSubscriber<T, R> extends Subscriber<T> {
  readonly #out: Subscriber<R>;
  /** None yet while it is being started, which may fail from within. */
  readonly #stage: Stage<T> | undefined;
  /** How it ends, once that is known. */
  #pass: (() => void) | undefined;
  #hasFailed = false;

  constructor(out: Subscriber<R>, start: (out: Subscriber<R>, fail: Fail) => Stage<T>) {
    super(out);
    this.#out = out;
    this.#stage = start(out, (error) => this.#fail(error));
    out.add(() => this.#stage!.release?.());
  }

  get beside(): Observable<unknown> | undefined {
    return this.#stage?.beside;
  }

  protected override _next(value: T): void {
    try {
      this.#stage!.next(value);
    } catch (error) {
      this.error(error);
    }
  }

  protected override _error(error: unknown): void {
    this.#failWith(error);
    this.#end(() => this.#stage?.error?.());
  }

  protected override _complete(): void {
    this.#pass = () => this.#out.complete();
    this.#end(() => this.#stage?.complete?.());
  }

  /** An error from beside the source. */
  #fail(error: unknown): void {
    if (this.#pass === undefined) this.error(error);
    else if (!this.#hasFailed) this.#failWith(error);
  }

  #failWith(error: unknown): void {
    this.#hasFailed = true; // and that is the error which is told
    this.#pass = () => this.#out.error(error);
  }

  #end(last: () => void): void {
    try {
      last();
    } catch (error) {
      this.#out.error(error);
    }
    const pass = (): void => this.#pass?.(); // does nothing where the exception was passed on already
    if (this.#stage?.settle === undefined) pass();
    else {
      this.#stage.settle(pass);
      this.unsubscribe(); // the source has ended, whatever is still under way
    }
  }
}

// Ends with the operator's own, and ends it by an error only.
class BesideSubscriber extends Subscriber<unknown> {
  protected override _next(): void {}

  protected override _complete(): void {
    this.unsubscribe();
  }
}

/** Ends a stage with an error, from wherever it comes. */
type Fail = (error: unknown) => void;

/**
 * An operator from a stage: `start` is called once a subscription, with where to emit, and whom to tell of what goes wrong
 * while nothing is passed in.
 */
export function operate<T, R>(start: (out: Subscriber<R>, fail: Fail) => Stage<T>): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((out) => {
      const subscriber = new StageSubscriber<T, R>(out, start);
      if (!subscriber.closed) source.subscribe(subscriber);
      if (subscriber.beside && !subscriber.closed)
        subscriber.beside.subscribe(new BesideSubscriber(subscriber));
    });
}
