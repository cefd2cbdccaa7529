/** Arrays to emit into, which whoever consumes the tensors gives back. */
import { OptionError, ShapeError } from './errors.js';
import { knownOptions, oneOf, positiveInteger } from './options.js';
import { type DType, dtypeOf, type FloatArray, isFloatArray, type Tensor, zeros } from './tensor.js';

export interface TensorPoolOptions {
  /** How many arrays may wait to be taken again; of more, the one that waits longest is left to the garbage collector. 64. */
  readonly most?: number;
}

/**
 * Where operators get the arrays that they emit into (their option `pool`), and where the consumer gives them back once it is
 * done: a stream that goes on forever then allocates no more than what is in use at a time. An array is never out twice;
 * one that is never given back is left to the garbage collector.
 *
 * A tensor that was given back will be written again: it must not be looked at any more, by nobody. It pays for tensors of
 * some hundred values and more; smaller ones are as cheaply made.
 *
 * @example
 * import { from } from 'rxjs';
 * import { minibatch, TensorPool } from 'evenkeel';
 * const pool = new TensorPool();
 * const seen = new Set();
 * from([1, 2, 3, 4, 5, 6])
 *   .pipe(minibatch({ size: 2, pool }))
 *   .subscribe((batch) => {
 *     seen.add(batch.data);
 *     pool.give(batch);
 *   });
 * console.log(seen.size); // 1
 */
export class TensorPool {
  readonly #most: number;
  /** Those that wait, the last given back last. */
  readonly #waiting: FloatArray[] = [];
  readonly #out: WeakSet<FloatArray> = new WeakSet();

  /** @throws OptionError naming the option that cannot be used */
  constructor(options: TensorPoolOptions = {}) {
    const { most = 64 } = knownOptions('options', options, ['most']);
    this.#most = positiveInteger('most', most);
  }

  /**
   * An array that is nobody's until it is given back. What it holds is arbitrary: whoever takes it writes all of it.
   * @throws OptionError if there is no such array
   */
  take(dtype: DType, length: number): FloatArray {
    oneOf('dtype', dtype, ['float32', 'float64']);
    positiveInteger('length', length);
    const data = this.#takeWaiting(dtype, length) ?? zeros(dtype, length);
    this.#out.add(data);
    return data;
  }

  /**
   * Gives the array of a tensor back, to be taken again.
   * @throws OptionError if it is not from this pool, or was given back already
   */
  give(tensor: Pick<Tensor, 'data'>): void {
    const data = tensor?.data;
    if (!this.#out.delete(data))
      throw new OptionError('tensor', 'one of this pool, not given back before', tensor);
    this.#waiting.push(data);
    if (this.#waiting.length > this.#most) this.#waiting.shift();
  }

  #takeWaiting(dtype: DType, length: number): FloatArray | undefined {
    const waiting = this.#waiting;
    for (let i = waiting.length - 1; i >= 0; i--) {
      const data = waiting[i]!;
      if (data.length !== length || dtypeOf({ data }) !== dtype) continue;
      waiting.splice(i, 1);
      return data;
    }
    return undefined;
  }
}

/** What a result's values go into: an array of as many, of the result's type; or one that this pool has. */
export type Output = FloatArray | TensorPool;

/**
 * The array that a result's values go into; a fresh one by default.
 * @throws OptionError if `out` is of another type, ShapeError if it is of another length
 */
export function outputOf(dtype: DType, length: number, out: Output | undefined): FloatArray {
  if (out === undefined) return zeros(dtype, length);
  if (out instanceof TensorPool) return out.take(dtype, length);
  if (!isFloatArray(out) || dtypeOf({ data: out }) !== dtype)
    throw new OptionError('out', `of ${dtype}`, out);
  if (out.length !== length) throw new ShapeError(`out of ${length} values`, out.length);
  return out;
}

/** @throws OptionError unless it is a pool, or none */
export function checkPool(pool: unknown): TensorPool | undefined {
  if (pool === undefined || pool instanceof TensorPool) return pool;
  throw new OptionError('pool', 'a TensorPool', pool);
}
