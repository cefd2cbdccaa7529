/**
 * The contract of scalers, and the mechanism they share: statistic → affine → apply, by row or by tensor. A concrete
 * scaler says what it learns with and what affine that comes to.
 */
import { Affine } from '../affine.js';
import { kept } from '../block.js';
import { checkValues } from '../check-values.js';
import { OptionError, SampleError, ShapeError } from '../errors.js';
import { applyAffine, clampAll, fillMissing } from '../kernels/apply.js';
import { findNonFinite } from '../kernels/find.js';
import { numberBetween } from '../options.js';
import { valuesOf } from '../row.js';
import type { Running } from '../running/running.js';
import type { Statistic } from '../stats/statistic.js';
import {
  checkOut,
  checkTensor,
  type DType,
  dtypeOf,
  type FloatArray,
  type Tensor,
  viewOf,
} from '../tensor.js';
import { type Output, outputOf } from '../tensor-pool.js';
import type { Missing, Normalizer } from './normalizer.js';
import type { ScalerOptions, Settled } from './scaler-options.js';

/** What a scaler learns with: any statistic, or running statistics that pool. */
export type Learner = Omit<Statistic<never>, 'clone'> & Pick<Running, 'late' | 'byTime'>;

/**
 * The affine of what has been learned, y = (x - center) * scale + shift: planes of C values each, in one array. Where a missing
 * value has a stand-in, one more: what the feature's centre maps to.
 */
export const CENTER = 0;
export const SCALE = 1;
export const SHIFT = 2;
export const FILLING = 3;

/** What a scaler is set up with. */
interface Setup<S extends Learner> {
  /** The class, as saved state names it. */
  readonly kind: string;
  readonly statistic: S;
  readonly options: Settled<ScalerOptions> & { readonly clip?: unknown };
  /** Where transformed values end, if they do. */
  readonly bounds?: readonly [least: number, most: number] | undefined;
}

/**
 * Learns each feature's place and spread, and maps it to a common scale, row by row or tensors `[N, C, …positions]` at a
 * time; all positions are values of their channel's feature.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused. What is refused
 * changes nothing.
 */
export abstract class Scaler<S extends Learner = Learner> implements Normalizer {
  readonly features: number;
  protected statistic: S;
  readonly #kind: Setup<S>['kind'];
  readonly #options: Setup<S>['options'];
  readonly #bounds: Setup<S>['bounds'];
  readonly #fit: Float64Array;
  /** Of the statistic, when its affine was last taken. */
  #revision = -1;
  #inverse: Affine | undefined;
  #rows = 0;

  protected constructor({ kind, statistic, options, bounds }: Setup<S>) {
    this.features = statistic.channels;
    this.statistic = statistic;
    this.#kind = kind;
    this.#options = options;
    this.#bounds = bounds;
    this.#fit = kept((FILLING + Number(this.fills)) * this.features);
  }

  /**
   * Writes what the statistic comes to; where it is too little to tell, what leaves values as they are.
   * @param into planes of the affine, and of the filling if it `fills`; zeros, or what was written last
   */
  protected abstract fit(into: Float64Array): void;

  /** A statistic that has learned nothing. */
  protected abstract started(): S;

  /** As the option says. */
  get missing(): Missing {
    return this.#options.missing;
  }

  /** As the option says. */
  get dtype(): DType | undefined {
    return this.#options.dtype;
  }

  /** Whether a missing value has a stand-in. */
  protected get fills(): boolean {
    return this.#options.missing === 'mean';
  }

  /** Rows learned from, by `update`, `updateBatch`, `forward` or `merge`; those of weight 0 are not. */
  get rows(): number {
    return this.#rows;
  }

  /** The same, as every normalizer that learns tells it. */
  get version(): number {
    return this.#rows;
  }

  /** Whether what it learns goes by event time, which then has to be told. */
  get byTime(): boolean {
    return this.statistic.byTime ?? false;
  }

  /**
   * Rows that were not learned, as they came too late: older than the window (`{ windowMs }`), or 500 half-lives or more before
   * the latest (`{ halfLifeMs }`) in each feature they have a value of.
   */
  get late(): number {
    return this.statistic.late ?? 0;
  }

  /** Forgets all that was learned; the options stay. */
  reset(): void {
    this.statistic = this.started();
    this.#rows = 0;
    this.#revision = -1;
  }

