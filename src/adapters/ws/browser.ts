/** `evenkeel/ws` in a browser: the client, over the platform's own WebSocket. */
import type { Observable } from 'rxjs';
import type { FromWebSocketOptions } from './client-options.js';
import { samplesFrom } from './from-web-socket.js';

export type { ReconnectOptions } from './back-off.js';
export type {
  FromWebSocketOptions,
  SocketSettings,
  WebSocketConstructor,
  WebSocketStatus,
} from './client-options.js';
export type { WebSocketLike } from './connection.js';
export type { FrameFormat, WireFrame } from './frames.js';

/**
 * The samples a WebSocket brings: as in Node, but that `headers` and `maxPayload` are refused, which a browser cannot
 * set, that `token` is sent as a subprotocol, and that neither a refused handshake nor a message that cannot be read (not
 * UTF-8) can be told from a lost connection: `onInvalid` does not hear of it, and it is connected again.
 *
 * @throws OptionError at once for a bad URL or option
 */
export function fromWebSocket<T = unknown>(
  url: string | URL,
  options: FromWebSocketOptions = {},
): Observable<T> {
  return samplesFrom<T>(url, options, { node: false, WebSocket: () => globalThis.WebSocket });
}
