/** Samples from a WebSocket. */
import { catchError, map, Observable, Subject, takeUntil } from 'rxjs';
import { type FromWebSocketOptions, fromWebSocket, type WebSocketStatus } from '../../adapters/ws/index.js';
import { ConnectionError } from '../../errors.js';
import { exitCodes, Failure } from '../exit-codes.js';
import type { Sample, Source } from './source.js';

/** A connection that never opened is a wrong url rather than a server that restarts: it is given up sooner. */
const FIRST_ATTEMPTS = 5;

function told(status: WebSocketStatus | undefined): string | undefined {
  if (status === undefined || status.state === 'open') return undefined;
  if (status.state === 'waiting') return `${status.reason}; connecting again`;
  return status.attempt > 1 ? `connecting, attempt ${status.attempt}` : 'connecting';
}

/** The url as people may see it: without user, password and the values of its query, which may be a secret. */
function shown(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search && '?…'}`;
}

export function webSocketSource(
  url: string,
  options: Pick<FromWebSocketOptions, 'token' | 'WebSocket' | 'scheduler'> = {},
): Source {
  const name = shown(url);
  const gaveUp = new Subject<never>();
  const lost$ = new Subject<string>();
  let status: WebSocketStatus | undefined;
  let opened = false;
  const onStatus = (now: WebSocketStatus): void => {
    if (now.state === 'waiting' && status?.state === 'open') lost$.next(now.reason);
    status = now;
    opened ||= now.state === 'open';
    if (now.state !== 'waiting' || opened || now.attempt <= FIRST_ATTEMPTS) return;
    gaveUp.error(
      new Failure(exitCodes.noConnection, `${name}: ${now.reason} (after ${FIRST_ATTEMPTS} attempts)`),
    );
  };
  const lostForGood = (error: unknown): never => {
    if (!(error instanceof ConnectionError)) throw error;
    throw new Failure(
      exitCodes.noConnection,
      error.message.replace(error.url, () => name),
      error,
    );
  };

  const samples$ = new Observable<Sample>((subscriber) => {
    let place = 0;
    const onInvalid = ({ message }: Error): void =>
      subscriber.next({ place: ++place, value: undefined, malformed: message.replace(/^frame /, '') });
    const sampleOf = (value: unknown): Sample => ({
      place: ++place,
      value: value instanceof Float32Array ? Array.from(value) : value,
    });
    fromWebSocket(url, { ...options, onInvalid, onStatus })
      .pipe(map(sampleOf), catchError(lostForGood), takeUntil(gaveUp)) // which only ever is an error
      .subscribe(subscriber);
  });
  return { name, places: 'sample', live: true, samples$, lost$, status: () => told(status) };
}
