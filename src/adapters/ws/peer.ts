/** One connected client: what it sends in, what it is sent, and whether it is still there. */
import type { WebSocket } from 'ws';
import type { FrameError } from '../../errors.js';
import type { Counters } from './counters.js';
import { decodeFrame, type EncodedFrame, type WireFrame } from './frames.js';
import { Outbox, type QueueOptions } from './outbox.js';

export interface PeerSettings {
  readonly columns: number | undefined;
  readonly onInvalid: 'close' | ((error: FrameError, frame: WireFrame) => void);
  readonly queue: Required<QueueOptions>;
}

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
      if (error.code?.startsWith('WS_ERR_')) counters.invalid++;
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

  /** Sends what waits, then closes; `ws` hangs up on a client that does not let it finish. */
  close(code: number): void {
    this.#outbox.flush();
    this.#socket.close(code);
  }

  #read(frame: WireFrame, receive: (sample: unknown) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const { columns, onInvalid } = this.#settings;
    let samples: unknown[];
    try {
      samples = decodeFrame(frame, columns);
    } catch (error) {
      this.#counters.invalid++;
      if (onInvalid === 'close') this.#socket.close(1007, 'not a sample');
      else onInvalid(error as FrameError, frame);
      return;
    }
    for (const sample of samples) {
      this.#counters.received++;
      receive(sample);
    }
  }
}
