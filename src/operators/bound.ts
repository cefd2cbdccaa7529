/** How much an operator may hold, and what becomes of what would be more. */
import { OverflowError } from '../errors.js';
import { oneOf, optionalFunction, positiveInteger } from '../options.js';

const policies = ['error', 'drop-oldest', 'drop-newest', 'emit-early'] as const;

export interface BoundOptions<T> {
  /** The most rows held from one sample to the next; 65,536. */
  readonly maxRows?: number;
  /**
   * What gives way where there would be more: the stream, with an OverflowError (`'error'`, the default); the earliest row held;
   * the one that comes; or the order of things, as what is earliest leaves before it is due.
   */
  readonly overflow?: (typeof policies)[number];
  /** Told of each sample that gave way. */
  readonly onDropped?: (sample: T) => void;
}

export const boundOptions = ['maxRows', 'overflow', 'onDropped'] as const;

export interface Bound<T> {
  readonly maxRows: number;
  readonly overflow: (typeof policies)[number];
  readonly onDropped: ((sample: T) => void) | undefined;
  /** @throws OverflowError */
  fail(): never;
}

/** @throws OptionError */
export function boundOf<T>(what: string, options: BoundOptions<T>): Bound<T> {
  const { maxRows = 65_536, overflow = 'error', onDropped } = options;
  positiveInteger('maxRows', maxRows);
  oneOf('overflow', overflow, policies);
  optionalFunction('onDropped', onDropped);
  const fail = (): never => {
    throw new OverflowError('maxRows', maxRows, what);
  };
  return { maxRows, overflow, onDropped, fail };
}
