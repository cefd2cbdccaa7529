import type { SocketSettings, WebSocketConstructor, WebSocketLike } from 'evenkeel/ws';

type Listener = (event: never) => void;

/** A WebSocket the test holds the other end of. */
export class FakeWebSocket implements WebSocketLike {
  binaryType = 'blob';
  refusedWith: number | undefined;
  closedWith: number | undefined;
  readonly url: string;
  readonly protocols: string[];
  readonly settings: SocketSettings;
  readonly #listeners: [string, Listener][] = [];

  constructor(url: string, protocols: string[], settings: SocketSettings) {
    this.url = url;
    this.protocols = protocols;
    this.settings = settings;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push([type, listener]);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  #emit(type: string, event: object): void {
    for (const [of, listener] of this.#listeners) if (of === type) listener(event as never);
  }

  open(): void {
    this.#emit('open', {});
  }

  message(data: unknown): void {
    this.#emit('message', { data });
  }

  end(code: number, reason = '', error?: unknown): void {
    if (error !== undefined) this.#emit('error', { error });
    this.#emit('close', { code, reason });
  }
}

/** A constructor to inject, and every socket made with it, in order. `script` is run once a socket can be heard. */
export function fakeWebSockets(script?: (socket: FakeWebSocket, index: number) => void): {
  readonly sockets: FakeWebSocket[];
  readonly WebSocket: WebSocketConstructor;
} {
  const sockets: FakeWebSocket[] = [];
  class Recorded extends FakeWebSocket {
    constructor(url: string, protocols: string[], settings: SocketSettings) {
      super(url, protocols, settings);
      sockets.push(this);
      script?.(this, sockets.length - 1);
    }
  }
  return { sockets, WebSocket: Recorded };
}
