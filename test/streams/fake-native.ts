/**
 * The platform's Observable, as far as it is used, by its specification (https://wicg.github.io/observable/): producers are
 * shared, and let go with their last consumer; who is told of the end is told after the signal and the teardowns.
 */
interface Consumer<T> {
  next?(value: T): void;
  error?(error: unknown): void;
  complete?(): void;
}

class FakeSubscriber<T> {
  readonly consumers = new Set<Consumer<T>>();
  readonly #controller = new AbortController();
  readonly #teardowns: (() => void)[] = [];

  get active(): boolean {
    return !this.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  next(value: T): void {
    if (this.active) for (const consumer of [...this.consumers]) consumer.next?.(value);
  }

  error(error: unknown): void {
    this.#end((consumer) => consumer.error?.(error));
  }

  complete(): void {
    this.#end((consumer) => consumer.complete?.());
  }

  addTeardown(teardown: () => void): void {
    if (this.active) this.#teardowns.push(teardown);
    else teardown();
  }

  close(): void {
    this.#controller.abort();
    for (const teardown of this.#teardowns.reverse()) teardown();
  }

  #end(tell: (consumer: Consumer<T>) => void): void {
    if (!this.active) return;
    this.close();
    for (const consumer of [...this.consumers]) tell(consumer);
  }
}

export class FakeObservable<T> {
  readonly #subscribe: (subscriber: FakeSubscriber<T>) => void;
  #shared: FakeSubscriber<T> | undefined;

  constructor(subscribe: (subscriber: FakeSubscriber<T>) => void) {
    this.#subscribe = subscribe;
  }

  subscribe(given: Consumer<T> | ((value: T) => void) = {}, { signal }: { signal?: AbortSignal } = {}): void {
    if (signal?.aborted) return;
    const consumer = typeof given === 'function' ? { next: given } : { ...given };
    const isFirst = !this.#shared?.active;
    if (isFirst) this.#shared = new FakeSubscriber<T>();
    const shared = this.#shared!;
    shared.consumers.add(consumer);
    signal?.addEventListener('abort', () => {
      shared.consumers.delete(consumer);
      if (shared.consumers.size === 0 && shared.active) shared.close();
    });
    if (!isFirst) return;
    try {
      this.#subscribe(shared);
    } catch (error) {
      shared.error(error);
    }
  }
}
