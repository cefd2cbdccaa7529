/** Tensors in, normalized tensors out. */
import { defer, map, type OperatorFunction } from 'rxjs';
import { OptionError } from '../errors.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { knownOptions, oneOf } from '../options.js';
import { isTensor, type Tensor } from '../tensor.js';
import { checkPool, type TensorPool } from '../tensor-pool.js';
import { carry } from './carry.js';

/** What came in (its own properties), with the tensor, and what else the normalizer adds, in its place. */
export type Normalized<B extends Tensor, Y extends Tensor = Tensor> = (B extends unknown
  ? Omit<B, keyof Tensor>
  : never) &
  Y;

/** `'train'`: learn from each tensor, then normalize it. `'eval'`: normalize with what has been learned. */
export type Mode = 'train' | 'eval';

/** A mode; or what says which, of each item. */
export type ModeOf<X> = Mode | ((item: X) => Mode);

export interface NormalizeOptions<M extends ModeOf<never> = ModeOf<Tensor>> {
  /** `'train'` by default; or a function of each item, of what drifts upstream, say. */
  readonly mode?: M;
  /** Where the arrays it emits come from, if they are given back; by default each is a fresh one. */
  readonly pool?: TensorPool;
}

/** A normalizer to share and keep, or how to make a fresh one for a subscription whose first tensor is `first`. */
type Source<N extends Normalizer> = N | ((first: Tensor) => N);

export function isNormalizer(value: unknown): value is Normalizer {
  const { forward, infer } = Object(value);
  return typeof forward === 'function' && typeof infer === 'function';
}

/** Whether to learn from an item. @throws OptionError, at once; or, at what a function says, then */
export function learnsFrom<X>(mode: ModeOf<X> = 'train'): (item: X) => boolean {
  const isTrain = (name: string, value: unknown): boolean =>
    oneOf(name, value, ['train', 'eval']) === 'train';
  if (typeof mode === 'function') return (item) => isTrain('mode(item)', mode(item));
  const learns = isTrain('mode', mode);
  return () => learns;
}

/** What gives a subscription its normalizer, at its first tensor. */
function maker<N extends Normalizer>(source: Source<N>): (first: Tensor) => Normalizer {
  if (isNormalizer(source)) return () => source;
  if (typeof source !== 'function' || isNormalizer(source.prototype))
    throw new OptionError('normalizer', 'a normalizer, or a function that makes one', source);
  return (first) => {
    const made: unknown = source(first);
    if (isNormalizer(made)) return made;
    throw new OptionError('normalizer(first)', 'a normalizer', made);
  };
}

/**
 * Normalizes each tensor.
 *
 * @param normalizer an instance: its state is shared, and outlives `retry`, `repeat` and resubscription; or a function
 *   that makes one: fresh state for each subscription
 * @returns an operator that keeps what each tensor carried (its `samples`, say). Errors are ShapeError or SampleError;
 *   nothing was learned from the tensor at fault
 * @example
 * import { from } from 'rxjs';
 * import { BatchNorm, minibatch, normalize } from 'evenkeel';
 * const bn = new BatchNorm(1, { eps: 0 });
 * const batches = from([1, 3, 5, 7]).pipe(minibatch({ size: 2 }));
 * batches.pipe(normalize(bn)).subscribe((batch) => console.log(batch.samples, batch.data));
 * // [ 1, 3 ] Float32Array(2) [ -1, 1 ]
 * // [ 5, 7 ] Float32Array(2) [ -1, 1 ]
 * console.log(bn.runningMean); // Float64Array(1) [ 4 ]
 */
export function normalize<B extends Tensor, N extends Normalizer = Normalizer>(
  normalizer: Source<N>,
  options?: NormalizeOptions<'train'>,
): OperatorFunction<B, Normalized<B, ReturnType<N['forward']>>>;
export function normalize<B extends Tensor>(
  normalizer: Source<Normalizer>,
  options?: NormalizeOptions<ModeOf<B>>,
): OperatorFunction<B, Normalized<B>>;
export function normalize<B extends Tensor>(
  normalizer: Source<Normalizer>,
  options: NormalizeOptions<ModeOf<B>> = {},
): OperatorFunction<B, Normalized<B>> {
  const make = maker(normalizer);
  const { mode, pool } = knownOptions('options', options, ['mode', 'pool']);
  checkPool(pool);
  const learns = learnsFrom(mode);
  return (source) =>
    defer(() => {
      let state: Normalizer | undefined;
      return source.pipe(
        map((x) => {
          const step = learns(x) ? 'forward' : 'infer';
          state ??= make(x);
          const y: unknown = state[step](x, pool);
          // Nothing, or a promise, would let what came in pass as normalized.
          if (!isTensor(y)) throw new OptionError(`normalizer.${step}(x)`, 'a tensor', y);
          return carry(x, y) as Normalized<B>;
        }),
      );
    });
}
