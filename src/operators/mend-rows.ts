/** Samples or rows in, each as a row of its own whose values may be mended, out: what operators that do so share. */
import { SampleError } from '../errors.js';
import { type ByKeyOptions, type ByKeyStats, byKey } from '../samples/by-key.js';
import { type IntakeOptions, intakeOf } from '../samples/intake.js';
import type { Key } from '../samples/key.js';
import type { Clock } from '../samples/timestamp.js';
import { isTensor, type Tensor } from '../tensor.js';
import { checkPool, type TensorPool } from '../tensor-pool.js';
import { carry } from './carry.js';
import type { Normalized } from './normalize.js';
import { type Batch, operate, type Row } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

export interface MendOptions<T> extends IntakeOptions<T>, ByKeyOptions<T> {
  /** Where the rows' arrays come from, and where you give them back; by default each is a fresh one. */
  readonly pool?: TensorPool;
}

/** A row with what else it carried, float64; or the row of a sample, `[C]`, with the sample. */
export type Mended<T> = T extends Tensor ? Normalized<T> : Row<Batch<T>>;

export interface MendStats extends ByKeyStats {
  /** That came. */
  readonly rows: number;
  readonly emitted: number;
  /** Refused, and told as `onInvalid` says. */
  readonly invalid: number;
  /** Not emitted, as who was told of them has given up the subscription. */
  readonly dropped: number;
}

/** Mends rows, in one subscription, by what was seen of each key, or of all. */
export interface Mender<T, K> {
  /** What there is to go by, at first: it is remembered once a row of it is let through. */
  begin(key: Key | undefined): K;
  /**
   * Mends the values of a row, in place.
   * @param time of the item; 0 without a clock
   * @param at the number of the row in the stream
   * @returns whether the row goes on; or why it cannot be used, nothing having been learned from it
   */
  mend(by: K, row: Float64Array, item: T, time: number, at: number): boolean | SampleError;
}

interface Mending<T, S, K extends object> {
  readonly keepInfinite?: boolean;
  readonly clock?: Clock<T> | undefined;
  /** Values a row, where that is known. */
  readonly columns?: number | undefined;
  /** At the first row of a subscription. */
  start(columns: number): Mender<T, K>;
  /** All there is to tell. */
  snapshot(passed: Omit<MendStats, 'rows'>): S;
}

/** @throws OptionError at once */
export function mendRows<T, S, K extends object>(
  options: MendOptions<T>,
  { keepInfinite, clock, columns, start, snapshot }: Mending<T, S, K>,
): WatchedOperator<T, Mended<T>, S> {
  const { reader, stats, remember } = byKey(options);
  const passed = { emitted: 0, invalid: 0, dropped: 0 };
  const watch = new Watch(() => snapshot({ ...passed, ...stats }));
  const { open } = intakeOf(options, () => {
    passed.invalid++;
    watch.changed();
  });
  const pool = checkPool(options.pool);

  const operator = operate<T, Mended<T>>((out) => {
    const intake = open({ size: 1, dtype: 'float64', keepMissing: true, keepInfinite, columns, pool });
    const { buffer } = intake;
    let mender: Mender<T, K> | undefined;
    const known = remember((key) => mender!.begin(key));

    return {
      next(item) {
        const time = clock ? intake.timeOf(clock, item) : 0;
        if (Number.isNaN(time)) return;
        const key = reader && intake.keyOf(reader, item);
        if (reader && key === undefined) return;
        if (!intake.offer(item) || out.closed) return; // reading the sample may have ended the subscription
        const data = buffer.take().data as Float64Array;
        mender ??= start(data.length);
        const by = known.of(key);
        const mended = out.closed || mender.mend(by, data, item, time, buffer.last);
        if (mended !== true || out.closed) {
          pool?.give({ data });
          if (mended === true) passed.dropped++;
          if (mended instanceof SampleError) intake.refuse(mended, item);
        } else {
          known.keep(key, by);
          passed.emitted++;
          const row = { data, shape: [data.length] };
          out.next((isTensor(item) ? carry(item, row) : { ...row, sample: item }) as unknown as Mended<T>);
        }
        watch.changed();
      },
      release() {
        known.clear();
        if (reader) watch.changed();
      },
    };
  });
  return watch.on(operator);
}
