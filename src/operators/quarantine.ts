/** Samples in, rows out: what cannot be right is kept from everything downstream, and told. */
import { OptionError } from '../errors.js';
import { StandardScaler } from '../normalizers/standard-scaler.js';
import { knownOptions, numberBetween, oneOf, optionalFunction, positiveInteger } from '../options.js';
import { checkWidth, featureNames } from '../samples/features.js';
import type { Key } from '../samples/key.js';
import { type PerFeature, perFeature } from '../samples/per-feature.js';
import { type Judge, Level, lenient } from './level.js';
import { type Mended, type Mender, type MendOptions, type MendStats, mendRows } from './mend-rows.js';
import { type ByFeature, Tally } from './tally.js';
import type { WatchedOperator } from './watched.js';

/** The least and the greatest value there may be; both may be, and may be infinite. */
export type Limits = readonly [least: number, greatest: number];

/** Why a value was put aside: ±Infinity, outside of its `limits`, or too many standard deviations from the mean. */
export type QuarantineReason = 'not finite' | 'limits' | 'sd';

/** A value that was put aside, and with `replace: 'row'` its sample. */
export interface Quarantined<T> {
  /** What came. */
  readonly sample: T;
  /** By name, or by index where there are no names. */
  readonly feature: string | number;
  readonly value: number;
  readonly reason: QuarantineReason;
}

export interface QuarantineOptions<T> extends MendOptions<T> {
  /** One pair for all features, or pairs by feature (by index, where they have no names); by default any value may be. */
  readonly limits?: PerFeature<Limits>;
  /** How many standard deviations from the running mean a value may be; by default any. */
  readonly sd?: number;
  /**
   * Values of a feature that pass, and are kept, before `sd` applies to it: its statistics start from them, less what lies far
   * from their median. A tenth of them may, so that 10 bear a spike. 30; up to 65,536. 1 is as 2.
   */
  readonly warmup?: number;
  /**
   * The how manieth value in a row that `sd` puts aside is not, but begins a new level of its feature: another warm-up, of
   * which those before it in that row are part. 30, so that as many make a level as made the first; up to 65,536, or Infinity:
   * never.
   */
  readonly readmit?: number;
  /**
   * What `sd` goes by, and what learns each row that is emitted: it outlives `retry`, `repeat` and resubscription. It forgets as its
   * `running` says, and so it does not start anew at a new level: what `readmit` lets in passes until it has caught up. It has
   * learned a spike of its warm-up, and may be blind until that has faded. Its `missing` must be `'keep'` or `'mean'`. By default
   * statistics of its own for each subscription. With a `key`, a function that gives that of each.
   */
  readonly scaler?: StandardScaler | ((key: Key) => StandardScaler);
  /** What is put aside: the `'row'`, or only the `'value'`, which is then a missing one. `'row'`. */
  readonly replace?: 'row' | 'value';
  /** Is told each value that is put aside; with `replace: 'row'` the first of each such row. */
  readonly onQuarantined?: (quarantined: Quarantined<T>) => void;
}

/** rows = emitted + quarantined + invalid + dropped; quarantined + replaced = the sum over all features and reasons. */
export interface QuarantineStats extends MendStats {
  /** Rows put aside. */
  readonly quarantined: number;
  /** Values made missing. */
  readonly replaced: number;
  readonly features: ByFeature<Readonly<Record<QuarantineReason, number>>>;
}

const reasons: readonly QuarantineReason[] = ['not finite', 'limits', 'sd'];

/** Values of a feature. */
const MOST_KEPT = 65_536;

const knownNames = [
  'features',
  'onInvalid',
  'pool',
  'limits',
  'sd',
  'warmup',
  'readmit',
  'scaler',
  'replace',
  'onQuarantined',
  'key',
  'maxKeys',
] as const;

/**
 * Keeps values that cannot be right from every statistic downstream: infinities, those outside of `limits`, and those
 * farther than `sd` standard deviations from the mean of what was let through before. A row is put aside for one of them,
 * or only the value, which is then missing (`replace: 'value'`, for `impute` to fill).
 *
 * Items are samples, as `minibatch` takes them, or rows `[C]`, whose values `features` only names. They leave as rows `[C]`,
 * float64, each with its `sample`, or with what the row carried. Missing values (null, undefined, NaN) pass as NaN. What is
 * no number is refused, as `onInvalid` says.
 *
 * A value within `limits` is judged by its feature's own mean and deviation (biased), before its row is learned, once
 * `warmup` values were let through: no row waits, so that a spike among these passes. It hides none that comes after it, as mean
 * and deviation start without what lies more than `sd` deviations from the median, by the deviation that nine tenths stay within:
 * up to a tenth of the warm-up may be spikes of any size (3 of 30). Where nine tenths are equal there is no spread to go by, and
 * the warm-up begins anew. A level that shifts is not put aside for ever: see `readmit`. Of a row put aside nothing is learned.
 *
 * Source: Hampel 1974, doi:10.1080/01621459.1974.10482962 (deviations from the median; here at nine tenths, not at a half).
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator with `stats`, whose errors are SampleError, naming row (of the stream), feature and value
 * @example
 * import { from } from 'rxjs';
 * import { quarantine } from 'evenkeel';
 * from([{ t: 20 }, { t: 1e9 }, { t: 21 }])
 *   .pipe(quarantine({ features: ['t'], limits: { t: [-40, 60] }, onQuarantined: (q) => console.log(q.reason, q.value) }))
 *   .subscribe(({ sample, data }) => console.log(sample.t, data));
 * // 20 Float64Array(1) [ 20 ]
 * // limits 1000000000
 * // 21 Float64Array(1) [ 21 ]
 */
