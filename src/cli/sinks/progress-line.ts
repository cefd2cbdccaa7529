/** How far a file has been read, on the terminal, while the output goes elsewhere. */
import type { WriteStream } from 'node:tty';
import { shortened } from '../display-text.js';
import { counted, plural, rate } from '../figures.js';
import { progressText, type TableState } from '../table.js';
import { Screen } from './screen.js';
import type { Sink } from './sink.js';

const PERIOD_MS = 200;

export function progressLine(
  {
    source,
    progress,
    rows,
    rowsPerSecond,
    counters,
  }: Pick<TableState, 'source' | 'progress' | 'rows' | 'rowsPerSecond' | 'counters'>,
  width: number,
): string {
  const parts = [
    source,
    ...(progress ? [progressText(progress)] : []),
    plural(rows, 'row', 'rows'),
    `${rate(rowsPerSecond)} rows/s`,
    ...Array.from(counters, ([counter, count]) => `${counted(count)} ${counter}`),
  ];
  return shortened(parts.join(' · '), width);
}

export class ProgressLine implements Sink {
  readonly #screen: Screen;
  readonly #timer: NodeJS.Timeout;

  constructor(out: WriteStream, state: () => TableState) {
    const screen = new Screen(out);
    this.#screen = screen;
    this.#timer = setInterval(() => screen.draw(progressLine(state(), screen.columns)), PERIOD_MS);
  }

  step(): void {}

  /** The summary takes its place. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#screen.close({ clear: true });
  }
}
