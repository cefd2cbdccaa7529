/** A tensor through where its values lie and what was learned: one pass over the values, however the two are shared. */
import { applyAffine, applyTwice, fillMissing } from '../kernels/apply.js';
import type { FloatArray } from '../tensor.js';
import type { Pass, Sharing } from './gradient.js';
import { placeAffine } from './normalizer.js';
import { isIdentity, type Parameters } from './parameters.js';

/** Where an affine is written before it is applied: one for all, as wide as the widest. */
let spare = new Float64Array(0);

function takeSpare(length: number): Float64Array {
  if (spare.length < length) spare = new Float64Array(length);
  return spare.length === length ? spare : spare.subarray(0, length);
}

/**
 * @param measured whether moments were taken of x last
 * @returns whether every value is finite; or not, where it may not be
 */
export function normalizeInto(y: FloatArray, pass: Pass, learned: Parameters, measured: boolean): boolean {
  const { x, sharing, filled } = pass;
  const { n, c, l } = sharing.parameters;
  const finite = apply(x.data, y, pass, learned, measured);
  if (!finite && filled) fillMissing(y, n, c, l, learned.beta);
  return finite;
}

function apply(x: FloatArray, y: FloatArray, pass: Pass, learned: Parameters, measured: boolean): boolean {
  const { sharing, placement, eps } = pass;
  const { statistics, parameters } = sharing;
  const isOne = statistics === parameters;
  const located = takeSpare(3 * statistics.c);
  placeAffine(placement, statistics.c, eps, isOne ? learned : undefined, located);
  if (isOne || isIdentity(learned))
    return applyAffine(x, statistics.n, statistics.c, statistics.l, located, y, measured);
  if (parameters.l === 1)
    return applyTwice(x, statistics.c, statistics.l, located, learned.gamma, learned.beta, y, measured);
  const runs = parameters.n * parameters.c;
  return applyAffine(x, 1, runs, parameters.l, both(located, sharing, learned), y, measured);
}

/** Both affines as one, for each run of values that share a parameter: they share a statistic too. */
function both(
  located: Float64Array,
  { statistics, parameters }: Sharing,
  { gamma, beta }: Parameters,
): Float64Array {
  const { c, l } = parameters;
  const runs = parameters.n * c;
  const affine = new Float64Array(3 * runs);
  for (let run = 0; run < runs; run++) {
    const at = Math.floor((run * l) / statistics.l);
    const scale = gamma[run % c]!;
    affine[run] = located[at]!;
    affine[runs + run] = located[statistics.c + at]! * scale;
    affine[2 * runs + run] = located[2 * statistics.c + at]! * scale + beta[run % c]!;
  }
  return affine;
}
