/** The table on a terminal, kept up to date. */
import type { WriteStream } from 'node:tty';
import { type TableState, table } from '../table.js';
import { Screen } from './screen.js';
import type { Sink } from './sink.js';

const PERIOD_MS = 100;

export class LiveTable implements Sink {
  readonly #screen: Screen;
  readonly #state: () => TableState;
  readonly #timer: NodeJS.Timeout;

  constructor(out: WriteStream, state: () => TableState) {
    this.#screen = new Screen(out);
    this.#state = state;
    this.#render();
    this.#timer = setInterval(() => this.#render(), PERIOD_MS);
  }

  /** It is drawn when its time comes: batches may be many more than anyone can see. */
  step(): void {}

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#render();
    this.#screen.close();
  }

  #render(): void {
    const { columns, rows } = this.#screen;
    this.#screen.draw(table(this.#state(), columns, rows - 1)); // a line less than there is, for the cursor
  }
}
