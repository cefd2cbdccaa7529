/** What `serveWebSocket` may be given, and the checks of it. */
import { type FrameError, OptionError } from '../../errors.js';
import { knownOptions, positiveInteger } from '../../options.js';
import { checkToken } from './bearer.js';
import { MOST_BYTES, type WireFrame } from './frames.js';
import { checkQueue, type QueueOptions } from './outbox.js';

export interface ServeWebSocketOptions {
  /** The address to listen at; 127.0.0.1 by default: this machine only. Give a `token` with any other. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The path clients ask for; / by default. */
  readonly path?: string;
  /** The longest message a client may send, in bytes, to 2 ** 31 - 1; 64 KiB by default. */
  readonly maxPayload?: number;
  /** Origins whose pages may connect, to the letter (`https://example.org`); none by default. */
  readonly origins?: readonly string[];
  /** A bearer token every client has to send, visible ASCII; none by default. */
  readonly token?: string;
  /**
   * How many may be connected at a time; 256 by default. Beside them, 64 may be refused or have asked for nothing yet, for
   * which they have 10 s; more are hung up on.
   */
  readonly maxClients?: number;
  /** Values a row of a binary message; by default a binary message is one row. */
  readonly columns?: number;
  /**
   * A message that is not a sample: close the client with 1007 (the default), or be told and go on. A message that cannot
   * even be read (longer than `maxPayload`, not UTF-8) comes without `frame`, and costs the connection. What the function
   * throws is reported as what an observer throws: later, as an uncaught exception.
   */
  readonly onInvalid?: 'close' | ((error: FrameError, frame: WireFrame | undefined) => void);
  /** The bound on what waits for a client, and what gives way. */
  readonly queue?: QueueOptions;
  /** How often a client is asked for a sign of life, in milliseconds; 30,000 by default. */
  readonly pingMs?: number;
}

/** With the defaults filled in. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly maxPayload: number;
  readonly origins: readonly string[];
  readonly token: string | undefined;
  readonly maxClients: number;
  readonly columns: number | undefined;
  readonly onInvalid: Required<ServeWebSocketOptions>['onInvalid'];
  readonly queue: Required<QueueOptions>;
  readonly pingMs: number;
}

/** @throws OptionError, naming the option */
export function checkServerOptions(options: ServeWebSocketOptions): ServerSettings {
  knownOptions('serveWebSocket', options, [
    'host',
    'port',
    'path',
    'maxPayload',
    'origins',
    'token',
    'maxClients',
    'columns',
    'onInvalid',
    'queue',
    'pingMs',
  ]);
  const { host = '127.0.0.1', port = 0, path = '/', origins = [], onInvalid = 'close', queue = {} } = options;
  const { token, columns, maxClients = 256, pingMs = 30_000, maxPayload = 2 ** 16 } = options;

  if (typeof host !== 'string' || host === '') throw new OptionError('host', 'an address', host);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new OptionError('port', 'a whole number from 0 to 65535', port);
  }
  if (
    typeof path !== 'string' ||
    !URL.canParse(path, 'ws://h') ||
    new URL(path, 'ws://h').pathname !== path
  ) {
    throw new OptionError('path', 'the path of a URL, such as /samples', path);
  }
  if (!Array.isArray(origins) || !origins.every(isOrigin)) {
    throw new OptionError('origins', 'an array of origins, such as https://example.org', origins);
  }
  if (onInvalid !== 'close' && typeof onInvalid !== 'function') {
    throw new OptionError('onInvalid', "'close' or a function", onInvalid);
  }
  return {
    host,
    port,
    path,
    origins: [...origins],
    onInvalid,
    token: token === undefined ? undefined : checkToken(token),
    columns: columns === undefined ? undefined : positiveInteger('columns', columns),
    maxPayload: positiveInteger('maxPayload', maxPayload, MOST_BYTES),
    maxClients: positiveInteger('maxClients', maxClients),
    pingMs: positiveInteger('pingMs', pingMs, 2 ** 31 - 1),
    queue: checkQueue(queue),
  };
}

// As a browser writes it: no path, not even a slash, and no port that is the scheme's own.
function isOrigin(origin: unknown): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === 'null' ? /^[\w.+-]+:\/\/[^/*]+$/.test(origin) : url.origin === origin;
}
