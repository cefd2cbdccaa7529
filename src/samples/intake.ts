/** Samples in, one after the other, as rows: which numbers they are made of, and what becomes of those that cannot be. */
import { SampleError } from '../errors.js';
import { oneOf } from '../options.js';
import type { DType } from '../tensor.js';
import { type Features, featuresOf, NoRow } from './features.js';
import { RowBuffer } from './row-buffer.js';

export interface IntakeOptions<T> {
  /**
   * The names of a sample's features, or how to get its numbers. By default a sample is a number or an array of them.
   * What this function (or a getter of the sample) throws is its own error, and ends the stream as `map`'s would.
   */
  readonly features?: Features<T>;
  /** A sample that cannot be used: an error notification (`'error'`), or told to this function and left out. */
  readonly onInvalid?: 'error' | ((error: SampleError, sample: unknown) => void);
}

/** What one subscription takes in. */
export interface Intake<T> {
  /** The rows taken in; take them out. */
  readonly buffer: RowBuffer;
  /**
   * Makes a sample a row.
   * @param row its numbers, where they are not to be got from it
   * @returns whether it became one; it was told and left out where not
   * @throws SampleError where that is what `onInvalid` says
   */
  offer(sample: T, row?: ArrayLike<unknown>): boolean;
  /** The same of an action that may find the sample invalid. */
  attempt(sample: T, action: () => void): boolean;
}

/** What the rows are to be: how many at most, of which type, whether they may have gaps, of how many values if known. */
export interface Rows {
  readonly size: number;
  readonly dtype: DType;
  readonly keepMissing: boolean;
  readonly columns?: number | undefined;
}

/** The intake of each subscription to come, and the names of the features. @throws OptionError, at once */
export function intakeOf<T>({ features, onInvalid = 'error' }: IntakeOptions<T>): {
  readonly names: readonly string[] | undefined;
  open(rows: Rows): Intake<T>;
} {
  if (typeof onInvalid !== 'function') oneOf('onInvalid', onInvalid, ['error']);
  const { names, extract } = featuresOf(features);
  return {
    names,
    open({ size, dtype, keepMissing, columns }) {
      const buffer = new RowBuffer(size, dtype, names, keepMissing, columns);
      const attempt = (sample: T, action: () => void): boolean => {
        try {
          action();
        } catch (error) {
          if (!(error instanceof SampleError) || onInvalid === 'error') throw error;
          onInvalid(error, sample);
          return false;
        }
        return true;
      };
      const offer = (sample: T, given?: ArrayLike<unknown>): boolean => {
        const row = given ?? extract(sample); // what this throws is its own error
        return attempt(sample, () => {
          if (row instanceof NoRow) buffer.refuse(row.value);
          else buffer.push(row, sample);
        });
      };
      return { buffer, offer, attempt };
    },
  };
}
