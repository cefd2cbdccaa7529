/** What operators that gather rows into windows have in common: options, counters, and the rows held for one subscription. */
import type { Subscriber } from 'rxjs';
import { knownOptions, oneOf } from '../options.js';
import { HeldRows } from '../samples/held-rows.js';
import { type Intake, type IntakeOptions, intakeOf } from '../samples/intake.js';
import type { Clock } from '../samples/timestamp.js';
import type { DType, FloatArray } from '../tensor.js';
import { checkPool, type TensorPool } from '../tensor-pool.js';
import { type Bound, type BoundOptions, boundOf, boundOptions } from './bound.js';
import { type Batch, operate, type Stage } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

/** What any window's rows are made of. */
export interface WindowRowsOptions<T> extends IntakeOptions<T> {
  /** null, undefined and NaN: refused, or kept as NaN for the normalizer to deal with. `'error'`. */
  readonly missing?: 'error' | 'keep';
  /** Of the windows; `'float64'`: narrow after normalizing, never before. */
  readonly dtype?: DType;
  /** Where the windows' arrays come from, and where you give them back; by default each is a fresh one. */
  readonly pool?: TensorPool;
}

export const windowRowsOptions = ['features', 'onInvalid', 'missing', 'dtype', 'pool'] as const;

export interface WindowOptions<T> extends WindowRowsOptions<T>, BoundOptions<T> {
  /** What becomes of windows that are open when the source completes or fails: `'emit'` or `'drop'`. `'emit'`. */
  readonly partial?: 'emit' | 'drop';
}

/** What became of the rows: `rows = emitted + late + ahead + dropped + skipped + invalid + held`, always, each counted once. */
export interface WindowStats {
  /** Samples that came. */
  readonly rows: number;
  /** Are in one emitted window or more. */
  readonly emitted: number;
  /** Came when all windows that they belong to had been closed. */
  readonly late: number;
  /** Of times further ahead than `maxAheadMs`. */
  readonly ahead: number;
  /** Gave way at `maxRows`, or were held when their subscription was given up, and are in no window. */
  readonly dropped: number;
  /** Belong to no window: they lie between two of them, or were left over when the source ended. */
  readonly skipped: number;
  /** Could not be used, or not be read. */
  readonly invalid: number;
  /** Are held, and in no window so far. */
  readonly held: number;
  /** Of those emitted: those that miss a window they belong to, as it was closed when they came, or they gave way before. */
  readonly cut: number;
  /** Windows emitted. */
  readonly windows: number;
}

/** A window of time, `[start, end)`. */
export interface TimeWindow<T> extends Batch<T> {
  /** When each row happened, or came where that is not known, in ms. */
  readonly times: Float64Array;
  readonly start: number;
  readonly end: number;
}

export type WindowTally = { -readonly [K in keyof WindowStats]: number };

/** Counters from 0, and who tells them. */
export function tallied(): { tally: WindowTally; watch: Watch<WindowStats> } {
  const tally = {
    rows: 0,
    emitted: 0,
    late: 0,
    ahead: 0,
    dropped: 0,
    skipped: 0,
    invalid: 0,
    held: 0,
    cut: 0,
    windows: 0,
  };
  return { tally, watch: new Watch(() => ({ ...tally })) };
}

/** Checked, with defaults. @throws OptionError */
export function windowRowsOf<T>(options: WindowRowsOptions<T>): {
  readonly dtype: DType;
  readonly pool: TensorPool | undefined;
  /** The intake of a subscription, of so many rows. */
  open(size: number): Intake<T>;
} {
  const { missing = 'error', dtype = 'float64' } = options;
  const pool = checkPool(options.pool);
  oneOf('missing', missing, ['error', 'keep']);
  oneOf('dtype', dtype, ['float32', 'float64']);
  const { open } = intakeOf(options);
  return { dtype, pool, open: (size) => open({ size, dtype, keepMissing: missing === 'keep' }) };
}

/** The rows that one subscription holds. Each is counted once, as what becomes of it. */
export class Holding<T, W extends Batch<T>> {
  readonly rows: HeldRows<T>;
  readonly #intake: Intake<T>;
  readonly #bound: Bound<T>;
  readonly #tally: WindowTally;
  readonly #watch: Watch<WindowStats>;
  readonly #out: Subscriber<W>;
  /** The row read last, until the next is. */
  #row: FloatArray | undefined;

  constructor(
    rows: HeldRows<T>,
    intake: Intake<T>,
    bound: Bound<T>,
    counters: ReturnType<typeof tallied>,
    out: Subscriber<W>,
  ) {
    this.rows = rows;
    this.#intake = intake;
    this.#bound = bound;
    this.#tally = counters.tally;
    this.#watch = counters.watch;
    this.#out = out;
  }

  /** Reads the row of a sample. @returns whether there is one to be placed: `aside`, `skip` or `admit` */
  read(sample: T): boolean {
    this.#tally.rows++;
    this.#tally.invalid++; // until it has been read
    return this.#settle(this.#intake.offer(sample));
  }

