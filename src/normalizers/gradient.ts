/**
 * Going back through a norm: what the gradient of a loss with respect to y says of x, gamma and beta.
 *
 * With g = dy · gamma, and x̂ = (x - mean) / sd: dx = (g - mean(g) - x̂ · mean(g · x̂)) / sd, the means over the values that
 * share the statistic, as these move with x. Where a mean or a variance was given, not taken from x, its term is left out.
 *
 * Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167, section 3.
 */
import { float64s } from '../block.js';
import { ShapeError } from '../errors.js';
import { findNonFinite } from '../kernels/find.js';
import { gather, project, projectTwice, pullBack, pullBackTwice, sumMissing } from '../kernels/gradient.js';
import type { Location } from '../running/running.js';
import {
  checkTensor,
  dtypeOf,
  type FloatArray,
  sampleErrorAt,
  type Tensor,
  type View,
  zeros,
} from '../tensor.js';
import { type Parameters, placeAffine } from './normalizer.js';

/** Which values of a tensor share a statistic, and which a scale and a shift: two views of the same values. */
export interface Sharing {
  readonly statistics: View;
  readonly parameters: View;
}

/** Where values are said to lie, per statistic, and of how many of them that was taken: 0, where it was given. */
export interface Placement extends Location {
  readonly meanOf: Float64Array;
  readonly varianceOf: Float64Array;
}

/** Where they lie by statistics that were given. */
export function givenPlacement({ mean, meanLow, variance }: Location): Placement {
  const none = new Float64Array(mean.length);
  return { mean, meanLow, variance, meanOf: none, varianceOf: none };
}

/** Room for where c statistics are. */
export function placementOf(c: number): Placement {
  const [mean, meanLow, variance, meanOf, varianceOf] = Array.from({ length: 5 }, () => float64s(c));
  return { mean: mean!, meanLow: meanLow!, variance: variance!, meanOf: meanOf!, varianceOf: varianceOf! };
}

/** What is kept of a normalization until it is gone back through. */
export interface Pass {
  readonly x: Tensor;
  readonly sharing: Sharing;
  readonly placement: Placement;
  readonly eps: number;
  readonly parameters: Parameters;
  /** Whether a missing value came out as beta. */
  readonly filled: boolean;
}

/** The gradients of a loss. */
export interface Gradients {
  /** With respect to x: its shape, and its type. 0 where a value was missing. */
  readonly dx: Tensor;
  /** With respect to gamma, and its shape. */
  readonly dgamma: Float64Array;
  /** With respect to beta, and its shape. */
  readonly dbeta: Float64Array;
}

/** A sum over so many values as their mean; 0 where there is none to take. */
const meanOf = (sums: Float64Array, counts: ArrayLike<number>): Float64Array =>
  sums.map((sum, i) => (counts[i]! > 0 ? sum / counts[i]! : 0));

/** @throws SampleError if it is not finite (but where y was NaN) */
function checkUpstream(dy: Tensor, { x, sharing, filled }: Pass): void {
  const at = dy.data.findIndex(
    (value: number, i: number) => !Number.isFinite(value) && (filled || !Number.isNaN(x.data[i])),
  );
  if (at >= 0) throw sampleErrorAt(dy.data, sharing.parameters, at);
}

/** What the gradients are made of: along 1 and along x̂, by the statistic and by the parameter; and the way back from them. */
interface Projection {
  /** Of dy · gamma, per statistic. */
  readonly sums: Float64Array;
  readonly products: Float64Array;
  readonly dbeta: Float64Array;
  readonly dgamma: Float64Array;
  /** Writes dx, by the means of the first two. */
  pull(even: Float64Array, along: Float64Array, dx: FloatArray): void;
}

function projection(dy: FloatArray, { x, sharing, placement, eps, parameters: { gamma } }: Pass): Projection {
  const { statistics, parameters } = sharing;
  const located = new Float64Array(3 * statistics.c);
  placeAffine(placement, eps, undefined, located);
  if (statistics !== parameters && parameters.l === 1) {
    const { c, l } = statistics;
    const both = projectTwice(dy, x.data, c, l, located, gamma);
    const { sums, products, placeSums: dbeta, placeProducts: dgamma } = both;
    const pull: Projection['pull'] = (even, along, dx) =>
      pullBackTwice(dy, x.data, c, l, located, gamma, even, along, dx);
    return { sums, products, dbeta, dgamma, pull };
  }
  // Runs that share statistic and parameter: the channels, or each sample's own.
  const isOne = statistics === parameters;
  const { l } = parameters;
  const n = isOne ? parameters.n : 1;
  const runs = isOne ? parameters.c : parameters.n * parameters.c;
  const parameterOf = (run: number): number => run % parameters.c;
  const statisticOf = (run: number): number => (isOne ? run : Math.floor((run * l) / statistics.l));
  /** What is a statistic's, for each run. */
  const spread = (values: Float64Array, planes = 1): Float64Array => {
    if (isOne) return values;
    const all = new Float64Array(planes * runs);
    for (let plane = 0; plane < planes; plane++) {
      for (let run = 0; run < runs; run++)
        all[plane * runs + run] = values[plane * statistics.c + statisticOf(run)]!;
    }
    return all;
  };
  const affine = spread(located, 3);
  const [runSums, runProducts] = [new Float64Array(runs), new Float64Array(runs)];
  project(dy, x.data, n, runs, l, affine, runSums, runProducts);
  const weightOf = (run: number): number => gamma[parameterOf(run)]!;
  const one = (): number => 1;
  return {
    sums: gather(runSums, statistics.c, statisticOf, weightOf),
    products: gather(runProducts, statistics.c, statisticOf, weightOf),
    dbeta: gather(runSums, parameters.c, parameterOf, one),
    dgamma: gather(runProducts, parameters.c, parameterOf, one),
    pull(even, along, dx) {
      const weights = isOne ? gamma : new Float64Array(runs).map((_, run) => weightOf(run));
      pullBack(dy, x.data, n, runs, l, affine, weights, spread(even), spread(along), dx);
    },
  };
}

/** @throws ShapeError if `dy` is not of x's shape; SampleError */
export function gradientsOf(pass: Pass, dy: Tensor): Gradients {
  const { x, sharing, placement, filled } = pass;
  checkTensor(dy);
  if (dy.shape.join() !== x.shape.join())
    throw new ShapeError(`dy of the shape [${x.shape.join(', ')}], as x has`, dy.shape);
  const { sums, products, dbeta, dgamma, pull } = projection(dy.data, pass);
  if (filled) {
    // Where a missing value came out as beta, beta learns from it, and gamma does not.
    const { n, c, l } = sharing.parameters;
    sumMissing(dy.data, x.data, n, c, l).forEach((sum, i) => {
      dbeta[i]! += sum;
    });
  }
  if (findNonFinite(dbeta) >= 0) checkUpstream(dy, pass);
  const data = zeros(dtypeOf(x), x.data.length);
  pull(meanOf(sums, placement.meanOf), meanOf(products, placement.varianceOf), data);
  return { dx: { data, shape: [...x.shape] }, dgamma, dbeta };
}
