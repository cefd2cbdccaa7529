/** What `serveWebSocket` gives: samples in, broadcasts out, counters, and the end of it. */
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { GatewayCounters } from './counters.js';
import type { FrameFormat } from './frames.js';

export interface BroadcastOptions {
  /** How tensors are sent: as JSON arrays (the default), or as binary float32. Anything else is sent as JSON. */
  readonly format?: FrameFormat;
}

export interface WebSocketGateway {
  /** Where clients connect: `ws://127.0.0.1:PORT/`. */
  readonly url: string;
  /** What producers send in, as it comes: hot, nothing is kept. Completes at close. */
  readonly samples$: Observable<unknown>;
  /** A snapshot. */
  readonly counters: GatewayCounters;
  /** Whether `close` has been called. */
  readonly closed: boolean;
  /**
   * Passes every value through, and sends it to each client connected at that moment: a tensor as samples, its rows;
   * an array of arrays or objects as so many; anything else as one sample. (A sample of two axes or more is sent whole as a
   * tensor `[1, …]`, or as `[sample]`.) It is serialized once, and only if there is a client. A client that is slow holds at
   * most `queue.maxBytes` and slows nobody. A value that cannot be sent is an error notification with a FrameError.
   */
  broadcast<T>(options?: BroadcastOptions): MonoTypeOperatorFunction<T>;
  /**
   * Completes `samples$`, sends what waits, closes the clients and frees the port: within about a second, however the
   * clients behave. Idempotent.
   *
   * @param code 1001 by default (going away: clients may reconnect); 1000 says that this was all
   */
  close(code?: 1000 | 1001): Promise<void>;
}
