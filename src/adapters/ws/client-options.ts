/** What `fromWebSocket` may be given, and the checks of it. */
import type { SchedulerLike } from 'rxjs';
import { type FrameError, OptionError } from '../../errors.js';
import { checkScheduler, knownOptions, positiveInteger, waitingTime } from '../../options.js';
import { isPlainObject } from '../../plain-object.js';
import type { ReconnectOptions } from './back-off.js';
import { checkToken, withBearerProtocol } from './bearer.js';
import type { WebSocketLike } from './connection.js';
import { MOST_BYTES, type WireFrame } from './frames.js';

/** What a constructor is given besides URL and subprotocols; `ws` takes it as it is. */
export interface SocketSettings {
  /** With the `token`, in Node, as `Authorization`. */
  readonly headers: Record<string, string>;
  readonly maxPayload: number;
  readonly perMessageDeflate: boolean;
}

export type WebSocketConstructor = new (
  url: string,
  protocols: string[],
  settings: SocketSettings,
) => WebSocketLike;

/** What a connection is about, for whoever shows it. `attempt` counts from 1, anew once a connection opens. */
export type WebSocketStatus =
  | { readonly state: 'connecting' | 'open'; readonly attempt: number }
  | {
      readonly state: 'waiting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    };

export interface FromWebSocketOptions {
  /** Values a row of a binary message; by default a binary message is one row. */
  readonly columns?: number;
  /** Subprotocols to ask for; none by default. */
  readonly protocols?: readonly string[];
  /** Headers of the handshake: a plain object of strings. Node only: a browser sets none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A bearer token, visible ASCII: sent as the header `Authorization` in Node, as a subprotocol in a browser. */
  readonly token?: string;
  /** The longest message taken, in bytes, to 2 ** 31 - 1; 1 MiB by default. Node only: a browser has no such limit. */
  readonly maxPayload?: number;
  /**
   * A message that is not a sample: end with its FrameError (the default), or tell and go on. A message that cannot even
   * be read (longer than `maxPayload`, not UTF-8) comes without `frame`, and costs the connection.
   */
  readonly onInvalid?: 'error' | ((error: FrameError, frame: WireFrame | undefined) => void);
  /** Whether and how to connect again; with back-off by default. */
  readonly reconnect?: false | ReconnectOptions;
  /** How long a connection may take to open, in milliseconds; 10,000 by default. */
  readonly connectTimeoutMs?: number;
  /**
   * A connection that brings nothing for so long, in milliseconds and counted from when it is asked for, is taken for lost.
   * Never by default: a peer that is gone without a word is then not noticed.
   */
  readonly idleTimeoutMs?: number;
  /** Told of every change of state. */
  readonly onStatus?: (status: WebSocketStatus) => void;
  /** From 0 to 1, for the jitter; `Math.random` by default. What it gives beyond is an error notification. */
  readonly random?: () => number;
  /** Where time comes from; `asyncScheduler` by default. */
  readonly scheduler?: SchedulerLike;
  /**
   * The WebSocket to use; by default `ws` in Node, the platform's own in a browser. It is constructed with the URL, the
   * subprotocols and `SocketSettings`: in Node, `headers`, `token` and `maxPayload` are in these alone, and lost on a
   * constructor that ignores them, as the platform's own does.
   */
  readonly WebSocket?: WebSocketConstructor;
}

/** @throws OptionError, naming the option */
export function checkClientOptions(options: FromWebSocketOptions): void {
  knownOptions('fromWebSocket', options, [
    'columns',
    'protocols',
    'headers',
    'token',
    'maxPayload',
    'onInvalid',
    'reconnect',
    'connectTimeoutMs',
    'idleTimeoutMs',
    'onStatus',
    'random',
    'scheduler',
    'WebSocket',
  ]);
  const { columns, onInvalid = 'error' } = options;
  if (columns !== undefined) positiveInteger('columns', columns);
  if (onInvalid !== 'error' && typeof onInvalid !== 'function') {
    throw new OptionError('onInvalid', "'error' or a function", onInvalid);
  }
  for (const name of ['connectTimeoutMs', 'idleTimeoutMs'] as const) {
    if (options[name] !== undefined) waitingTime(name, options[name], 1);
  }
  for (const name of ['onStatus', 'random', 'WebSocket'] as const) {
    const given: unknown = options[name];
    if (given !== undefined && typeof given !== 'function') throw new OptionError(name, 'a function', given);
  }
  const { scheduler } = options;
  if (scheduler !== undefined) checkScheduler('scheduler', scheduler);
}

/** @throws OptionError unless it is a ws: or wss: URL without a fragment */
export function checkUrl(address: string | URL): URL {
  const url = parsed(address);
  if (!url || !/^wss?:$/.test(url.protocol) || url.hash !== '') {
    throw new OptionError('url', 'a ws:// or wss:// URL without a fragment', address);
  }
  return url;
}

// Whatever it is: one that cannot be made text throws, too.
function parsed(address: string | URL): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}

/**
 * The subprotocols to ask for, and what only Node can set.
 *
 * @param node whether headers and a limit on messages can be set
 * @throws OptionError, naming the option
 */
export function checkHandshake(
  options: FromWebSocketOptions,
  node: boolean,
): { protocols: readonly string[]; settings: SocketSettings } {
  const { protocols = [], headers = {}, token, maxPayload = 2 ** 20 } = options;
  const names: unknown[] = Array.isArray(protocols) ? [...protocols] : [undefined];
  if (new Set(names).size !== names.length || !areTokens(names)) {
    throw new OptionError('protocols', 'an array of different subprotocol names', protocols);
  }
  positiveInteger('maxPayload', maxPayload, MOST_BYTES);
  for (const name of ['headers', 'maxPayload'] as const) {
    if (!node && options[name] !== undefined)
      throw new OptionError(name, 'left out in a browser', options[name]);
  }
  if (!isPlainObject(headers) || !areTokens(Object.keys(headers)) || !Object.values(headers).every(isText)) {
    throw new OptionError('headers', 'a plain object of header names and values', headers);
  }
  const settings = { headers: { ...headers }, maxPayload, perMessageDeflate: false };
  if (token === undefined) return { protocols: names, settings };
  checkToken(token);
  if (!node) return { protocols: withBearerProtocol(names, token), settings };
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
    throw new OptionError('token', 'left out beside a header Authorization', '(hidden)');
  }
  settings.headers['Authorization'] = `Bearer ${token}`;
  return { protocols: names, settings };
}

/** As HTTP calls them: what a subprotocol or a header may be named. */
const areTokens = (names: readonly unknown[]): names is string[] =>
  names.every((name) => typeof name === 'string' && /^[!#$%&'*+\-.0-9A-Z^_`|a-z~]+$/.test(name));

/** What the value of a header may be. */
const isText = (value: unknown): boolean =>
  typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
