/** A WebSocket server for samples: producers send them in, subscribers are sent what is broadcast. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { ConnectionError } from '../../errors.js';
import { chooseProtocol, refusalOf, refuse } from './admission.js';
import { Gateway } from './gateway.js';
import { CLOSE_TIMEOUT_MS } from './node-socket.js';
import { checkServerOptions, type ServeWebSocketOptions } from './server-options.js';
import type { WebSocketGateway } from './web-socket-gateway.js';

/** How long who has connected may take to ask for something, in milliseconds: or idle ones would keep everyone out. */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

/** Connections beyond `maxClients` that are accepted, to be refused or to ask for something. */
const SPARE = 64;

/**
 * Serves samples over a WebSocket. Every client may send samples in, and is sent what is broadcast. Messages are as
 * `fromWebSocket` reads them.
 *
 * Refused before the upgrade: another path (404), a page of an origin that is not listed (403), a missing or wrong token
 * (401), one client too many (503), plain HTTP (426), who has not asked within 10 s (408). Closed after it: a message
 * that is too long (1009), is not a sample (1007), or a client that does not answer a ping.
 *
 * @returns rejects with an OptionError for a bad option, with a ConnectionError if the address cannot be had
 * @example
 * import { serveWebSocket } from 'evenkeel/ws';
 * import { WebSocket } from 'ws';
 * const gateway = await serveWebSocket({ token: 'secret' });
 * gateway.samples$.subscribe((sample) => {
 *   console.log(sample); // { t: 20.5 }
 *   gateway.close();
 * });
 * const producer = new WebSocket(gateway.url, { headers: { authorization: 'Bearer secret' } });
 * producer.once('open', () => producer.send('{"t":20.5}'));
 */
export async function serveWebSocket(options: ServeWebSocketOptions = {}): Promise<WebSocketGateway> {
  const { host, port, maxClients, maxPayload, pingMs, ...settings } = checkServerOptions(options);
  const server = createServer(PATIENCE, (_request, response) => {
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end();
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    handleProtocols: chooseProtocol,
    ...{ closeTimeout: CLOSE_TIMEOUT_MS }, // which its types do not know
  });

  server.maxConnections = maxClients + SPARE;
  await listen(server, host, port, urlOf(host, port, settings.path));
  const bound = server.address() as AddressInfo;
  const gateway = new Gateway(urlOf(bound.address, bound.port, settings.path), server, settings, pingMs);
  server.on('error', () => {}); // a connection that could not be accepted, say: the others go on
  server.on('upgrade', (request, socket, head) => {
    const full = sockets.clients.size >= maxClients || gateway.closed;
    const status = refusalOf(request, settings) ?? (full ? 503 : undefined);
    if (status !== undefined) return refuse(socket, status);
    sockets.handleUpgrade(request, socket, head, (client) => gateway.admit(client));
  });
  return gateway;
}

async function listen(server: Server, host: string, port: number, url: string): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ConnectionError(url, 1, `cannot listen: ${code}`, error);
  }
}

function urlOf(host: string, port: number, path: string): string {
  return `ws://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}
