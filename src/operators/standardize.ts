/** Samples or tensors in, scaled ones out, each as it comes. */
import type { OperatorFunction } from 'rxjs';
import { OptionError, SampleError } from '../errors.js';
import { Scaler } from '../normalizers/scaler.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import { type StandardScalerOptions, standardScalerOptions } from '../normalizers/standard-scaler-options.js';
import { knownOptions, numberBetween, oneOf } from '../options.js';
import { type IntakeOptions, intakeOf } from '../samples/intake.js';
import { clockOf, type Timestamp } from '../samples/timestamp.js';
import {
  channelsOf,
  checkTensor,
  type DType,
  dtypeOf,
  type FloatArray,
  isTensor,
  type Tensor,
} from '../tensor.js';
import { checkPool, outputOf, type TensorPool } from '../tensor-pool.js';
import { carry } from './carry.js';
import { isNormalizer, type Mode, type Normalized } from './normalize.js';
import { type Batch, operate, type Row } from './operate.js';

export interface StandardizeOptions<T> extends IntakeOptions<T> {
  /** Whether a row is in the statistics it is scaled by, or, so that no score knows of its own row, is learned after. */
  readonly order?: 'learn-then-transform' | 'transform-then-learn';
  /**
   * Rows the scaler must have learned before the first is emitted; those until then are not. 0: a row with nothing to go
   * by leaves as it came, and the second by one value.
   */
  readonly warmup?: number;
  /**
   * When a sample was: for a scaler whose `running` goes by event time. (A batch of rows tells it itself, by its `times`, as those
   * of `minibatch` with a `timestamp`.)
   */
  readonly timestamp?: Timestamp<T>;
  /** `'train'`; `'eval'`: scale with what has been learned, and learn nothing. */
  readonly mode?: Mode;
  /** Where the arrays emitted come from, and where you give them back; by default each is a fresh one. */
  readonly pool?: TensorPool;
}

/** A tensor, with what else it carried; or the row of a sample, `[C]`, with the sample. */
export type Standardized<T> = T extends Tensor ? Normalized<T> : Row<Batch<T>>;

/** What gives a subscription its scaler: at once, or, where it is of as many features as come, with the first row. */
interface Source {
  /** Which NaN it lets pass, whichever it is. */
  readonly missing: Scaler['missing'];
  readonly known: Scaler | undefined;
  of(features: number): Scaler;
}

function given(scaler: unknown, name: string): Source {
  if (!(scaler instanceof Scaler))
    throw new OptionError(name, 'options, a scaler, or a function that makes one', scaler);
  return { missing: scaler.missing, known: scaler, of: () => scaler };
}

/** @throws OptionError */
function sourceOf(scaler: StandardScalerOptions | Scaler | (() => Scaler)): () => Source {
  if (typeof scaler === 'function') {
    if (scaler.prototype instanceof Scaler)
      throw new OptionError('scaler', 'options, a scaler, or a function that makes one', scaler);
    return () => given(scaler(), 'scaler()');
  }
  if (scaler instanceof Scaler) {
    const source = given(scaler, 'scaler');
    return () => source;
  }
  if (isNormalizer(scaler))
    throw new OptionError(
      'scaler',
      'options, a scaler, or a function that makes one (any other goes with normalize)',
      scaler,
    );
  const options = standardScalerOptions(scaler); // now: what is wrong with them, and what they are
  const of = (features: number): Scaler => new StandardScaler(features, options);
  return () => ({ missing: options.missing, known: undefined, of });
}

/**
 * Scales each sample as it comes, without waiting for a batch: learns its row, then scales it by all rows so far.
 *
 * Items are samples, as `minibatch` takes them (a number, an array of numbers, or with `features` anything), or tensors: a
 * row `[C]`, as `unbatch` emits, or a batch `[N, C, …positions]`, which is learned and scaled as a whole. A sample leaves as
 * a row `[C]` with its `sample`, float32 unless the scaler's `dtype` says otherwise; a tensor with what it carried, in its
 * own type. Missing values: what the scaler's `missing` says; in samples, null and undefined too are missing.
 *
 * @param scaler options of a `StandardScaler`: fresh state for each subscription, with as many features as its first row;
 *   any scaler: its state is shared, and outlives `retry`, `repeat` and resubscription, and `warmup` with it; or a function
 *   that makes one for each subscription
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row (of the stream, or of the batch), feature and value, and
 *   ShapeError; nothing was learned from what was at fault
 * @example
 * import { from } from 'rxjs';
 * import { standardize } from 'evenkeel';
 * from([{ t: 20 }, { t: 22 }, { t: 21 }, { t: 27 }])
 *   .pipe(standardize({}, { features: ['t'], order: 'transform-then-learn', warmup: 2 }))
 *   .subscribe(({ sample, data }) => console.log(sample.t, data[0]));
 * // 21 0
 * // 27 7.348469257354736
 */
