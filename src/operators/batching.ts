/** What minibatches of samples are made by: the options, checked, and what they come to. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { checkScheduler, knownOptions, oneOf, positiveInteger, waitingTime } from '../options.js';
import { type Intake, type IntakeOptions, intakeOf, type Rows } from '../samples/intake.js';
import { type Clock, clockOf, type Timestamp } from '../samples/timestamp.js';
import type { DType } from '../tensor.js';
import { checkPool, type TensorPool } from '../tensor-pool.js';

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

/** What became of the rows: `rows = emitted + dropped + invalid + held`, always. */
export interface MinibatchStats {
  /** Samples that came. */
  readonly rows: number;
  readonly emitted: number;
  /** Were left over at the end, with `partial: 'drop'`, or held when their subscription was given up. */
  readonly dropped: number;
  /** Could not be used, or not be read. */
  readonly invalid: number;
  /** Wait for their batch. */
  readonly held: number;
  /** Emitted. */
  readonly batches: number;
}

/** What is asked of the batches. */
export interface Batching<T> {
  readonly rows: Rows;
  readonly maxWaitMs: number | undefined;
  readonly partial: 'emit' | 'drop';
  readonly scheduler: SchedulerLike;
  /** What tells when a sample was, if that is asked for. */
  readonly clock: Clock<T> | undefined;
  /** The intake of a subscription. */
  open(rows: Rows): Intake<T>;
}

/**
 * @param more names of options that are looked at elsewhere
 * @throws OptionError, at once
 */
export function batchingOf<T>(options: MinibatchOptions<T>, more: readonly 'maxKeys'[] = []): Batching<T> {
  knownOptions<MinibatchOptions<T> & { maxKeys?: unknown }>('options', options, [...known, ...more]);
  const size = positiveInteger('size', options.size);
  const {
    maxWaitMs,
    partial = 'emit',
    missing = 'error',
    dtype = 'float64',
    scheduler = asyncScheduler,
  } = options;
  const pool = checkPool(options.pool);
  if (maxWaitMs !== undefined) waitingTime('maxWaitMs', maxWaitMs);
  oneOf('partial', partial, ['emit', 'drop']);
  oneOf('missing', missing, ['error', 'keep']);
  oneOf('dtype', dtype, ['float32', 'float64']);
  checkScheduler('scheduler', scheduler);
  const rows = { size, dtype, keepMissing: missing === 'keep', pool };
  const clock = options.timestamp === undefined ? undefined : clockOf(options.timestamp);
  return { rows, maxWaitMs, partial, scheduler, clock, open: intakeOf(options).open };
}
