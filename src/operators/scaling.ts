/** How items are scaled, each as it comes: samples and rows by their values, batches as a whole. */
import { OptionError } from '../errors.js';
import type { Scaler } from '../normalizers/scaler.js';
import { numberBetween, oneOf } from '../options.js';
import type { IntakeOptions } from '../samples/intake.js';
import { type Clock, clockOf, type Timestamp } from '../samples/timestamp.js';
import { dtypeOf, type FloatArray, isTensor, type Tensor } from '../tensor.js';
import { checkPool, outputOf, type TensorPool } from '../tensor-pool.js';
import { carry } from './carry.js';
import { checkVersion, learnsFrom, type ModeOf, type Normalized, stamp, versionOf } from './normalize.js';
import type { Batch, Row } from './operate.js';

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
  /** `'train'`; `'eval'`: scale with what has been learned, and learn nothing; or a function that says which, of each item. */
  readonly mode?: ModeOf<T>;
  /** Whether what is emitted is to carry the `version` of the statistics that it was scaled by. `false`. */
  readonly version?: boolean;
  /** Where the arrays emitted come from, and where you give them back; by default each is a fresh one. */
  readonly pool?: TensorPool;
}

/** The options that say how. */
export const scalingNames = [
  'features',
  'onInvalid',
  'order',
  'warmup',
  'timestamp',
  'mode',
  'version',
  'pool',
] as const;

/** A tensor, with what else it carried; or the row of a sample, `[C]`, with the sample. */
export type Standardized<T> = T extends Tensor ? Normalized<T> : Row<Batch<T>>;

export class Scaling<T> {
  /** Whether to learn from an item. @throws OptionError where a function says something else */
  readonly learns: (item: T) => boolean;
  /** Whether scalers may be as they like to be. */
  readonly isPlain: boolean;
  readonly pool: TensorPool | undefined;
  /** What tells when a sample was, if that is asked for. */
  readonly clock: Clock<T> | undefined;
  readonly #learnsFirst: boolean;
  readonly #warmup: number;
  /** Whether what is emitted is to say its version. */
  readonly says: boolean;

  /** @throws OptionError */
  constructor({
    order = 'learn-then-transform',
    warmup = 0,
    timestamp,
    mode,
    version,
    pool,
  }: Omit<StandardizeOptions<T>, keyof IntakeOptions<T>>) {
    this.#learnsFirst =
      oneOf('order', order, ['learn-then-transform', 'transform-then-learn']) === 'learn-then-transform';
    if (!Number.isInteger(numberBetween('warmup', warmup, 0, Number.MAX_SAFE_INTEGER)))
      throw new OptionError('warmup', 'a whole number of rows', warmup);
    this.#warmup = warmup;
    this.says = checkVersion(version);
    this.learns = learnsFrom(mode);
    this.pool = checkPool(pool);
    this.clock = timestamp === undefined ? undefined : clockOf(timestamp);
    this.isPlain = this.#learnsFirst && warmup === 0;
  }

  /**
   * The item whose values were taken in, scaled, in the order asked for; undefined within the warm-up.
   * @throws SampleError; OptionError where a time is needed and not told; nothing being learned
   */
  row(
    scaler: Scaler,
    values: FloatArray,
    item: unknown,
    learns: boolean,
    time: number | undefined,
  ): Tensor | undefined {
    if (learns && scaler.byTime && time === undefined)
      throw new OptionError('timestamp', 'given, as the scaler goes by event time', time);
    const isRow = isTensor(item);
    const isWarm = scaler.rows >= this.#warmup;
    if (learns && this.#learnsFirst) scaler.update(values, 1, time);
    let y: Tensor | undefined;
    if (isWarm) {
      const dtype = scaler.dtype ?? (isRow ? dtypeOf(item) : 'float32');
      const data = scaler.transform(values, outputOf(dtype, values.length, this.pool));
      const shape = [data.length];
      y = isRow ? { ...item, data, shape } : ({ data, shape, sample: item } as Tensor);
      if (this.says) stamp(y, versionOf(scaler));
    }
    if (learns && !this.#learnsFirst) scaler.update(values, 1, time);
    return y;
  }

  /** The same of a batch. @throws SampleError, ShapeError, nothing being learned */
  batch(scaler: Scaler, item: Tensor, learns: boolean): Tensor | undefined {
    const isWarm = scaler.rows >= this.#warmup;
    if (learns && this.#learnsFirst) scaler.updateBatch(item);
    const y = carry(item, scaler.infer(item, isWarm ? this.pool : undefined));
    if (this.says) stamp(y, versionOf(scaler));
    if (learns && !this.#learnsFirst) scaler.updateBatch(item);
    return isWarm ? y : undefined;
  }
}
