/** Normalized tensors to whoever subscribes to a WebSocket. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { serveWebSocket, type WebSocketGateway } from '../../adapters/ws/index.js';
import type { Tensor } from '../../tensor.js';
import { exitCodes, Failure, systemReason } from '../exit-codes.js';
import type { Sink, Step } from './sink.js';

/** How often it is asked whether the subscribers have taken what there was, in milliseconds. */
const PERIOD_MS = 5;

/** Values in a message, as most clients take a mebibyte at most and none of these is longer than 25 characters. */
const MOST_VALUES = 2 ** 15;

/** The tensor's rows in as few messages as carry them; a row is never in two. */
function* messages({ data, shape }: Tensor): Generator<Tensor> {
  const [rows, width] = shape as [number, number];
  const most = Math.max(Math.floor(MOST_VALUES / width), 1);
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(from + most, rows);
    yield { data: data.subarray(from * width, to * width), shape: [to - from, width] };
  }
}

export class Served implements Sink {
  readonly #gateway: WebSocketGateway;
  readonly #tensors = new Subject<Tensor>();
  #room: Promise<void> | undefined;

  constructor(gateway: WebSocketGateway, failed: (failure: Failure) => void) {
    this.#gateway = gateway;
    this.#tensors.pipe(gateway.broadcast()).subscribe({
      error: ({ message }: Error) => failed(new Failure(exitCodes.noOutput, `${gateway.url}: ${message}`)),
    });
  }

  get url(): string {
    return this.#gateway.url;
  }

  step({ normalized }: Step): void {
    for (const message of messages(normalized)) this.#tensors.next(message);
  }

  /** There is room once there is a subscriber, and none is behind. What cannot wait is sent anyhow, or dropped. */
  ready(): Promise<void> | undefined {
    if (this.#taken()) return undefined;
    this.#room ??= this.#wait().finally(() => {
      this.#room = undefined;
    });
    return this.#room;
  }

  status(): string {
    const { clients } = this.#gateway.counters;
    return `${clients} ${clients === 1 ? 'subscriber' : 'subscribers'} at ${this.url}`;
  }

  dropped(): number {
    return this.#gateway.counters.dropped;
  }

  /** @param whole whether there is no more to come, for good */
  async close(whole: boolean): Promise<void> {
    await this.#gateway.close(whole ? 1000 : 1001);
  }

  #taken(): boolean {
    const { clients, queued } = this.#gateway.counters;
    return this.#gateway.closed || (clients > 0 && queued === 0);
  }

  async #wait(): Promise<void> {
    await turn(); // by when a message is most often taken
    while (!this.#taken()) await delay(PERIOD_MS);
  }
}

/**
 * @param maxBytes what may wait for one subscriber
 * @param failed told of what cannot be sent
 * @throws Failure if the address cannot be had
 */
export async function serve(
  address: string,
  maxBytes: number,
  failed: (failure: Failure) => void,
): Promise<Served> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // The url parser leaves out the port that is the scheme's own.
  const port = Number(url.port || 80);
  try {
    return new Served(await serveWebSocket({ host, port, path: url.pathname, queue: { maxBytes } }), failed);
  } catch (error) {
    const why = systemReason((error as Error).cause ?? error);
    throw new Failure(exitCodes.noConnection, `${address}: cannot listen: ${why}`, error);
  }
}
