/** Samples in, rows out: missing values filled in, by what was seen of their feature. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { OptionError, SampleError } from '../errors.js';
import { checkScheduler, knownOptions, numberBetween, oneOf } from '../options.js';
import { checkWidth, featureNames } from '../samples/features.js';
import type { Key } from '../samples/key.js';
import { type PerFeature, perFeature } from '../samples/per-feature.js';
import { clockOf, type Timestamp } from '../samples/timestamp.js';
import { SeenValues } from '../stats/seen-values.js';
import { type Mended, type Mender, type MendOptions, type MendStats, mendRows } from './mend-rows.js';
import { type ByFeature, Tally } from './tally.js';
import type { WatchedOperator } from './watched.js';

/** What to do where there is nothing to fill in with: the sample is refused, the value stays NaN, or is the mean. */
export type ImputeElse = 'error' | 'keep' | 'mean';

/**
 * What becomes of a missing value:
 * - `'error'`: its sample is refused, as `onInvalid` says
 * - `'keep'`: it stays NaN
 * - `'mean'`: it is the mean of all values seen of its feature
 * - `{ last: ms }`: it is the last value seen of its feature, if its time is no more than so many ms away (Infinity: whenever it
 *   was), or else what `else` says (`'keep'`)
 */
export type ImputePolicy = ImputeElse | { readonly last: number; readonly else?: ImputeElse };

export interface ImputeOptions<T> extends MendOptions<T> {
  /** One policy for all features, or policies by feature (by index, where they have no names); for others `'error'`. */
  readonly missing: PerFeature<ImputePolicy>;
  /** When a sample happened, which `{ last: ms }` goes by; by default when it came, by the scheduler's time. */
  readonly timestamp?: Timestamp<T>;
  /** Whose time that is; `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
  /**
   * What it fills in with, and what sees each row that is emitted: it outlives `retry`, `repeat` and resubscription, and can be
   * saved. With a `key`, a function that gives that of each. By default one of its own for each subscription.
   */
  readonly seen?: SeenValues | ((key: Key) => SeenValues);
}

/** Of the rows emitted. */
export interface Imputed {
  /** Values that were missing: `filled`, or NaN still. */
  readonly missing: number;
  readonly filled: number;
  /** Those of `missing` whose last value was too old. */
  readonly stale: number;
}

/** rows = emitted + invalid + dropped. */
export interface ImputeStats extends MendStats {
  readonly features: ByFeature<Imputed>;
}

const knownNames = [
  'features',
  'onInvalid',
  'pool',
  'missing',
  'timestamp',
  'scheduler',
  'seen',
  'key',
  'maxKeys',
] as const;

const elses: readonly ImputeElse[] = ['error', 'keep', 'mean'];

/**
 * Fills in missing values (null, undefined, NaN), by feature: with the running mean, or with the last value while that is
 * recent enough. What was filled in is not taken for a value seen here; what comes after cannot tell it from one.
 *
 * Items are samples, as `minibatch` takes them, or rows `[C]`, as `quarantine` emits, whose values names of `features` only name. They
 * leave as rows `[C]`, float64, each with its `sample`, or with what the row carried. Until a feature has had a value there
 * is neither mean nor last one, and a missing value stays NaN (with `'error'`, also after `else`, it is refused all the
 * same). A row's values are seen when it is let through; of a sample that is refused nothing is.
 *
 * Source: the terms are those of scikit-learn's `SimpleImputer`, whose mean is that of a table, not of what came before.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator with `stats`, whose errors are SampleError, naming row (of the stream), feature and value
 * @example
 * import { from } from 'rxjs';
 * import { impute } from 'evenkeel';
 * from([{ t: 20, at: 0 }, { t: null, at: 400 }, { t: 30, at: 900 }, { t: null, at: 5000 }])
 *   .pipe(impute({ features: ['t'], missing: { t: { last: 1000, else: 'mean' } }, timestamp: 'at' }))
 *   .subscribe(({ data }) => console.log(data[0]));
 * // 20
 * // 20
 * // 30
 * // 25
 */
