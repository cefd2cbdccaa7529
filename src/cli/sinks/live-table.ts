/** The table on a terminal, kept up to date. */
import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { type TableState, table } from '../table.js';
import type { Sink } from './sink.js';

const PERIOD_MS = 100;

export class LiveTable implements Sink {
  readonly #out: WriteStream;
  readonly #state: () => TableState;
  readonly #log: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;

  constructor(out: WriteStream, state: () => TableState) {
    this.#out = out;
    this.#state = state;
    this.#log = createLogUpdate(out);
    this.#render();
    this.#timer = setInterval(() => this.#render(), PERIOD_MS);
  }

  /** It is drawn when its time comes: batches may be many more than anyone can see. */
  step(): void {}

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#render();
    this.#log.done();
  }

  #render(): void {
    // One line less than there is, for the cursor; a terminal that does not know its size says 0.
    const { columns, rows } = this.#out;
    this.#log(table(this.#state(), columns || 80, (rows || 24) - 1));
  }
}
