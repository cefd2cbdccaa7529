/**
 * How long to wait before connecting again: a random part of a limit that grows with each connection that came to
 * nothing ("full jitter", so that the clients of a server that restarts do not all return at once).
 */
import { OptionError } from '../../errors.js';
import { knownOptions, numberBetween, waitingTime } from '../../options.js';

export interface ReconnectOptions {
  /** The first limit, in milliseconds, from 1 to `maxDelayMs`; 100 by default, or `maxDelayMs` if that is less. */
  readonly initialDelayMs?: number;
  /** No wait is longer, in milliseconds, from 1; 10,000 by default. */
  readonly maxDelayMs?: number;
  /** How much the limit grows each time, from 1; 2 by default. */
  readonly factor?: number;
  /** How often in a row to try again without a connection opening; 10 by default, Infinity for ever. */
  readonly maxRetries?: number;
}

/** @throws OptionError, naming the option */
export function checkReconnect(options: false | ReconnectOptions): Required<ReconnectOptions> {
  const given: ReconnectOptions =
    options === false
      ? { maxRetries: 0 }
      : knownOptions('reconnect', options, ['initialDelayMs', 'maxDelayMs', 'factor', 'maxRetries']);
  const { maxDelayMs = 10_000, factor = 2, maxRetries = 10 } = given;
  waitingTime('reconnect.maxDelayMs', maxDelayMs, 1);
  const { initialDelayMs = Math.min(100, maxDelayMs) } = given;
  if (maxRetries !== Infinity && !(Number.isSafeInteger(maxRetries) && maxRetries >= 0)) {
    throw new OptionError('reconnect.maxRetries', 'a whole number or Infinity', maxRetries);
  }
  return {
    initialDelayMs: numberBetween('reconnect.initialDelayMs', initialDelayMs, 1, maxDelayMs),
    maxDelayMs,
    factor: numberBetween('reconnect.factor', factor, 1, Number.MAX_VALUE),
    maxRetries,
  };
}

export class BackOff {
  readonly #policy: Required<ReconnectOptions>;
  readonly #random: () => number;
  #retries = 0;
  #growth = 0;
  #openedAt: number | undefined;

  constructor(policy: Required<ReconnectOptions>, random: () => number) {
    this.#policy = policy;
    this.#random = random;
  }

  /** Attempts in a row since a connection last opened, from 1. */
  get attempt(): number {
    return this.#retries + 1;
  }

  opened(now: number): void {
    this.#retries = 0;
    this.#openedAt = now;
  }

  /** The connection was of use. */
  delivered(): void {
    this.#growth = 0;
  }

  /**
   * A connection, or an attempt at one, has ended. Retries are counted anew once one opens; the limit starts over only
   * once one was of use or lasted, or a server that accepts and at once drops would be called on without a pause.
   *
   * @returns milliseconds to wait, or undefined to give up
   * @throws OptionError naming `random` if it gives what is not from 0 to 1
   */
  lost(now: number): number | undefined {
    const { initialDelayMs, maxDelayMs, factor, maxRetries } = this.#policy;
    if (this.#openedAt !== undefined && now - this.#openedAt >= maxDelayMs) this.#growth = 0;
    this.#openedAt = undefined;
    if (this.#retries >= maxRetries) return undefined;
    this.#retries++;
    const part = numberBetween('random', this.#random(), 0, 1);
    return part * Math.min(maxDelayMs, initialDelayMs * factor ** this.#growth++);
  }
}
