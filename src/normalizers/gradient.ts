/**
 * Going back through a norm: what the gradient of a loss with respect to y says of x, gamma and beta.
 *
 * With g = dy · gamma, and x̂ = (x - mean) / sd: dx = (g - mean(g) - x̂ · mean(g · x̂)) / sd, the means over the values that
 * share the statistic, as these move with x. Where a mean or a variance was given, not taken from x, its term is left out.
 *
 * Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167, section 3.
 */
import { Affine } from '../affine.js';
import { float64s } from '../block.js';
import { ShapeError } from '../errors.js';
import { fillMissing } from '../kernels/apply.js';
import { findNonFinite } from '../kernels/find.js';
import { project, pullBack } from '../kernels/gradient.js';
import type { Location } from '../running/running.js';
import { checkTensor, dtypeOf, sampleErrorAt, type Tensor, type View, viewed, zeros } from '../tensor.js';
import { affineOf, type Parameters } from './normalizer.js';

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

/** u along 1 and x̂, in the channels of a view. */
function projected(u: Float64Array, xhat: Float64Array, { n, c, l }: View): [Float64Array, Float64Array] {
  const sums = new Float64Array(c);
  const products = new Float64Array(c);
  project(u, xhat, n, c, l, sums, products);
  return [sums, products];
}

/** A sum over so many values as their mean; 0 where there is none to take. */
const meanOf = (sums: Float64Array, counts: ArrayLike<number>): Float64Array =>
  sums.map((sum, i) => (counts[i]! > 0 ? sum / counts[i]! : 0));

/** @throws ShapeError if `dy` is not of x's shape, SampleError if it is not finite (but where y was NaN) */
function checkUpstream(dy: Tensor, { x, sharing, filled }: Pass): void {
  checkTensor(dy);
  if (dy.shape.join() !== x.shape.join())
    throw new ShapeError(`dy of the shape [${x.shape.join(', ')}], as x has`, dy.shape);
  if (findNonFinite(dy.data) < 0) return;
  const at = dy.data.findIndex(
    (value: number, i: number) => !Number.isFinite(value) && (filled || !Number.isNaN(x.data[i])),
  );
  if (at >= 0) throw sampleErrorAt(dy.data, sharing.parameters, at);
}

/** @throws ShapeError, SampleError */
export function gradientsOf(pass: Pass, dy: Tensor): Gradients {
  checkUpstream(dy, pass);
  const { x, sharing, placement, eps, parameters } = pass;
  const { statistics } = sharing;
  const location = affineOf(placement, eps);
  const xhat = location.apply(viewed(x, statistics), 'float64').data as Float64Array;
  const upstream = Float64Array.from(dy.data);
  // Where a missing value came out as beta, beta learns from it, and gamma does not.
  const seen = pass.filled ? xhat.slice() : xhat;
  if (pass.filled) fillMissing(seen, 1, 1, seen.length, [0]);
  const [dbeta, dgamma] = projected(upstream, seen, sharing.parameters);

  const scaling = new Affine(parameters.gamma, new Float64Array(parameters.gamma.length));
  const g = scaling.apply(viewed({ data: upstream, shape: dy.shape }, sharing.parameters))
    .data as Float64Array;
  const [sums, products] = projected(g, xhat, statistics);
  const data = zeros(dtypeOf(x), x.data.length);
  pullBack(
    g,
    xhat,
    statistics.n,
    statistics.c,
    statistics.l,
    meanOf(sums, placement.meanOf),
    meanOf(products, placement.varianceOf),
    location.scale,
    data,
  );
  return { dx: { data, shape: [...x.shape] }, dgamma, dbeta };
}
