/** One connected client: what it sends in, what it is sent, and whether it is still there. */
import { of } from 'rxjs';
import type { WebSocket } from 'ws';
import { FrameError } from '../../errors.js';
import type { Counters } from './counters.js';
import { decodeFrame, type EncodedFrame, type WireFrame } from './frames.js';
import { CLOSE_TIMEOUT_MS } from './node-socket.js';
import { Outbox } from './outbox.js';
import type { ServerSettings } from './server-options.js';

export type PeerSettings = Pick<ServerSettings, 'columns' | 'onInvalid' | 'queue'>;

export class Peer {
  /** Resolves once the connection is gone. */
  readonly gone: Promise<void>;
  readonly #socket: WebSocket;
  readonly #settings: PeerSettings;
  readonly #counters: Counters;
  readonly #outbox: Outbox;
  #alive = true;

  constructor(
    socket: WebSocket,
    settings: PeerSettings,
    counters: Counters,
    receive: (sample: unknown) => void,
  ) {
    this.#socket = socket;
    this.#settings = settings;
    this.#counters = counters;
    this.#outbox = new Outbox(
      {
        ...settings.queue,
        write: ({ bytes, binary }, done) => socket.send(bytes, { binary }, done),
        disconnect: () => socket.close(1013),
      },
      counters,
    );
    this.gone = new Promise((resolve) => socket.once('close', resolve));
    counters.clients++;
    void this.gone.then(() => {
      counters.clients--;
      this.#outbox.close();
    });
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('error', (error: Error & { code?: string }) => {
      // 'close' follows. What `ws` could not read (too long, not UTF-8) it has refused with the code for that.
      if (error.code?.startsWith('WS_ERR_')) this.#refuse(new FrameError('could not be read', error.message));
    });
    socket.on('message', (data: Buffer, binary: boolean) => {
      this.#alive = true;
      this.#read(binary ? data : data.toString(), receive);
    });
  }

  send(frame: EncodedFrame): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#outbox.push(frame);
  }

  /** Hangs up on a client from which nothing has come since the last time, and asks for a sign of life. */
  check(): void {
    if (this.#alive) this.#socket.ping();
    else this.#socket.terminate();
    this.#alive = false;
  }

  /** Sends what waits, then closes; hangs up on a client that does not let it finish. */
  close(code: number): void {
    this.#outbox.flush();
    this.#socket.close(code);
    // `ws` sets no timer of its own where the client has closed its half.
    const timeout = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    void this.gone.then(() => clearTimeout(timeout));
  }

  #read(frame: WireFrame, receive: (sample: unknown) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    let samples: unknown[];
    try {
      samples = decodeFrame(frame, this.#settings.columns);
    } catch (error) {
      this.#refuse(error as FrameError, frame);
      return;
    }
    for (const sample of samples) {
      this.#counters.received++;
      receive(sample);
    }
  }

  #refuse(error: FrameError, frame?: WireFrame): void {
    const { onInvalid } = this.#settings;
    this.#counters.invalid++;
    if (onInvalid === 'close')
      this.#socket.close(1007, 'not a sample'); // unless it is closing already
    else of(error).subscribe(() => onInvalid(error, frame)); // RxJS reports what it throws, and reading goes on
  }
}
