/**
 * The queue of one client: one message is being written, the rest wait here, where they can be bounded and dropped, and
 * not in the socket, where they cannot.
 */

import { Fifo } from '../../fifo.js';
import { knownOptions, oneOf, positiveInteger } from '../../options.js';
import type { Counters } from './counters.js';
import type { EncodedFrame } from './frames.js';

export interface QueueOptions {
  /**
   * What one client may hold, in bytes, the message being written included; 1 MiB by default. Each message counts for its
   * own length and 256 bytes of keeping. One that does not fit at all is dropped.
   */
  readonly maxBytes?: number;
  /**
   * What gives way when a message does not fit: the oldest that wait (the default; the message itself if that would not
   * do), the message itself, or the client, which is closed with 1013 (try again later).
   */
  readonly whenFull?: 'drop-oldest' | 'drop-newest' | 'disconnect';
}

/** @throws OptionError, naming the option */
export function checkQueue(options: QueueOptions): Required<QueueOptions> {
  const { maxBytes = 2 ** 20, whenFull = 'drop-oldest' } = knownOptions('queue', options, [
    'maxBytes',
    'whenFull',
  ]);
  return {
    maxBytes: positiveInteger('queue.maxBytes', maxBytes),
    whenFull: oneOf('queue.whenFull', whenFull, ['drop-oldest', 'drop-newest', 'disconnect']),
  };
}

/** What keeping a message costs besides its bytes, about. */
const KEEPING = 256;
const cost = (frame: EncodedFrame): number => frame.bytes.byteLength + KEEPING;

export interface OutboxSettings extends Required<QueueOptions> {
  /** Writes a message and calls back when it is written, or with why it was not. Never calls back at once. */
  write(frame: EncodedFrame, done: (error?: Error | null) => void): void;
  /** The client has to go: the queue is full, and the policy is 'disconnect'. */
  disconnect(): void;
}

export class Outbox {
  readonly #settings: OutboxSettings;
  readonly #counters: Counters;
  readonly #waiting = new Fifo<EncodedFrame>();
  #waitingBytes = 0;
  #writing = 0;
  #writingBytes = 0;
  #taking = true;
  #closed = false;

  constructor(settings: OutboxSettings, counters: Counters) {
    this.#settings = settings;
    this.#counters = counters;
  }

  push(frame: EncodedFrame): void {
    if (!this.#taking) return;
    this.#counters.sent++;
    if (!this.#makeRoom(cost(frame))) {
      this.#counters.dropped++;
      return;
    }
    this.#counters.queued++;
    this.#waitingBytes += cost(frame);
    this.#waiting.push(frame);
    if (this.#writing === 0) this.#write();
  }

  /** Hands over all that waits, at once: at the end, when nothing is added any more. */
  flush(): void {
    while (this.#waiting.length > 0) this.#write();
  }

  /** Gives up what waits and what is being written. Nothing is taken after. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dropWaiting();
    this.#counters.dropped += this.#writing;
    this.#counters.queued -= this.#writing;
  }

  #dropWaiting(): void {
    this.#taking = false;
    this.#counters.dropped += this.#waiting.length;
    this.#counters.queued -= this.#waiting.length;
    this.#waiting.clear();
  }

  /** Whether there is room for so many bytes, if need be once the oldest have given way. */
  #makeRoom(bytes: number): boolean {
    const { maxBytes, whenFull } = this.#settings;
    const left = maxBytes - this.#writingBytes - bytes;
    if (this.#waitingBytes <= left) return true;
    if (bytes > maxBytes) return false;
    if (whenFull === 'disconnect') {
      this.#dropWaiting();
      this.#settings.disconnect();
    }
    if (whenFull !== 'drop-oldest' || left < 0) return false; // all that waits would not make room enough
    while (this.#waitingBytes > left) {
      this.#waitingBytes -= cost(this.#waiting.shift()!);
      this.#counters.dropped++;
      this.#counters.queued--;
    }
    return true;
  }

  #write(): void {
    const frame = this.#waiting.shift();
    if (!frame) return;
    this.#waitingBytes -= cost(frame);
    this.#writing++;
    this.#writingBytes += cost(frame);
    this.#settings.write(frame, (error) => {
      if (this.#closed) return; // counted then
      this.#writing--;
      this.#writingBytes -= cost(frame);
      this.#counters.queued--;
      if (error) this.#counters.dropped++;
      else this.#counters.delivered++;
      if (this.#writing === 0) this.#write();
    });
  }
}
