/** `evenkeel/ws` in Node. In a browser the entry is browser.ts. */
import type { Observable } from 'rxjs';
import type { FromWebSocketOptions } from './client-options.js';
import { samplesFrom } from './from-web-socket.js';
import { NodeSocket } from './node-socket.js';

export type { ReconnectOptions } from './back-off.js';
export type {
  FromWebSocketOptions,
  SocketSettings,
  WebSocketConstructor,
  WebSocketStatus,
} from './client-options.js';
export type { WebSocketLike } from './connection.js';
export type { GatewayCounters } from './counters.js';
export type { FrameFormat, WireFrame } from './frames.js';
export type { QueueOptions } from './outbox.js';
export { serveWebSocket } from './serve-web-socket.js';
export type { ServeWebSocketOptions } from './server-options.js';
export type { BroadcastOptions, WebSocketGateway } from './web-socket-gateway.js';

/**
 * The samples a WebSocket brings. Text messages are JSON (a number, null, an object or an array of numbers is one sample;
 * an array of arrays or objects is that many), binary ones rows of little-endian float32.
 *
 * Cold: each subscription has its own connection, closed when it ends. A connection that is lost is made again, after a
 * pause that grows and is random in part. Close code 1000 completes; 1008, and HTTP status 401 or 403 where the platform
 * tells (a browser does not), end with an error at once. Nothing is buffered.
 *
 * @param url a ws: or wss: URL
 * @throws OptionError at once for a bad URL or option
 * @returns errors with ConnectionError when it gives up, and with FrameError at a message that is not a sample
 * @example
 * import { fromWebSocket, serveWebSocket, type WebSocketStatus } from 'evenkeel/ws';
 * import { firstValueFrom, of } from 'rxjs';
 * const gateway = await serveWebSocket();
 * const onStatus = ({ state }: WebSocketStatus) => state === 'open' && of([20.5, 1013]).pipe(gateway.broadcast()).subscribe();
 * console.log(await firstValueFrom(fromWebSocket(gateway.url, { onStatus }))); // [ 20.5, 1013 ]
 * await gateway.close();
 */
export function fromWebSocket<T = unknown>(
  url: string | URL,
  options: FromWebSocketOptions = {},
): Observable<T> {
  return samplesFrom<T>(url, options, { node: true, WebSocket: () => NodeSocket });
}
