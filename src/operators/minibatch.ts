/** Samples in, minibatches out: as soon as one is full, or has waited long enough. */
import { asyncScheduler, type OperatorFunction, type SchedulerLike, Subscription } from 'rxjs';
import { checkScheduler, knownOptions, numberBetween, oneOf, positiveInteger } from '../options.js';
import { type IntakeOptions, intakeOf } from '../samples/intake.js';
import { clockOf, type Timestamp } from '../samples/timestamp.js';
import type { DType } from '../tensor.js';
import { checkPool, type TensorPool } from '../tensor-pool.js';
import { type Batch, operate } from './operate.js';

export interface MinibatchOptions<T> extends IntakeOptions<T> {
  /** Rows a batch; it leaves as soon as it is full. */
  readonly size: number;
  /** Or this long (ms) after its first row, whichever is sooner. By default a batch waits until it is full. */
  readonly maxWaitMs?: number;
  /** What becomes of rows left over when the source completes or fails: `'emit'` or `'drop'`. `'emit'`. */
  readonly partial?: 'emit' | 'drop';
  /** null, undefined and NaN: refused, or kept as NaN for the normalizer to deal with. `'error'`. */
  readonly missing?: 'error' | 'keep';
  /** When a sample was: batches tell the event times of their rows then, as `times`. */
  readonly timestamp?: Timestamp<T>;
  /** Of the batches; `'float64'`: narrow after normalizing, never before. */
  readonly dtype?: DType;
  /** Where the batches' arrays come from, and where you give them back; by default each is a fresh one. */
  readonly pool?: TensorPool;
  /** Whose time `maxWaitMs` is; `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

const known = [
  'size',
  'maxWaitMs',
  'features',
  'partial',
  'onInvalid',
  'missing',
  'timestamp',
  'dtype',
  'pool',
  'scheduler',
] as const;

/** Timers count milliseconds in 31 bits: a longer wait would fire at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Windows samples into minibatches `[rows, features]`: by count or by time, whichever is sooner; never an empty one.
 *
 * Each batch keeps its `samples`. Rows must have as many values as the first one. Nothing that was gathered is lost when
 * the source fails: what is left is emitted before the error. Memory: at most `size` rows and samples.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row (of the stream), feature and value
 * @example
 * import { from } from 'rxjs';
 * import { minibatch } from 'evenkeel';
 * from([{ t: 20 }, { t: 21 }, { t: 25 }])
 *   .pipe(minibatch({ size: 2, features: ['t'] }))
 *   .subscribe((batch) => console.log(batch.shape, batch.data));
 * // [ 2, 1 ] Float64Array(2) [ 20, 21 ]
 * // [ 1, 1 ] Float64Array(1) [ 25 ]
 */
export function minibatch<T>(options: MinibatchOptions<T>): OperatorFunction<T, Batch<T>> {
  knownOptions('options', options, known);
  const size = positiveInteger('size', options.size);
  const {
    maxWaitMs,
    partial = 'emit',
    missing = 'error',
    dtype = 'float64',
    scheduler = asyncScheduler,
  } = options;
  const pool = checkPool(options.pool);
  if (maxWaitMs !== undefined) numberBetween('maxWaitMs', maxWaitMs, 0, LONGEST_WAIT);
  oneOf('partial', partial, ['emit', 'drop']);
  oneOf('missing', missing, ['error', 'keep']);
  oneOf('dtype', dtype, ['float32', 'float64']);
  checkScheduler('scheduler', scheduler);
  const clock = options.timestamp === undefined ? undefined : clockOf(options.timestamp);
  const { open } = intakeOf(options);

  return operate<T, Batch<T>>((out) => {
    const intake = open({ size, dtype, keepMissing: missing === 'keep', pool });
    const { buffer } = intake;
    let samples: T[] = [];
    let times: number[] = [];
    let timer: Subscription | undefined;

    const flush = (): void => {
      timer?.unsubscribe();
      timer = undefined;
      if (buffer.rows === 0) return;
      // Taken before it is emitted: the subscriber may push the next sample from within.
      const { data, shape } = buffer.take();
      const batch: Batch<T> = clock
        ? { data, shape, samples, times: Float64Array.from(times) }
        : { data, shape, samples };
      samples = [];
      times = [];
      out.next(batch);
    };

    const rest = (): void => {
      if (partial === 'emit') flush();
    };

    return {
      next(sample) {
        const time = clock ? intake.timeOf(clock, sample) : 0;
        if (Number.isNaN(time)) return;
        if (!intake.offer(sample) || out.closed) return; // reading the sample may have ended the subscription
        samples.push(sample);
        if (clock) times.push(time);
        if (buffer.rows === size) flush();
        else if (maxWaitMs !== undefined && timer === undefined) {
          timer = new Subscription(); // before it is started: a scheduler may fire at once
          timer.add(scheduler.schedule(flush, maxWaitMs));
        }
      },
      error: rest,
      complete: rest,
      release: () => timer?.unsubscribe(),
    };
  });
}