export function quarantine<T>(
  options: QuarantineOptions<T> = {},
): WatchedOperator<T, Mended<T>, QuarantineStats> {
  knownOptions('options', options, knownNames);
  const { replace = 'row', onQuarantined, scaler } = options;
  const putsRowsAside = oneOf('replace', replace, ['row', 'value']) === 'row';
  optionalFunction('onQuarantined', onQuarantined);
  const names = featureNames(options.features);
  const levelOf = levels(options, names);
  const limitsOf = perFeature(limitsSetting, options.limits ?? [-Infinity, Infinity], names);
  const tally = new Tally(reasons, names);
  let [quarantined, replaced] = [0, 0];

  return mendRows<T, QuarantineStats, Judge>(options, {
    keepInfinite: true,
    columns: scaler instanceof StandardScaler ? scaler.features : undefined,
    snapshot: ({ emitted, invalid, dropped, ...keys }) => ({
      rows: emitted + quarantined + invalid + dropped,
      emitted,
      quarantined,
      replaced,
      invalid,
      dropped,
      ...keys,
      features: tally.snapshot(),
    }),
    start(columns): Mender<T, Judge> {
      const limits = limitsOf(columns);
      tally.widen(columns);

      function reasonFor(so: Judge, column: number, value: number): QuarantineReason | undefined {
        if (value === Infinity || value === -Infinity) return 'not finite';
        const bounds = limits[column];
        if (bounds && (value < bounds[0] || value > bounds[1])) return 'limits';
        return so.isOutlier(column, value) ? 'sd' : undefined;
      }

      return {
        begin: (key) => levelOf(key, columns),
        mend(so, row, sample) {
          let told: Quarantined<T>[] | undefined;
          so.look();
          for (let i = 0; i < columns; i++) {
            const value = row[i]!;
            const reason = reasonFor(so, i, value);
            if (!reason) continue;
            if (!putsRowsAside) row[i] = Number.NaN;
            told ??= [];
            if (putsRowsAside && told.length > 0) continue;
            told.push({ sample, feature: tally.feature(i), value, reason });
            tally.count(i, reason);
          }
          const isAside = putsRowsAside && told !== undefined;
          if (isAside) quarantined++;
          else {
            replaced += told?.length ?? 0;
            so.learn(row);
          }
          if (onQuarantined && told) for (const one of told) onQuarantined(one);
          return !isAside;
        },
      };
    },
  });
}

const limitsSetting = {
  option: 'limits',
  isOne: Array.isArray,
  check(name: string, given: unknown): Limits {
    if (Array.isArray(given) && given.length === 2) {
      const [least, greatest] = given as unknown[];
      if (typeof least === 'number' && typeof greatest === 'number' && least <= greatest)
        return [least, greatest];
    }
    throw new OptionError(name, 'a pair of numbers, the least and the greatest', given);
  },
};

/** What `sd` goes by, by key or for all. @throws OptionError */
function levels<T>(
  options: QuarantineOptions<T>,
  names?: readonly string[],
): (key: Key | undefined, columns: number) => Judge {
  const { sd, warmup = 30, readmit = 30, scaler, key } = options;
  positiveInteger('warmup', warmup, MOST_KEPT);
  if (readmit !== Infinity) positiveInteger('readmit', readmit, MOST_KEPT);
  if (key !== undefined) optionalFunction('scaler', scaler);
  else if (scaler !== undefined)
    checkWidth(names, checkScaler('scaler', scaler).features, 'the scaler has features');
  if (sd === undefined) {
    const of = (['warmup', 'readmit', 'scaler'] as const).find((option) => options[option] !== undefined);
    if (of) throw new OptionError('sd', `given where ${of} is`, sd);
    return () => lenient;
  }
  numberBetween('sd', sd, Number.MIN_VALUE, Number.MAX_VALUE);
  function scalerOf(key: Key | undefined, columns: number): StandardScaler | undefined {
    if (typeof scaler !== 'function') return scaler;
    const name = `scaler(${JSON.stringify(key)})`;
    const of = checkScaler(name, scaler(key!));
    if (of.features !== columns) throw new OptionError(name, `a StandardScaler of ${columns} features`, of);
    return of;
  }
  return (key, columns) => new Level(columns, { sd, warmup, readmit, scaler: scalerOf(key, columns) });
}

/** @throws OptionError */
function checkScaler(name: string, scaler: unknown): StandardScaler {
  const isScaler = scaler instanceof StandardScaler;
  if (isScaler && scaler.missing !== 'error' && !scaler.byTime) return scaler;
  const what = !isScaler
    ? 'a StandardScaler'
    : scaler.byTime
      ? 'a StandardScaler that goes by rows, as quarantine tells no times'
      : "a StandardScaler with missing 'keep' or 'mean'";
  throw new OptionError(name, what, scaler);
}
