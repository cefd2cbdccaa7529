/** What of a norm a format has no words for: it is refused, or the caller says what the format shall say. */
import { FormatError } from '../errors.js';
import type { BatchNorm } from '../normalizers/batch-norm.js';
import type { BatchNormOptions } from '../normalizers/batch-norm-options.js';
import type { Norm } from '../normalizers/norm.js';
import type { NormOptions } from '../normalizers/norm-options.js';
import { writtenComplement } from './complement.js';

/** What of a norm's options no format says: they are given anew to what is imported. */
export type Unsaid = Pick<NormOptions, 'dtype' | 'missing'>;

/** @throws FormatError naming the option that is not as the format has it */
export function refuseOther<O extends object>(
  format: string,
  options: O,
  asThere: { readonly [K in keyof O]?: O[K] | undefined },
): void {
  for (const [name, value] of Object.entries(asThere)) {
    const own = options[name as keyof O];
    if (own !== value) throw new FormatError(`options.${name}`, `${value} for ${format}`, own);
  }
}

/** How a format's batch normalization learns. */
export interface Convention {
  readonly format: string;
  readonly runningDdof: 0 | 1;
  /** Values a channel from which on a batch is normalized by itself there: 2, as it refuses one; or 1. */
  readonly minValues: 1 | 2;
}

/**
 * The momentum with which what is exported goes on learning: the weight of the new, null for an average of all batches. It is
 * the norm's own, which then has to learn as the format does; or it is what the caller gives, who so leaves behind how the norm
 * learned: what it has learned is right for inference, however it came by that.
 * @throws FormatError naming the option for which the format has no words
 */
export function exportedMomentum(
  { options }: BatchNorm,
  { format, ...convention }: Convention,
  given: number | null | undefined,
): number | null {
  if (given !== undefined) return given;
  const { running } = options;
  const asThere: BatchNormOptions = { ...convention, renorm: false, missing: 'error' };
  refuseOther(`${format}, unless a momentum is given`, options, asThere);
  if (running === 'average') return null;
  if (typeof running === 'object' && 'momentum' in running) return running.momentum;
  throw new FormatError('options.running', `what ${format} has, unless a momentum is given`, running);
}

/** The same of a format whose momentum is the weight of the old, and whose averages all have one. @throws FormatError */
export function exportedOldWeight(
  norm: BatchNorm,
  convention: Convention,
  given: number | undefined,
): number {
  if (given !== undefined) return given;
  const momentum = exportedMomentum(norm, convention, given);
  if (momentum !== null) return writtenComplement('options.running.momentum', momentum);
  const expected = `{ momentum } for ${convention.format}, unless a momentum is given`;
  throw new FormatError('options.running', expected, norm.options.running);
}

/** Elsewhere a NaN stays one. @throws FormatError if the norm puts something in its place */
export function refuseFilling(
  { options }: { readonly options: Pick<Unsaid, 'missing'> },
  format: string,
): void {
  if (options.missing === 'mean')
    throw new FormatError('options.missing', `'error' or 'keep' for ${format}`, options.missing);
}

/** Elsewhere root mean square normalization does not shift. @throws FormatError if the norm does */
export function refuseShift({ options, beta }: Norm, format: string): void {
  const at = options.affine ? beta.findIndex((value) => value !== 0) : -1;
  if (at >= 0) throw new FormatError(`beta[${at}]`, `0 for ${format}`, beta[at]);
}

/** What a scaler was made with, as it saves it. */
export const optionsOf = <O>(scaler: { toJSON(): unknown }): O => (scaler.toJSON() as { options: O }).options;

/** Elsewhere a scaler of which a feature is unknown is not fitted. @throws FormatError naming the feature */
export function refuseUnfitted(count: Float64Array): void {
  const at = count.indexOf(0);
  if (at >= 0) throw new FormatError(`feature ${at}`, 'known by a value or more', 'none');
}
