/** One connection, from opening to its end, as an Observable of the messages it brings: the same in Node and a browser. */
import { Observable, type SchedulerLike } from 'rxjs';
import type { WireFrame } from './frames.js';

/** The part of a WebSocket that is used: what browsers have, and `ws`. */
export interface WebSocketLike {
  binaryType: string;
  /** The HTTP status a handshake was refused with, where the platform tells. */
  readonly refusedWith?: number | undefined;
  close(code?: number): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: { error?: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

/** Why a connection ended, other than by being complete. */
export interface End {
  readonly reason: string;
  /** Whether trying again is of no use. */
  readonly fatal?: boolean;
  /** Whether it ended because of a message that could not be read: too long, not UTF-8, … */
  readonly unreadable?: boolean;
  readonly cause?: unknown;
}

export class Lost implements Required<End> {
  readonly reason: string;
  readonly fatal: boolean;
  readonly unreadable: boolean;
  readonly cause: unknown;

  constructor({ reason, fatal = false, unreadable = false, cause }: End) {
    this.reason = reason;
    this.fatal = fatal;
    this.unreadable = unreadable;
    this.cause = cause ?? new Error(reason);
  }
}

export interface ConnectionSettings {
  readonly connectTimeoutMs: number;
  readonly scheduler: SchedulerLike;
  onConnecting(): void;
  open(): WebSocketLike;
  onOpen(): void;
}

/** Completes when the peer closes with code 1000 (normal); errors with a `Lost` when it ends in any other way. */
export function connection(settings: ConnectionSettings): Observable<WireFrame> {
  const { connectTimeoutMs, scheduler } = settings;
  return new Observable((out) => {
    settings.onConnecting();
    let failure: unknown;
    const socket = opened(settings);
    out.add(() => socket.close(1000)); // at any stage; a socket still connecting then reports an error, heard below
    socket.binaryType = 'arraybuffer';

    const timeout = scheduler.schedule(() => {
      out.error(new Lost({ reason: `did not open within ${connectTimeoutMs} ms` }));
    }, connectTimeoutMs);
    out.add(timeout);

    socket.addEventListener('open', () => {
      timeout.unsubscribe();
      if (out.closed) return;
      try {
        settings.onOpen();
      } catch (error) {
        out.error(error);
      }
    });
    socket.addEventListener('message', ({ data }) => {
      out.next(isArrayBuffer(data) ? new Uint8Array(data) : (data as WireFrame));
    });
    socket.addEventListener('error', (event) => {
      failure ??= event.error;
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (code === 1000) out.complete();
      else out.error(lost(code, reason, failure, socket.refusedWith));
    });
  });
}

// By its name, as another realm's has another constructor.
const isArrayBuffer = (data: unknown): data is ArrayBuffer =>
  Object(data)[Symbol.toStringTag] === 'ArrayBuffer';

// What the constructor throws (a page may not use ws: from https:, …) it would throw again.
function opened(settings: ConnectionSettings): WebSocketLike {
  try {
    return settings.open();
  } catch (cause) {
    throw new Lost({
      reason: `cannot connect: ${cause instanceof Error ? cause.message : cause}`,
      fatal: true,
      cause,
    });
  }
}

function lost(code: number, reason: string, cause: unknown, status: number | undefined): Lost {
  if (status !== undefined) {
    return new Lost({
      reason: `refused with HTTP status ${status}`,
      fatal: status === 401 || status === 403,
    });
  }
  if (cause instanceof Error) {
    const errorCode = String((cause as { code?: unknown }).code);
    return new Lost({
      reason: cause.message || errorCode,
      unreadable: errorCode.startsWith('WS_ERR_'),
      cause,
    });
  }
  return new Lost({ reason: `closed with code ${code}${reason && ` (${reason})`}`, fatal: code === 1008 });
}
