/** A terminal, or the end of one, that is drawn again and again in its place. */
import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';

export class Screen {
  readonly #out: WriteStream;
  readonly #log: ReturnType<typeof createLogUpdate>;

  /**
   * Ctrl-Z: the shell gets its cursor, and what is drawn once it goes on is drawn anew, below what the shell wrote. The
   * signal's own action stops the process, as where no shell could continue it that does nothing.
   */
  readonly #suspend = (): void => {
    this.#log.done();
    process.off('SIGTSTP', this.#suspend);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', this.#suspend);
  };

  constructor(out: WriteStream) {
    this.#out = out;
    const screen = this;
    const sized = {
      isTTY: true,
      write: (text: string) => out.write(text),
      get columns() {
        return screen.columns;
      },
      get rows() {
        return screen.rows;
      },
    };
    this.#log = createLogUpdate(sized as unknown as NodeJS.WritableStream); // all it uses of one
    process.on('SIGTSTP', this.#suspend);
  }

  // A terminal that does not know its size says 0.

  get columns(): number {
    return this.#out.columns || 80;
  }

  get rows(): number {
    return this.#out.rows || 24;
  }

  draw(text: string): void {
    this.#log(text);
  }

  /** Leaves what was drawn last, or nothing, and gives the cursor back. */
  close({ clear = false }: { clear?: boolean } = {}): void {
    process.off('SIGTSTP', this.#suspend);
    if (clear) this.#log.clear();
    this.#log.done();
  }
}
