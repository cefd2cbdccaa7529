/** What `fromWebSocket` does on every platform; the entries say how a socket is opened on theirs. */
import {
  asyncScheduler,
  concatMap,
  defer,
  identity,
  type Observable,
  retry,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import { ConnectionError, FrameError } from '../../errors.js';
import { BackOff, checkReconnect } from './back-off.js';
import {
  checkClientOptions,
  checkHandshake,
  checkUrl,
  type FromWebSocketOptions,
  type WebSocketConstructor,
} from './client-options.js';
import { connection, Lost } from './connection.js';
import { decodeFrame, type WireFrame } from './frames.js';
import { shownUrl } from './shown-url.js';

/** How sockets are opened on a platform. */
export interface Platform {
  /** Whether headers and a limit on messages can be set. */
  readonly node: boolean;
  /** Looked up when a socket is opened. */
  WebSocket(): WebSocketConstructor;
}

/** Cold, and all its state is in the subscription: see `fromWebSocket` of the entries. */
export function samplesFrom<T>(
  address: string | URL,
  options: FromWebSocketOptions,
  platform: Platform,
): Observable<T> {
  const url = checkUrl(address);
  checkClientOptions(options);
  const { reconnect = {}, WebSocket } = options;
  const policy = checkReconnect(reconnect);
  const { protocols, settings } = checkHandshake(options, platform.node);
  const { columns, onInvalid = 'error', connectTimeoutMs = 10_000, idleTimeoutMs, onStatus } = options;
  const { scheduler = asyncScheduler, random = Math.random } = options;

  return defer(() => {
    const backOff = new BackOff(policy, random);

    const refuse = (error: FrameError, frame?: WireFrame): void => {
      if (onInvalid === 'error') throw error;
      onInvalid(error, frame);
    };

    const samples = (frame: WireFrame): T[] => {
      try {
        const decoded = decodeFrame(frame, columns);
        backOff.delivered();
        return decoded as T[];
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        refuse(error, frame);
        return [];
      }
    };

    const again = (end: unknown): Observable<unknown> => {
      if (!(end instanceof Lost)) throw end;
      const { reason, fatal, unreadable, cause } = end;
      if (unreadable) refuse(new FrameError('could not be read', reason));
      const { attempt } = backOff;
      const delayMs = fatal ? undefined : backOff.lost(scheduler.now());
      if (delayMs === undefined) throw new ConnectionError(shownUrl(url), attempt, reason, cause);
      onStatus?.({ state: 'waiting', attempt: backOff.attempt, delayMs, reason });
      return timer(delayMs, scheduler);
    };

    const notIdle =
      idleTimeoutMs === undefined
        ? identity<Observable<WireFrame>>
        : timeout<WireFrame, Observable<never>>({
            each: idleTimeoutMs,
            scheduler,
            with: () => throwError(() => new Lost({ reason: `nothing came for ${idleTimeoutMs} ms` })),
          });

    return connection({
      connectTimeoutMs,
      scheduler,
      onConnecting: () => onStatus?.({ state: 'connecting', attempt: backOff.attempt }),
      open: () => new (WebSocket ?? platform.WebSocket())(url.href, [...protocols], settings),
      onOpen: () => {
        const { attempt } = backOff;
        backOff.opened(scheduler.now());
        onStatus?.({ state: 'open', attempt });
      },
    }).pipe(notIdle, concatMap(samples), retry({ delay: again }));
  });
}
