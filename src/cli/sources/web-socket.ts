/** Samples from a WebSocket. */
import { map, Observable, Subject, takeUntil } from 'rxjs';
import { type FromWebSocketOptions, fromWebSocket, type WebSocketStatus } from '../../adapters/ws/index.js';
import { shownUrl } from '../../adapters/ws/shown-url.js';
import { exitCodes, Failure } from '../exit-codes.js';
import type { Sample, Source } from './source.js';

/** A connection that never opened is a wrong url rather than a server that restarts: it is given up sooner. */
const FIRST_ATTEMPTS = 5;

function told(status: WebSocketStatus | undefined): string | undefined {
  if (status === undefined || status.state === 'open') return undefined;
  if (status.state === 'waiting') return `${status.reason}; connecting again`;
  return status.attempt > 1 ? `connecting, attempt ${status.attempt}` : 'connecting';
}

export function webSocketSource(
  url: string,
  options: Pick<FromWebSocketOptions, 'token' | 'WebSocket' | 'scheduler'> = {},
): Source {
  const name = shownUrl(new URL(url));
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

  const samples$ = new Observable<Sample>((subscriber) => {
    let place = 0;
    const onInvalid = ({ message }: Error): void =>
      subscriber.next({ place: ++place, value: undefined, malformed: message.replace(/^frame /, '') });
    const sampleOf = (value: unknown): Sample => ({
      place: ++place,
      value: value instanceof Float32Array ? Array.from(value) : value,
    });
    fromWebSocket(url, { ...options, onInvalid, onStatus })
      .pipe(map(sampleOf), takeUntil(gaveUp)) // which only ever is an error
      .subscribe(subscriber);
  });
  return { name, places: 'sample', live: true, samples$, lost$, status: () => told(status) };
}
