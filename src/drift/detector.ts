/** The contract of a change detector: a value in, and whether the values have changed. */
import { OptionError } from '../errors.js';

export interface Detector {
  /**
   * @param value finite; NaN is missing, and counts for nothing
   * @returns whether, with this value, a change is found
   */
  update(value: number): boolean;
}

/** @throws OptionError unless it is a finite number, or NaN */
export function checkValue(value: unknown): void {
  if (typeof value !== 'number' || Math.abs(value) === Infinity)
    throw new OptionError('value', 'a finite number, or NaN where it is missing', value);
}
