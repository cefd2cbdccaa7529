/** What `serveWebSocket` gives: samples in, broadcasts out, counters, and the end of it. */
import type { Server } from 'node:http';
import { type MonoTypeOperatorFunction, type Observable, Subject, tap } from 'rxjs';
import type { WebSocket } from 'ws';
import { knownOptions, oneOf } from '../../options.js';
import { Counters, type GatewayCounters } from './counters.js';
import { encodeFrame, type FrameFormat } from './frames.js';
import { Peer, type PeerSettings } from './peer.js';

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
   * anything else as one sample. It is serialized once, and only if there is a client. A client that is slow holds at
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

export class Gateway implements WebSocketGateway {
  readonly url: string;
  readonly samples$: Observable<unknown>;
  readonly #server: Server;
  readonly #settings: PeerSettings;
  readonly #counters = new Counters();
  readonly #samples = new Subject<unknown>();
  readonly #peers = new Set<Peer>();
  readonly #liveness: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(url: string, server: Server, settings: PeerSettings, pingMs: number) {
    this.url = url;
    this.samples$ = this.#samples.asObservable();
    this.#server = server;
    this.#settings = settings;
    this.#liveness = setInterval(() => {
      for (const peer of this.#peers) peer.check();
    }, pingMs);
  }

  get counters(): GatewayCounters {
    return { ...this.#counters };
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  admit(socket: WebSocket): void {
    const peer = new Peer(socket, this.#settings, this.#counters, (sample) => this.#samples.next(sample));
    this.#peers.add(peer);
    void peer.gone.then(() => this.#peers.delete(peer));
  }

  broadcast<T>(options: BroadcastOptions = {}): MonoTypeOperatorFunction<T> {
    const { format = 'json' } = knownOptions('broadcast', options, ['format']);
    oneOf('broadcast.format', format, ['json', 'binary']);
    return tap((value) => {
      if (this.#peers.size === 0) return;
      const frame = encodeFrame(value, format);
      for (const peer of this.#peers) peer.send(frame);
    });
  }

  close(code: 1000 | 1001 = 1001): Promise<void> {
    oneOf('code', code, [1000, 1001]);
    this.#closing ??= Promise.resolve().then(() => this.#close(code)); // set before anyone hears of it
    return this.#closing;
  }

  async #close(code: 1000 | 1001): Promise<void> {
    clearInterval(this.#liveness);
    const freed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections(); // those that were not upgraded
    this.#samples.complete(); // may broadcast what it still held
    const peers = [...this.#peers];
    for (const peer of peers) peer.close(code);
    await Promise.all([freed, ...peers.map((peer) => peer.gone)]);
  }
}
