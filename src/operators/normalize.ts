/** Tensors in, normalized tensors out. */
import { OptionError } from '../errors.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { knownOptions, oneOf } from '../options.js';
import { isTensor, type Tensor } from '../tensor.js';
import { checkPool, type TensorPool } from '../tensor-pool.js';
import { carry } from './carry.js';
import { operate } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

/** What came in (its own properties), with the tensor, and what else the normalizer adds, in its place. */
export type Normalized<B extends Tensor, Y extends Tensor = Tensor> = (B extends unknown
  ? Omit<B, keyof Tensor>
  : never) &
  Y;

/** `'train'`: learn from each tensor, then normalize it. `'eval'`: normalize with what has been learned. */
export type Mode = 'train' | 'eval';

/** What was asked to say which version of the statistics made it: how many updates they had seen. */
export interface Versioned {
  readonly version: number;
}

/** The options that ask for it. */
export interface AsksVersion {
  readonly version: true;
}

/** A mode; or what says which, of each item. */
export type ModeOf<X> = Mode | ((item: X) => Mode);

export interface NormalizeOptions<M extends ModeOf<never> = ModeOf<Tensor>> {
  /** `'train'` by default; or a function of each item, of what drifts upstream, say. */
  readonly mode?: M;
  /** Whether each tensor emitted is to carry the `version` of the statistics that made it. `false`. */
  readonly version?: boolean;
  /** Where the arrays it emits come from, if they are given back; by default each is a fresh one. */
  readonly pool?: TensorPool;
}

/** What a normalizing operator did, and with what. */
export interface NormalizeStats {
  /** Tensors emitted. */
  readonly emitted: number;
  /** Updates that the statistics have seen; undefined where nothing is learned, or there is no normalizer yet. */
  readonly version: number | undefined;
  /** Whose statistics they are: live, of the latest subscription. */
  readonly normalizer: Normalizer | undefined;
}

/** An operator that normalizes tensors, and can be watched. */
export type Normalizing<B extends Tensor, R> = WatchedOperator<B, R, NormalizeStats>;

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

/** Whether what is emitted is to say its version. @throws OptionError */
export const checkVersion = (version: unknown = false): boolean => oneOf('version', version, [true, false]);

/** How many updates its statistics have seen. */
export const versionOf = (normalizer: Normalizer | undefined): number | undefined => normalizer?.version;

/** Says which version made it. @throws OptionError where the normalizer has none */
export function stamp<Y extends Tensor>(y: Y, version: number | undefined): Y {
  if (version === undefined)
    throw new OptionError('version', 'left out where the normalizer learns nothing', true);
  return Object.assign(y, { version });
}

/**
 * Normalizes each tensor.
 *
 * @param normalizer an instance: its state is shared, and outlives `retry`, `repeat` and resubscription; or a function
 *   that makes one: fresh state for each subscription
 * @returns an operator that keeps what each tensor carried (its `samples`, say), and can be watched. Errors are ShapeError or SampleError;
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
  options: NormalizeOptions<'train'> & AsksVersion,
): Normalizing<B, Normalized<B, ReturnType<N['forward']>> & Versioned>;
export function normalize<B extends Tensor, N extends Normalizer = Normalizer>(
  normalizer: Source<N>,
  options?: NormalizeOptions<'train'>,
): Normalizing<B, Normalized<B, ReturnType<N['forward']>>>;
export function normalize<B extends Tensor>(
  normalizer: Source<Normalizer>,
  options: NormalizeOptions<ModeOf<B>> & AsksVersion,
): Normalizing<B, Normalized<B> & Versioned>;
export function normalize<B extends Tensor>(
  normalizer: Source<Normalizer>,
  options?: NormalizeOptions<ModeOf<B>>,
): Normalizing<B, Normalized<B>>;
export function normalize<B extends Tensor>(
  normalizer: Source<Normalizer>,
  options: NormalizeOptions<ModeOf<B>> = {},
): Normalizing<B, Normalized<B>> {
  const make = maker(normalizer);
  const { mode, pool } = knownOptions('options', options, ['mode', 'version', 'pool']);
  checkPool(pool);
  const says = checkVersion(options.version);
  const learns = learnsFrom(mode);

  let emitted = 0;
  let latest: Normalizer | undefined = isNormalizer(normalizer) ? normalizer : undefined;
  const watch = new Watch<NormalizeStats>(() => ({
    emitted,
    version: versionOf(latest),
    normalizer: latest,
  }));
  const operator = operate<B, Normalized<B>>((out) => {
    let state: Normalizer | undefined;
    return {
      next(x) {
        const step = learns(x) ? 'forward' : 'infer';
        state ??= latest = make(x);
        const y: unknown = state[step](x, pool);
        // Nothing, or a promise, would let what came in pass as normalized.
        if (!isTensor(y)) throw new OptionError(`normalizer.${step}(x)`, 'a tensor', y);
        const normalized = carry(x, y) as Normalized<B>;
        if (says) stamp(normalized, versionOf(state));
        emitted++;
        out.next(normalized);
        watch.changed();
      },
    };
  });
  return watch.on(operator);
}
