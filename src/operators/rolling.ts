/**
 * Windows of the last so many rows, every so many rows: of rows that are read and written once, one behind the other, so that each
 * window is a part of what is there already. When that is full, the last rows are copied to where it goes on.
 */
import type { FloatArray } from '../tensor.js';
import { operate } from './operate.js';
import type { WatchedOperator } from './watched.js';
import { tallied, type WindowRowsOptions, type WindowStats, windowRowsOf } from './windowed.js';

/** Rows, in a row: a part of what others are parts of too, and never written again. */
export interface Run<T> {
  readonly data: FloatArray;
  readonly shape: readonly [rows: number, columns: number];
  readonly samples: readonly T[];
  /** How many of its rows are in no window before. */
  readonly fresh: number;
}

/** What is done with the windows, for one subscription. */
interface RollingStage<T> {
  window(run: Run<T>): void;
  /** The source has ended: and with it the last rows, if some are in no window. */
  rest(run: Run<T> | undefined): void;
}

/** Rows that are stored before it is begun anew, beyond those of two windows: not to begin too often for short ones. */
const SPARE_ROWS = 64;

/** @param emit emits what was made of so many windows, of which so many rows are new */
export function rolling<T, W>(
  { length, stride }: { length: number; stride: number },
  options: WindowRowsOptions<T>,
  start: (emit: (made: W, windows: number, fresh: number) => void) => RollingStage<T>,
): WatchedOperator<T, W, WindowStats> {
  const { open } = windowRowsOf(options);
  const { tally, watch } = tallied();
  const capacity = 2 * length + SPARE_ROWS;

  return watch.on(
    operate<T, W>((out) => {
      const intake = open(capacity);
      const { buffer } = intake;
      let samples: T[] = [];
      /** Rows until the next window is complete. */
      let until = length;
      /** Rows since the last one that was left out. */
      let inARow = 0;
      /** Rows in no window, and rows not emitted. */
      let fresh = 0;
      let held = 0;

      const stage = start((made, windows, emitted) => {
        held -= emitted;
        tally.held -= emitted;
        tally.emitted += emitted;
        tally.windows += windows;
        out.next(made);
        watch.changed();
      });

      function run(rows: number): Run<T> {
        const data = buffer.latest(rows);
        const last = {
          data,
          shape: [rows, data.length / rows],
          samples: samples.slice(-rows),
          fresh,
        } as const;
        fresh = 0;
        return last;
      }

      function leaveOut(as: 'dropped' | 'skipped'): void {
        buffer.rows--;
        tally[as]++;
        watch.changed();
      }

      function add(sample: T): void {
        samples.push(sample);
        inARow++;
        fresh++;
        held++;
        tally.held++;
        const window = --until === 0 ? run(length) : undefined;
        if (buffer.rows === capacity) {
          const kept = Math.min(length, inARow);
          buffer.moveOn(kept);
          samples = samples.slice(-kept);
        }
        if (window === undefined) return;
        until = stride;
        stage.window(window);
      }

      function end(as: 'dropped' | 'skipped'): void {
        tally.held -= held;
        tally[as] += held;
        held = 0;
        watch.changed();
      }

      const rest = (): void => {
        stage.rest(fresh > 0 ? run(Math.min(length, inARow)) : undefined);
        end('skipped');
      };

      return {
        next(sample) {
          tally.rows++;
          tally.invalid++; // until it has been read
          if (!intake.offer(sample)) {
            watch.changed();
            return;
          }
          tally.invalid--;
          if (out.closed) leaveOut('dropped');
          else if (until > length) {
            until--;
            inARow = 0;
            leaveOut('skipped');
          } else add(sample);
        },
        error: rest,
        complete: rest,
        release: () => end('dropped'),
      };
    }),
  );
}
