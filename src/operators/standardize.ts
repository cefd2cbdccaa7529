/** Samples or tensors in, scaled ones out, each as it comes. */
import { OptionError, SampleError } from '../errors.js';
import { Scaler } from '../normalizers/scaler.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import { type StandardScalerOptions, standardScalerOptions } from '../normalizers/standard-scaler-options.js';
import { knownOptions } from '../options.js';
import { checkWidth } from '../samples/features.js';
import { intakeOf } from '../samples/intake.js';
import { channelsOf, isBatch, type Tensor } from '../tensor.js';
import { type AsksVersion, isNormalizer, type Versioned, versionOf } from './normalize.js';
import { operate } from './operate.js';
import { Scaling, type Standardized, type StandardizeOptions, scalingNames } from './scaling.js';
import { Watch, type WatchedOperator } from './watched.js';

/** What `standardize` did, and with what. */
export interface StandardizeStats {
  /** Items emitted. */
  readonly emitted: number;
  /** Learned, and not emitted: within the warm-up. */
  readonly withheld: number;
  /** Told to `onInvalid`, and left out. */
  readonly invalid: number;
  /** Rows that the statistics have seen; undefined where there is no scaler yet. */
  readonly version: number | undefined;
  /** Whose statistics they are: live, of the latest subscription. */
  readonly normalizer: Scaler | undefined;
}

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
 * @returns an operator that can be watched. Its errors are SampleError, naming row (of the stream, or of the batch), feature and
 *   value, and ShapeError; nothing was learned from what was at fault
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
  scaler: StandardScalerOptions | Scaler | (() => Scaler) | undefined,
  options: StandardizeOptions<T> & AsksVersion,
): WatchedOperator<T, Standardized<T> & Versioned, StandardizeStats>;
export function standardize<T>(
  scaler?: StandardScalerOptions | Scaler | (() => Scaler),
  options?: StandardizeOptions<T>,
): WatchedOperator<T, Standardized<T>, StandardizeStats>;
export function standardize<T>(
  scaler: StandardScalerOptions | Scaler | (() => Scaler) = {},
  options: StandardizeOptions<T> = {},
): WatchedOperator<T, Standardized<T>, StandardizeStats> {
  const start = sourceOf(scaler);
  knownOptions('options', options, scalingNames);
  const scaling = new Scaling(options);
  const { names, open } = intakeOf(options, () => {
    invalid++;
    watch.changed();
  });
  const checkNames = ({ features }: Scaler): void => checkWidth(names, features, 'the scaler has features');
  if (scaler instanceof Scaler) checkNames(scaler);

  let [emitted, withheld, invalid] = [0, 0, 0];
  let latest = scaler instanceof Scaler ? scaler : undefined;
  const watch = new Watch<StandardizeStats>(() => ({
    emitted,
    withheld,
    invalid,
    version: versionOf(latest),
    normalizer: latest,
  }));

  const operator = operate<T, Standardized<T>>((out) => {
    const source = start();
    let state = source.known;
    if (state) checkNames(state);
    latest = state ?? latest;
    const intake = open({
      size: 1,
      dtype: 'float64',
      keepMissing: source.missing !== 'error',
      columns: state?.features,
    });

    function row(item: T, learns: boolean): Tensor | undefined {
      const time = scaling.clock && intake.timeOf(scaling.clock, item);
      if (Number.isNaN(time) || !intake.offer(item) || out.closed) return undefined; // reading it may have ended the subscription
      const values = intake.buffer.lend();
      state ??= latest = source.of(values.length);
      const y = scaling.row(state, values, item, learns, time);
      return y ?? withhold();
    }

    function batch(item: T & Tensor, learns: boolean): Tensor | undefined {
      const by = state ?? source.of(channelsOf(item));
      try {
        const y = scaling.batch(by, item, learns);
        state = latest = by; // only now: a batch that was refused says nothing of how many features there are
        return y ?? withhold();
      } catch (error) {
        if (!(error instanceof SampleError)) throw error;
        intake.refuse(error, item);
        return undefined;
      }
    }

    function withhold(): undefined {
      withheld++;
      watch.changed();
    }

    return {
      next(item) {
        const learns = scaling.learns(item);
        const y = isBatch(item) ? batch(item, learns) : row(item, learns);
        if (!y) return;
        emitted++;
        out.next(y as Standardized<T>);
        watch.changed();
      },
    };
  });
  return watch.on(operator);
}