export function impute<T>(options: ImputeOptions<T>): WatchedOperator<T, Mended<T>, ImputeStats> {
  knownOptions('options', options, knownNames);
  const { scheduler = asyncScheduler, seen: shared } = options;
  const names = featureNames(options.features);
  const policiesOf = perFeature(missingSetting, options.missing, names);
  const clock = options.timestamp === undefined ? undefined : clockOf(options.timestamp);
  checkScheduler('scheduler', scheduler);
  const seenOf = seenBy(options);
  const tally = new Tally<keyof Imputed>(['missing', 'filled', 'stale'], names);

  return mendRows<T, ImputeStats, SeenValues>(options, {
    clock,
    columns: shared instanceof SeenValues ? shared.features : undefined,
    snapshot: ({ emitted, invalid, dropped, ...keys }) => ({
      rows: emitted + invalid + dropped,
      emitted,
      invalid,
      dropped,
      ...keys,
      features: tally.snapshot(),
    }),
    start(columns): Mender<T, SeenValues> {
      const policies = policiesOf(columns).map((policy = { last: -1, else: 'error' }) => policy);
      tally.widen(columns);

      /** Undefined where the sample is to be refused. */
      function fillingOf({ last, moments }: SeenValues, column: number, age: number): number | undefined {
        const { last: most, else: rest } = policies[column]!;
        if (age <= most) return last[column]!; // that of no value is NaN
        if (rest === 'error') return undefined;
        return rest === 'mean' && moments.count[column]! > 0 ? moments.mean[column]! : Number.NaN;
      }

      return {
        begin: (key) => seenOf(key, columns),
        mend(seen, row, _item, eventTime, at) {
          const time = clock ? eventTime : scheduler.now();
          const ageOf = (column: number): number => Math.abs(time - seen.times[column]!);
          for (let i = 0; i < columns; i++)
            if (Number.isNaN(row[i]) && fillingOf(seen, i, ageOf(i)) === undefined)
              return new SampleError('EVENKEEL_MISSING', at, tally.feature(i), Number.NaN);
          seen.update(row, time);
          for (let i = 0; i < columns; i++) {
            if (!Number.isNaN(row[i])) continue;
            const age = ageOf(i);
            row[i] = fillingOf(seen, i, age)!;
            tally.count(i, 'missing');
            if (!Number.isNaN(row[i])) tally.count(i, 'filled');
            if (policies[i]!.last >= 0 && age > policies[i]!.last) tally.count(i, 'stale');
          }
          return true;
        },
      };
    },
  });
}

/** What is filled in with, by key or for all: yours, or fresh. @throws OptionError */
function seenBy<T>({
  seen,
  key,
  features,
}: ImputeOptions<T>): (key: Key | undefined, columns: number) => SeenValues {
  if (seen === undefined) return (_key, columns) => new SeenValues(columns);
  if (key === undefined) {
    if (!(seen instanceof SeenValues)) throw new OptionError('seen', 'SeenValues', seen);
    checkWidth(featureNames(features), seen.features, '`seen` has');
    return () => seen;
  }
  if (typeof seen !== 'function') throw new OptionError('seen', 'a function of the key', seen);
  return (key, columns) => {
    const of: unknown = seen(key!);
    if (of instanceof SeenValues && of.features === columns) return of;
    throw new OptionError(`seen(${JSON.stringify(key)})`, `SeenValues of ${columns} features`, of);
  };
}

/** A policy with its parts told apart: no last value is near enough where it is -1. */
interface Parts {
  readonly last: number;
  readonly else: ImputeElse;
}

const missingSetting = {
  option: 'missing',
  // A policy by the name of a feature is no number.
  isOne: (given: unknown): boolean =>
    typeof (given as { readonly last?: unknown } | null | undefined)?.last === 'number',
  check(name: string, given: unknown): Parts {
    if (typeof given !== 'object' || given === null)
      return { last: -1, else: oneOf(name, given as ImputeElse, elses) };
    const { last, else: rest = 'keep' } = knownOptions(name, given as Partial<Parts>, ['last', 'else']);
    if (last === undefined) throw new OptionError(`${name}.last`, 'a number of milliseconds', last);
    if (last !== Infinity) numberBetween(`${name}.last`, last, 0, Number.MAX_VALUE);
    return { last, else: oneOf(`${name}.else`, rest, elses) };
  },
};
