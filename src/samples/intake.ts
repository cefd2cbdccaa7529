/** Samples in, one after the other, as rows: which numbers they are made of, and what becomes of those that cannot be. */
import type { SampleError } from '../errors.js';
import { oneOf } from '../options.js';
import { checkTensor, type DType, isTensor } from '../tensor.js';
import type { TensorPool } from '../tensor-pool.js';
import { checkedFeatures, type Features, isArrayLike, isList } from './features.js';
import { isKey, type Key, type KeyReader } from './key.js';
import { RowBuffer } from './row-buffer.js';
import { type Clock, timeOf } from './timestamp.js';

export interface IntakeOptions<T> {
  /**
   * The names of a sample's features, or how to get its numbers. By default a sample is a number, an array of them, or a row
   * `[C]`, as `unbatch` emits.
   * What this function (or a getter of the sample) throws is its own error, and ends the stream as `map`'s would.
   */
  readonly features?: Features<T>;
  /** A sample that cannot be used: an error notification (`'error'`), or told to this function and left out. */
  readonly onInvalid?: 'error' | ((error: SampleError, sample: unknown) => void);
}

/**
 * What the rows are to be: how many at most, of which type, whether they may have gaps or infinities, of how many values if
 * known, from which pool.
 */
export interface Rows {
  readonly size: number;
  readonly dtype: DType;
  readonly keepMissing: boolean;
  readonly keepInfinite?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly pool?: TensorPool | undefined;
}

/** What one subscription takes in. */
export class Intake<T> {
  /** The rows taken in; take them out. */
  readonly buffer: RowBuffer;
  readonly #features: Features<T> | undefined;
  readonly #onInvalid: NonNullable<IntakeOptions<T>['onInvalid']>;
  readonly #refused: (() => void) | undefined;

  constructor(
    { size, dtype, keepMissing, keepInfinite, columns, pool }: Rows,
    features: Features<T> | undefined,
    onInvalid: NonNullable<IntakeOptions<T>['onInvalid']>,
    refused: (() => void) | undefined,
  ) {
    const names = typeof features === 'function' ? undefined : features;
    this.buffer = new RowBuffer(size, dtype, names, keepMissing, columns, pool, keepInfinite);
    this.#features = features;
    this.#onInvalid = onInvalid;
    this.#refused = refused;
  }

  /**
   * Makes a sample a row.
   * @returns whether it became one; it was told and left out where not
   * @throws SampleError where that is what `onInvalid` says; ShapeError at a tensor that is none; what `features` or the sample
   *   throws is its own error
   */
  offer(sample: T): boolean {
    const error = this.#push(sample);
    return error === undefined || this.refuse(error, sample);
  }

  /** The key of a sample; undefined where it has none, which was told. */
  keyOf({ name, read }: KeyReader<T>, sample: T): Key | undefined {
    const key = read(sample);
    if (isKey(key)) return key;
    this.refuse(this.buffer.refuse(key, 'EVENKEEL_KEY', name), sample);
    return undefined;
  }

  /** When a sample was, in ms; NaN where it does not tell: it was told and left out then, as above. */
  timeOf(clock: Clock<T>, sample: T): number {
    const read = clock.read(sample);
    const time = timeOf(read);
    if (Number.isNaN(time))
      this.refuse(this.buffer.refuse(read, 'EVENKEEL_NOT_A_NUMBER', clock.name), sample);
    return time;
  }

  /** Tells that a sample cannot be used: to whom `onInvalid` says, or by throwing it. */
  refuse(error: SampleError, sample: T): false {
    this.#refused?.();
    if (this.#onInvalid === 'error') throw error;
    this.#onInvalid(error, sample);
    return false;
  }

  #push(sample: T): SampleError | undefined {
    const { buffer } = this;
    const features = this.#features;
    if (typeof features === 'function') {
      const row: unknown = features(sample);
      return isArrayLike(row) ? buffer.push(row) : buffer.refuse(row);
    }
    if (isTensor(sample)) {
      checkTensor(sample);
      // A row `[C]` is its own values, whatever its features are called.
      return sample.shape.length === 1 ? buffer.push(sample.data) : buffer.refuse(sample);
    }
    if (features !== undefined)
      return typeof sample === 'object' && sample !== null ? buffer.pushNamed(sample) : buffer.refuse(sample);
    // A sample that is its own row; a number, or a missing one, is a row of one.
    if (typeof sample === 'number' || sample === null || sample === undefined)
      return buffer.pushValue(sample);
    return isList(sample) ? buffer.push(sample) : buffer.refuse(sample);
  }
}

/** @throws OptionError unless it is a function, or `'error'` */
export function checkOnInvalid(onInvalid: unknown): void {
  if (typeof onInvalid !== 'function') oneOf('onInvalid', onInvalid, ['error']);
}

/**
 * The intake of each subscription to come, and the names of the features.
 * @param refused told of each sample that cannot be used, before anyone else is
 * @throws OptionError, at once
 */
export function intakeOf<T>(
  { features, onInvalid = 'error' }: IntakeOptions<T>,
  refused?: () => void,
): {
  readonly names: readonly string[] | undefined;
  open(rows: Rows): Intake<T>;
} {
  checkOnInvalid(onInvalid);
  const checked = checkedFeatures(features);
  return {
    names: typeof checked === 'function' ? undefined : checked,
    open: (rows) => new Intake(rows, checked, onInvalid, refused),
  };
}