  /** The same of a sample that tells its time. @returns its time; NaN where there is nothing to be placed */
  readAt(sample: T, clock: Clock<T>): number {
    this.#tally.rows++;
    this.#tally.invalid++;
    const time = this.#intake.timeOf(clock, sample);
    return this.#settle(!Number.isNaN(time) && this.#intake.offer(sample)) ? time : Number.NaN;
  }

  #settle(isTaken: boolean): boolean {
    if (!isTaken) {
      this.#watch.changed();
      return false;
    }
    this.#row = this.#intake.buffer.lend();
    this.#tally.invalid--;
    if (this.#out.closed) this.#tally.dropped++; // reading the sample ended the subscription
    return !this.#out.closed;
  }

  /** Whether the subscription has ended. */
  get isClosed(): boolean {
    return this.#out.closed;
  }

  aside(
    as: 'late' | 'ahead',
    sample: T,
    time: number,
    tell: ((sample: T, time: number) => void) | undefined,
  ): void {
    this.#tally[as]++;
    tell?.(sample, time);
    this.#watch.changed();
  }

  skip(): void {
    this.#tally.skipped++;
    this.#watch.changed();
  }

  /**
   * Holds the row that was read, if there is room, or if there will be.
   * @param leaving whether rows held are about to leave
   * @returns whether it is held
   * @throws OverflowError
   */
  admit(sample: T, time: number, leaving: boolean, isCut = false): boolean {
    const { overflow, maxRows, onDropped } = this.#bound;
    const refuses = overflow === 'error' || overflow === 'drop-newest';
    if (refuses && !leaving && this.rows.length >= maxRows) {
      this.#tally.dropped++;
      if (overflow === 'error') this.#bound.fail();
      onDropped?.(sample);
      this.#watch.changed();
      return false;
    }
    this.rows.insert(this.#row!, sample, time, isCut);
    this.#tally.held++;
    return true;
  }

  /**
   * Lets go of the earliest rows, where there are more than may be held.
   * @param early makes the earliest window leave
   * @param drop told of each row that gives way instead
   */
  trim(early: () => void, drop?: () => void): void {
    const { overflow, maxRows, onDropped } = this.#bound;
    while (this.rows.length > maxRows) {
      if (overflow === 'emit-early') early();
      else {
        drop?.();
        const sample = this.#leave('dropped');
        onDropped?.(sample);
        this.#watch.changed();
      }
    }
  }

  /** Emits the first rows, as a window of this span where it has one; the first `last` of them are in none to come. */
  emit(rows: number, last: number, span?: { readonly start: number; readonly end: number }): void {
    // Taken before it is emitted: the subscriber may push the next sample from within.
    const { data, shape, samples, times, fresh } = this.rows.window(rows);
    this.#tally.held -= fresh;
    this.#tally.emitted += fresh;
    this.#tally.windows++;
    for (let i = 0; i < last; i++) this.#leave('emitted');
    const batch = span ? { data, shape, samples, times, ...span } : { data, shape, samples };
    this.#out.next(batch as Batch<T> as W);
    this.#watch.changed();
  }

  /** Lets go of all rows. */
  clear(as: 'dropped' | 'skipped'): void {
    while (this.rows.length > 0) this.#leave(as);
    this.#watch.changed();
  }

  #leave(as: 'emitted' | 'dropped' | 'skipped'): T {
    const { sample, isEmitted, isCut } = this.rows.shift();
    if (!isEmitted) {
      this.#tally.held--;
      this.#tally[as]++;
    } else if (isCut || as !== 'emitted') this.#tally.cut++;
    return sample;
  }
}

/** What an operator does with the rows it holds, beside what all do. */
interface WindowStage<T> extends Omit<Stage<T>, 'error' | 'complete'> {
  /** Emits the windows that are open, in order: the source has ended. */
  rest(): void;
}

/** That there are no other options than those of all windows, and its own. @throws OptionError */
export function knownWindowOptions(options: object, own: readonly string[]): void {
  const known: readonly string[] = [...windowRowsOptions, ...boundOptions, 'partial', ...own];
  knownOptions('options', options, known as never);
}

/**
 * An operator from what it does with the rows it holds, made anew for each subscription.
 * @param order whether rows are held in the order of their times
 * @throws OptionError
 */
export function windowed<T, W extends Batch<T>>(
  { name, order }: { name: string; order: 'by time' | 'as they came' },
  options: WindowOptions<T>,
  start: (holding: Holding<T, W>) => WindowStage<T>,
): WatchedOperator<T, W, WindowStats> {
  const { dtype, pool, open } = windowRowsOf(options);
  const bound = boundOf(name, options);
  const partial = oneOf('partial', options.partial ?? 'emit', ['emit', 'drop']);
  const counters = tallied();

  return counters.watch.on(
    operate<T, W>((out) => {
      const rows = new HeldRows<T>(order === 'by time', dtype, pool);
      const holding = new Holding<T, W>(rows, open(1), bound, counters, out);
      const stage = start(holding);
      const rest = (): void => {
        if (partial === 'emit') stage.rest();
        else holding.clear('skipped');
      };
      return {
        next: stage.next,
        error: rest,
        complete: rest,
        release() {
          stage.release?.();
          holding.clear('dropped');
        },
        beside: stage.beside,
      };
    }),
  );
}
