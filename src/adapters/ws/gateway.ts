/** The clients of a server, what comes from them, and what goes to them. */
import type { Server } from 'node:http';
import { type MonoTypeOperatorFunction, type Observable, Subject, tap } from 'rxjs';
import type { WebSocket } from 'ws';
import { knownOptions, oneOf } from '../../options.js';
import { Counters, type GatewayCounters } from './counters.js';
import { encodeFrame } from './frames.js';
import { Peer, type PeerSettings } from './peer.js';
import type { BroadcastOptions, WebSocketGateway } from './web-socket-gateway.js';

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
