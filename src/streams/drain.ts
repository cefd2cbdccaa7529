/** What an Observable emits, awaited one by one: between who emits and who asks, a queue with a bound. */
import { type Observable, Subscription } from 'rxjs';
import { OverflowError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { operate } from '../operators/operate.js';
import type { Account, WaitingOptions } from './waiting.js';

/** Where what is emitted comes from, if it can be asked for. */
export interface Supply {
  /** Someone waits. */
  ask(): void;
  /** Whether what is emitted just now was asked for: there is room for it, as there will be no more until it is taken. */
  readonly isPushing: boolean;
  /** When it has let go of what it held. */
  readonly released: Promise<unknown>;
}

/** What cannot be asked. */
const nothing: Supply = { ask: () => {}, isPushing: false, released: Promise.resolve() };

const done = { done: true, value: undefined } as const;
type Result<R> = IteratorResult<R, undefined>;

export class Drain<R> implements AsyncIterableIterator<R, undefined> {
  readonly #source: Observable<R>;
  readonly #options: Required<WaitingOptions>;
  readonly #account: Account;
  readonly #supply: Supply;
  readonly #waiting = new Fifo<R>();
  readonly #requests = new Fifo<(result: Result<R> | Promise<Result<R>>) => void>();
  #subscription: Subscription | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Once it has ended: what is still to be told of it. */
  #ending: Promise<unknown> | undefined;

  constructor(
    source: Observable<R>,
    options: Required<WaitingOptions>,
    account: Account,
    supply: Supply = nothing,
  ) {
    this.#source = source;
    this.#options = options;
    this.#account = account;
    this.#supply = supply;
  }

  /** Whether someone waits, and nothing is there. */
  get isWanted(): boolean {
    return this.#requests.length > 0;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result<R>> {
    if (this.#waiting.length > 0) {
      const value = this.#waiting.shift() as R;
      this.#account.delivered++;
      this.#account.watch.changed();
      return Promise.resolve({ done: false, value });
    }
    if (this.#ending) return this.#end();
    const result = new Promise<Result<R>>((resolve) => this.#requests.push(resolve));
    if (!this.#subscription) this.#subscribe();
    this.#supply.ask();
    return result;
  }

  async return(): Promise<Result<R>> {
    this.#cancel();
    return this.#end();
  }

  async throw(error: unknown): Promise<never> {
    this.#cancel();
    await this.#end().catch(() => {}); // the error at hand goes before one of letting go
    throw error;
  }

  #subscribe(): void {
    const drained = this.#source.pipe(
      operate<R, never>((out) => {
        this.#subscription = out; // before the source is subscribed to: it may emit at once, and have to stop
        return { next: (value) => this.#take(value) };
      }),
    );
    drained
      .subscribe({
        error: (error) => {
          this.#failure = { error };
        },
      })
      .add(() => this.#finish());
  }

  #take(value: R): void {
    this.#account.emitted++;
    const request = this.#requests.shift();
    if (request) {
      this.#account.delivered++;
      request({ done: false, value });
    } else if (this.#supply.isPushing || this.#waiting.length < this.#options.maxWaiting) {
      this.#waiting.push(value);
    } else {
      this.#account.dropped++;
      this.#overflow(value);
    }
    this.#account.watch.changed();
  }

  /** One of them is one too many. */
  #overflow(value: R): void {
    const { maxWaiting, overflow } = this.#options;
    if (overflow === 'error') {
      this.#account.watch.changed();
      throw new OverflowError('maxWaiting', maxWaiting, 'a consumer is behind');
    }
    if (overflow === 'drop-newest') return;
    this.#waiting.shift();
    this.#waiting.push(value);
  }

  /** However it ends, when all is unsubscribed. */
  #finish(): void {
    this.#ending = this.#failure ? Promise.reject(this.#failure.error) : this.#supply.released;
    this.#ending.catch(() => {}); // told to who asks next
    this.#refuse(() => this.#end());
  }

  /** All who wait get something else than a value. */
  #refuse(result: () => Result<R> | Promise<Result<R>>): void {
    for (let request = this.#requests.shift(); request; request = this.#requests.shift()) request(result());
  }

  #cancel(): void {
    this.#refuse(() => done);
    this.#subscription ??= Subscription.EMPTY;
    this.#subscription.unsubscribe();
    if (this.#failure) this.#ending = undefined;
    this.#ending ??= Promise.resolve();
    if (this.#waiting.length === 0) return;
    this.#account.dropped += this.#waiting.length;
    this.#waiting.clear();
    this.#account.watch.changed();
  }

  /** The end: told once what is to be told of it, and from then on that there is no more. */
  async #end(): Promise<Result<R>> {
    const ending = this.#ending;
    this.#ending = Promise.resolve();
    await ending;
    return done;
  }
}
