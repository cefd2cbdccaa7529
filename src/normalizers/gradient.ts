/**
 * Going back through a norm: what the gradient of a loss with respect to y says of x, gamma and beta.
 *
 * With g = dy · gamma, and x̂ = (x - mean) / sd: dx = (g - mean(g) - x̂ · mean(g · x̂)) / sd, the means over the values that
 * share the statistic, as these move with x. Where a mean or a variance was given, not taken from x, its term is left out.
 *
 * Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167, section 3.
 */
import { ShapeError } from '../errors.js';
import { findNonFinite } from '../kernels/find.js';
import { gather, project, projectTwice, pullBack, pullBackTwice, sumMissing } from '../kernels/gradient.js';
import {
  checkTensor,
  dtypeOf,
  type FloatArray,
  sampleErrorAt,
  type Tensor,
  type View,
  zeros,
} from '../tensor.js';
import { placeAffine } from './normalizer.js';
import { MEAN_OF, PLACEMENT_PLANES, VARIANCE_OF } from './placement.js';

/** Which values of a tensor share a statistic, and which a scale and a shift: two views of the same values. */
export interface Sharing {
  readonly statistics: View;
  readonly parameters: View;
}

/** What is kept of a normalization until it is gone back through. */
export interface Pass {
  readonly x: Tensor;
  readonly sharing: Sharing;
  /** Of the statistics, then gamma as it was, in one array: an array takes more bytes than a few values. */
  readonly placement: Float64Array;
  readonly eps: number;
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

/** Sums over so many values, which a plane of the placement says, as their means; 0 where there is none to take. */
const meansOf = (sums: Float64Array, placement: Float64Array, plane: number): Float64Array =>
  sums.map((sum, i) => {
    const count = placement[plane * sums.length + i]!;
    return count > 0 ? sum / count : 0;
  });

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

function projection(dy: FloatArray, { x, sharing, placement, eps }: Pass): Projection {
  const { statistics, parameters } = sharing;
  const gamma = placement.subarray(PLACEMENT_PLANES * statistics.c);
  const located = new Float64Array(3 * statistics.c);
  placeAffine(placement, statistics.c, eps, undefined, located);
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
  pull(meansOf(sums, placement, MEAN_OF), meansOf(products, placement, VARIANCE_OF), data);
  return { dx: { data, shape: [...x.shape] }, dgamma, dbeta };
}
