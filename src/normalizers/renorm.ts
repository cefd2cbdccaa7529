/**
 * Batch renormalization: a batch normalized with its own statistics is corrected towards the running ones, y = x̂ · r + d,
 * where r and d are clipped and count as constants in the gradient. Unclipped, y is (x - running mean) / running sd.
 *
 * Source: S. Ioffe, "Batch Renormalization", NeurIPS 2017, arXiv:1702.03275, Algorithm 1.
 */
import { OptionError } from '../errors.js';
import { knownOptions, numberBetween } from '../options.js';
import { MEAN, MEAN_LOW, VARIANCE } from '../running/location.js';
import type { Gradients } from './gradient.js';
import type { Parameters } from './parameters.js';

/** Far beyond any use, and small enough that gamma · r over any sd is finite. */
const LARGEST = 1e40;

/** How far a batch may be corrected: by a factor from 1 / rMax to rMax, and by up to dMax running sds. At most 1e40 each. */
export interface RenormLimits {
  /** From 1 up; 1: no correction of the scale. */
  readonly rMax: number;
  /** From 0 up; 0: no correction of the mean. */
  readonly dMax: number;
}

export function checkRenormLimits(limits: unknown): RenormLimits | false {
  if (limits === false) return false;
  if (typeof limits !== 'object' || limits === null)
    throw new OptionError('renorm', '{ rMax, dMax } or false', limits);
  const { rMax, dMax } = knownOptions('renorm', limits as RenormLimits, ['rMax', 'dMax']);
  return Object.freeze({
    rMax: numberBetween('renorm.rMax', rMax, 1, LARGEST),
    dMax: numberBetween('renorm.dMax', dMax, 0, LARGEST),
  });
}

/** Of each channel: what its x̂ is multiplied by, and what is added then. */
export interface Correction {
  readonly r: Float64Array;
  readonly d: Float64Array;
}

/** How often each channel's r and d were clipped, in batches. Shape `[C]` each. */
export type RenormClips = Correction;

/**
 * What corrects a batch, of the channels that `corrects` says; r = 1 and d = 0 for the others.
 * @param batch,running where they lie, as planes of a location of c channels
 * @param clips counts up
 */
export function correctionOf(
  batch: Float64Array,
  running: Float64Array,
  c: number,
  eps: number,
  { rMax, dMax }: RenormLimits,
  corrects: (channel: number) => boolean,
  clips: RenormClips,
): Correction {
  const r = new Float64Array(c).fill(1);
  const d = new Float64Array(c);
  for (let i = 0; i < c; i++) {
    if (!corrects(i)) continue;
    const [mean, meanLow, variance] = [i + MEAN * c, i + MEAN_LOW * c, i + VARIANCE * c] as const;
    const sd = Math.sqrt(running[variance]! + eps);
    const ratio = Math.sqrt(batch[variance]! + eps) / sd;
    const offset = (batch[mean]! - running[mean]! + (batch[meanLow]! - running[meanLow]!)) / sd;
    // 0 / 0: neither varies, or neither moved: nothing to correct
    r[i] = Number.isNaN(ratio) ? 1 : Math.min(Math.max(ratio, 1 / rMax), rMax);
    d[i] = Number.isNaN(offset) ? 0 : Math.min(Math.max(offset, -dMax), dMax);
    if (r[i] !== ratio && !Number.isNaN(ratio)) clips.r[i]!++;
    if (d[i] !== offset && !Number.isNaN(offset)) clips.d[i]!++;
  }
  return { r, d };
}

/** x̂ · r + d, then the learned affine, as one: gamma · r, and beta + gamma · d. */
export const corrected = ({ gamma, beta }: Parameters, { r, d }: Correction): Parameters => ({
  gamma: gamma.map((value, i) => value * r[i]!),
  beta: beta.map((value, i) => value + gamma[i]! * d[i]!),
});

/** The gradients of the learned affine, from those of the two as one. */
export const uncorrected = (gradients: Gradients, { r, d }: Correction): Gradients => ({
  ...gradients,
  dgamma: gradients.dgamma.map((value, i) => value * r[i]! + gradients.dbeta[i]! * d[i]!),
});
