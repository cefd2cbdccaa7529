/** scikit-learn's scalers, as JSON of what a fitted one has: `{ class, **vars(scaler) }`, arrays as lists. */
import type { Affine } from '../affine.js';
import { divisorOf } from '../normalizers/divisor.js';
import type { MaxAbsScaler } from '../normalizers/max-abs-scaler.js';
import type { MinMaxScaler } from '../normalizers/min-max-scaler.js';
import type { RobustScaler } from '../normalizers/robust-scaler.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';

/** The scalers, and what they are here once they are read. */
export interface SklearnScalers {
  readonly StandardScaler: StandardScaler;
  readonly MinMaxScaler: MinMaxScaler;
  readonly MaxAbsScaler: MaxAbsScaler;
  /** Fixed: from two quantiles no more can be learned. */
  readonly RobustScaler: Affine;
}
/** The scalers here, by the class they are written as. */
export interface WritableScalers extends Omit<SklearnScalers, 'RobustScaler'> {
  readonly RobustScaler: RobustScaler;
}
export type SklearnName = keyof SklearnScalers;

/** The class that a scaler is. */
export type SklearnNameOf<S> = {
  [K in SklearnName]: S extends WritableScalers[K] ? K : never;
}[SklearnName];

type Values = readonly number[];

interface Fitted {
  /** Ignored: how scikit-learn handles arrays, and what the features are called. */
  readonly copy?: boolean;
  readonly feature_names_in_?: readonly string[];
  readonly n_features_in_?: number;
}

/** What a fitted scaler has, by scikit-learn's names. */
export interface SklearnAttributes {
  readonly StandardScaler: Fitted & {
    readonly with_mean?: boolean;
    readonly with_std?: boolean;
    readonly mean_: Values;
    /** null without with_std. */
    readonly var_: Values | null;
    /** null without with_std. */
    readonly scale_?: Values | null;
    /** Of all features, or, where values were missing, of each. */
    readonly n_samples_seen_: number | Values;
  };
  readonly MinMaxScaler: Fitted & {
    readonly feature_range?: Values;
    readonly clip?: boolean;
    readonly data_min_: Values;
    readonly data_max_: Values;
    readonly data_range_?: Values;
    readonly scale_?: Values;
    readonly min_?: Values;
    readonly n_samples_seen_: number;
  };
  readonly MaxAbsScaler: Fitted & {
    readonly max_abs_: Values;
    readonly scale_?: Values;
    readonly n_samples_seen_: number;
  };
  readonly RobustScaler: Fitted & {
    readonly with_centering?: boolean;
    readonly with_scaling?: boolean;
    /** In percent. */
    readonly quantile_range?: Values;
    /** scale_ has it in it. */
    readonly unit_variance?: boolean;
    /** null without centering. */
    readonly center_?: Values | null;
    /** null without scaling. */
    readonly scale_?: Values | null;
  };
}

export type SklearnJSON<K extends SklearnName> = { readonly class: K } & SklearnAttributes[K];

/** By what scikit-learn divides. */
export const divisorsOf = (spread: Values): number[] => spread.map(divisorOf);

/** What a MinMaxScaler derives from its extremes, in its own arithmetic. */
export function minMaxOf(
  [least, most]: readonly [number, number],
  min: Values,
  max: Values,
): { data_range_: number[]; scale_: number[]; min_: number[] } {
  const range = max.map((value, i) => value - min[i]!);
  const scale = divisorsOf(range).map((divisor) => (most - least) / divisor);
  return { data_range_: range, scale_: scale, min_: min.map((value, i) => least - value * scale[i]!) };
}
