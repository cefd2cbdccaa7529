/**
 * A bearer token where a header cannot be set: a browser may only choose subprotocols, so there the token is one. The
 * server answers with another, so that the token is not sent back.
 */
import { OptionError } from '../../errors.js';

const prefix = 'evenkeel.bearer.';

/** What is asked for beside the token where the caller asks for no subprotocol: a server must choose one it was asked. */
const companion = 'evenkeel';

/** Base64url, as few characters may stand in a subprotocol. */
export function bearerProtocol(token: string): string {
  return prefix + btoa(token).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function isBearerProtocol(protocol: string): boolean {
  return protocol.startsWith(prefix);
}

/** The subprotocols to ask for, the token among them. */
export function withBearerProtocol(protocols: readonly string[], token: string): string[] {
  return [...(protocols.length > 0 ? protocols : [companion]), bearerProtocol(token)];
}

/** @throws OptionError unless it is visible ASCII, as a header can carry; its text is kept out of the message */
export function checkToken(token: unknown): string {
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const shown = typeof token === 'string' ? '(hidden)' : token;
    throw new OptionError('token', 'one or more visible ASCII characters', shown);
  }
  return token;
}