export function standardize<T>(
  scaler: StandardScalerOptions | Scaler | (() => Scaler) = {},
  options: StandardizeOptions<T> = {},
): OperatorFunction<T, Standardized<T>> {
  const start = sourceOf(scaler);
  knownOptions('options', options, ['features', 'onInvalid', 'order', 'warmup', 'timestamp', 'mode', 'pool']);
  const { order = 'learn-then-transform', warmup = 0, mode = 'train' } = options;
  const learnsFirst =
    oneOf('order', order, ['learn-then-transform', 'transform-then-learn']) === 'learn-then-transform';
  if (!Number.isInteger(numberBetween('warmup', warmup, 0, Number.MAX_SAFE_INTEGER)))
    throw new OptionError('warmup', 'a whole number of rows', warmup);
  const learns = oneOf('mode', mode, ['train', 'eval']) === 'train';
  const pool = checkPool(options.pool);
  const clock = options.timestamp === undefined ? undefined : clockOf(options.timestamp);
  const { names, open } = intakeOf(options);
  if (scaler instanceof Scaler) checkNames(names, scaler);

  return operate<T, Standardized<T>>((out) => {
    const source = start();
    let state = source.known;
    if (state) checkNames(names, state);
    const intake = open({
      size: 1,
      dtype: 'float64',
      keepMissing: source.missing !== 'error',
      columns: state?.features,
    });

    /** The row taken in, scaled, in the order asked for; undefined within the warm-up. */
    function scaledRow(dtype: DType, time: number | undefined): FloatArray | undefined {
      const row = intake.buffer.lend();
      state ??= source.of(row.length);
      const isWarm = state.rows >= warmup;
      if (learns && learnsFirst) state.update(row, 1, time);
      const y = isWarm ? state.transform(row, outputOf(state.dtype ?? dtype, row.length, pool)) : undefined;
      if (learns && !learnsFirst) state.update(row, 1, time);
      return y;
    }

    function sample(item: T, time: number | undefined): Row | undefined {
      if (!intake.offer(item) || out.closed) return undefined; // reading it may have ended the subscription
      const data = scaledRow('float32', time);
      return data && { data, shape: [data.length], sample: item };
    }

    function row(item: T & Tensor, time: number | undefined): Tensor | undefined {
      checkTensor(item);
      if (!intake.offerRow(item.data, item)) return undefined;
      const data = scaledRow(dtypeOf(item), time);
      return data && { ...item, data, shape: [data.length] };
    }

    function batch(item: T & Tensor): Tensor | undefined {
      const by = state ?? source.of(channelsOf(item));
      const isWarm = by.rows >= warmup;
      let y: Tensor;
      try {
        if (learns && learnsFirst) by.updateBatch(item);
        y = by.infer(item, isWarm ? pool : undefined);
        if (learns && !learnsFirst) by.updateBatch(item);
      } catch (error) {
        if (error instanceof SampleError) intake.refuse(error, item);
        else throw error;
        return undefined;
      }
      state = by; // only now: a batch that was refused says nothing of how many features there are
      return isWarm ? carry(item, y) : undefined;
    }

    function standardized(item: T): Tensor | undefined {
      if (isTensor(item) && item.shape.length !== 1) return batch(item);
      const time = clock && intake.timeOf(clock, item);
      if (Number.isNaN(time)) return undefined;
      return isTensor(item) ? row(item, time) : sample(item, time);
    }

    return {
      next(item) {
        const y = standardized(item);
        if (y) out.next(y as Standardized<T>);
      },
    };
  });
}

/** @throws OptionError */
function checkNames(names: readonly string[] | undefined, { features }: Scaler): void {
  if (names && names.length !== features)
    throw new OptionError('features', `${features} names, as many as the scaler has features`, names);
}
