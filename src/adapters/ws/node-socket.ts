/** The WebSocket of Node: that of `ws`, with its loose ends tied. */
import { WebSocket } from 'ws';
import type { SocketSettings } from './client-options.js';

/** How long a peer has to answer a close, in milliseconds, before the socket is destroyed. */
export const CLOSE_TIMEOUT_MS = 1000;

export class NodeSocket extends WebSocket {
  /** The HTTP status the handshake was refused with. */
  refusedWith: number | undefined;

  constructor(url: string, protocols: string[], settings: SocketSettings) {
    // Its own 30 s would hold up the end of a process that has unsubscribed.
    const options = { ...settings, closeTimeout: CLOSE_TIMEOUT_MS };
    super(url, protocols, options);
    this.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode;
      this.terminate();
    });
  }
}
