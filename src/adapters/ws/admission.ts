/** Who may connect: decided from the request, before anything is upgraded. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { bearerProtocol, isBearerProtocol } from './bearer.js';

export interface AdmissionRules {
  readonly path: string;
  readonly origins: readonly string[];
  readonly token: string | undefined;
}

/** The HTTP status a request is refused with, or undefined if it may be upgraded. */
export function refusalOf(request: IncomingMessage, rules: AdmissionRules): 404 | 403 | 401 | undefined {
  const { url = '', headers } = request;
  if (url.replace(/\?.*$/s, '') !== rules.path) return 404;
  // Browsers always send an Origin, and a page cannot change it; whoever sends none is not a page.
  if (headers.origin !== undefined && !rules.origins.includes(headers.origin)) return 403;
  if (rules.token !== undefined && !hasToken(request, rules.token)) return 401;
  return undefined;
}

function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const protocol = protocolsOf(headers['sec-websocket-protocol']).find(isBearerProtocol);
  const given = bearer === undefined ? (protocol ?? '') : bearerProtocol(bearer);
  return timingSafeEqual(digest(given), digest(bearerProtocol(token)));
}

function protocolsOf(header: string | undefined): string[] {
  return header?.split(',').map((name) => name.trim()) ?? [];
}

// Of one length whatever was given, so that the comparison tells nothing about the token's.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The subprotocol to answer with: the first that is not a token. */
export function chooseProtocol(asked: ReadonlySet<string>): string | false {
  return [...asked].find((name) => !isBearerProtocol(name)) ?? false;
}

/** Answers a request to upgrade with an HTTP status, and hangs up. */
export function refuse(socket: Duplex, status: number): void {
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer\r\n' : '';
  socket.on('error', () => {}); // it may have gone already
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${challenge}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