  /**
   * Learns one row.
   *
   * @param row a value per feature, shape `[C]`
   * @param weight how much it counts, from 0 (not at all) up; 1 by default
   * @param time when it was, in ms; only where `running` goes by time, and needed there
   * @throws SampleError (not a number, not finite, missing, wrong arity), OptionError (the weight, the time), nothing being
   *   learned
   */
  update(row: ArrayLike<number>, weight = 1, time?: number): void {
    numberBetween('weight', weight, 0, Number.MAX_SAFE_INTEGER);
    const { late } = this;
    this.statistic.update(this.#read(row), weight, time);
    if (weight > 0 && this.late === late) this.#rows++;
  }

  /**
   * Learns all rows of a tensor.
   *
   * @param x `[N, C, …positions]`, with the event times of its samples as `times` where `running` goes by them
   * @throws ShapeError, SampleError, OptionError (there are no `times`), nothing being learned
   */
  updateBatch(x: Tensor): void {
    const { late } = this;
    this.statistic.updateBatch(x, this.missing === 'error' ? 'error' : 'skip');
    this.#rows += x.shape[0]! - (this.late - late);
  }

  /**
   * Learns all that another scaler of its kind has learned: of a shard, a day, a window. The other is left as it was.
   * @throws OptionError if it is of another kind, ShapeError if it is of other features
   */
  merge(other: this): void {
    if (!(other instanceof this.constructor)) throw new OptionError('other', `a ${this.#kind}`, other);
    if (other.features !== this.features)
      throw new ShapeError(`a scaler of ${this.features} features`, other.features);
    this.statistic.merge(other.statistic as never);
    this.#rows += other.#rows;
  }

  /**
   * Scales one row with what has been learned; learns nothing.
   *
   * @param row a value per feature, shape `[C]`
   * @param out what to write to, shape `[C]`; a fresh Float64Array by default
   * @returns `out`
   * @throws SampleError; ShapeError if `out` does not fit
   */
  transform(row: ArrayLike<number>): Float64Array;
  transform<A extends FloatArray>(row: ArrayLike<number>, out: A): A;
  transform(row: ArrayLike<number>, out: FloatArray = new Float64Array(this.features)): FloatArray {
    checkOut(out, this.features);
    this.#apply(this.#read(row), 1, 1, out);
    return out;
  }

  /**
   * Undoes `transform`, but for what `clip` took: x comes back to within 8 · 2⁻⁵³ of the largest of |x|, |center| and
   * |shift / scale| of its feature's affine (unless the scaled value has underflowed). A missing value stays one, or with
   * `missing: 'mean'` becomes the centre.
   *
   * @param row a scaled value per feature, shape `[C]`
   * @returns a fresh array, shape `[C]`, in the data's units
   * @throws SampleError; NotInvertibleError where a spread has left float64
   */
  inverse(row: ArrayLike<number>): Float64Array {
    const values = this.#read(row).slice();
    if (this.fills) fillMissing(values, 1, this.features, 1, this.#plane(FILLING));
    else this.#current();
    this.#inverse ??= this.#affine().invert();
    return this.#inverse.apply({ data: values, shape: [1, this.features] }).data as Float64Array;
  }

  /**
   * Learns from all rows of a tensor, then scales them (training).
   *
   * @param x `[N, C, …positions]`
   * @param out what the values go into: an array of as many, of the type to return, or a pool; a fresh one by default
   * @returns the same shape; the option's `dtype`, or that of `x`
   * @throws ShapeError, SampleError, OptionError (`out` is of another type), nothing being learned
   */
  forward(x: Tensor, out?: Output): Tensor {
    const y = this.#output(x, out);
    this.updateBatch(x);
    return this.#emit(x, y);
  }

  /**
   * Scales a tensor with what has been learned; learns nothing (test time).
   *
   * @param x `[N, C, …positions]`
   * @param out as above
   * @returns the same shape; the option's `dtype`, or that of `x`
   * @throws ShapeError, SampleError, OptionError
   */
  infer(x: Tensor, out?: Output): Tensor {
    return this.#emit(x, this.#output(x, out));
  }

  /**
   * What `transform` and `infer` are, for values that are there.
   * @throws OptionError if values are clipped, which no affine does
   */
  toAffine(): Affine {
    if (this.#bounds) {
      const { clip } = this.#options;
      throw new OptionError('clip', 'left out where toAffine is wanted, as no affine clips', clip);
    }
    return this.#affine();
  }

  /** Plain JSON; the class's `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    return {
      kind: this.#kind,
      version: 1,
      features: this.features,
      options: structuredClone(this.#options),
      rows: this.#rows,
      statistic: this.statistic.toJSON(),
    };
  }

  /** Goes on from saved state, before anything else. */
  protected restore({ statistic, rows }: { readonly statistic: S; readonly rows: number }): this {
    this.statistic = statistic;
    this.#rows = rows;
    return this;
  }

  /** Not to be written to, and good until the next row is read. */
  #read(row: ArrayLike<number>): Float64Array {
    const values = valuesOf(row, this.features);
    const gap = this.missing === 'error' ? findNonFinite(values) : -1;
    if (gap >= 0) throw new SampleError('EVENKEEL_MISSING', 0, gap, values[gap]);
    return values;
  }

  #output(x: Tensor, out: Output | undefined): FloatArray {
    checkTensor(x);
    return outputOf(this.dtype ?? dtypeOf(x), x.data.length, out);
  }

  #current(): Float64Array {
    const { revision } = this.statistic;
    if (revision !== this.#revision) {
      this.fit(this.#fit);
      this.#revision = revision;
      this.#inverse = undefined;
    }
    return this.#fit;
  }

  #affine(): Affine {
    return new Affine(this.#plane(SCALE), this.#plane(SHIFT), this.#plane(CENTER));
  }

  #plane(plane: number): Float64Array {
    return this.#current().subarray(plane * this.features, (plane + 1) * this.features);
  }

  #emit(x: Tensor, y: FloatArray): Tensor {
    const { n, l } = viewOf(x, this.features);
    this.#apply(x.data, n, l, y);
    return { data: y, shape: [...x.shape] };
  }

  /** @throws SampleError */
  #apply(x: FloatArray, n: number, l: number, y: FloatArray): void {
    const c = this.features;
    if (!applyAffine(x, n, c, l, this.#current(), y, false)) {
      checkValues(x, { n, c, l }, this.missing);
      if (this.fills) fillMissing(y, n, c, l, this.#plane(FILLING));
    }
    if (this.#bounds) clampAll(y, ...this.#bounds);
  }
}
