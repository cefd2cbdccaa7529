/**
 * The one mechanism behind every norm. A norm says which values of a tensor share a statistic, and which share a scale and
 * a shift; the rest follows: the statistic says where the values lie, that is an affine, what was learned is another, and
 * where both are over the same values they are one.
 */
import { Affine } from '../affine.js';
import { BackwardError, StateError } from '../errors.js';
import { anyNumber, numbersFromJSON, numbersToJSON, stateOf } from '../json.js';
import { fillMissing } from '../kernels/apply.js';
import { type Checks, savedOptions } from '../options.js';
import { type Location, locationOf } from '../running/running.js';
import { Moments } from '../stats/moments.js';
import { type Tensor, viewed } from '../tensor.js';
import { type Gradients, gradientsOf, type Pass, type Placement, type Sharing } from './gradient.js';
import type { NormOptions } from './norm-options.js';
import { affineOf, checkParameters, checkValues, type Normalizer, type Parameters } from './normalizer.js';

const isIdentity = ({ gamma, beta }: Parameters): boolean =>
  gamma.every((value) => value === 1) && beta.every((value) => value === 0);

export abstract class Norm<O extends NormOptions = NormOptions> implements Normalizer {
  readonly #gamma: Float64Array;
  readonly #beta: Float64Array;
  /** The learnable ones, or, with `affine: false`, ones and zeros of its own. */
  readonly #parameters: Parameters;
  #options: Readonly<Required<O>>;
  #pass: Pass | undefined;

  /** @param size of gamma and beta */
  protected constructor(size: number, options: Required<O>) {
    this.#options = Object.freeze(options);
    this.#gamma = new Float64Array(size).fill(1);
    this.#beta = new Float64Array(size);
    this.#parameters = options.affine ? this : { gamma: this.gamma.slice(), beta: this.beta.slice() };
  }

  /** Learnable scale, ones at first: write into it, from -1e100 to 1e100. Not used with `affine: false`. */
  get gamma(): Float64Array {
    return this.#gamma;
  }

  /** Learnable shift, zeros at first: write into it, from -1e100 to 1e100. Not used with `affine: false`. */
  get beta(): Float64Array {
    return this.#beta;
  }

  /** What was asked for, with all defaults. */
  get options(): Readonly<Required<O>> {
    return this.#options;
  }

  get #common(): Readonly<Required<NormOptions>> {
    return this.#options as Readonly<Required<NormOptions>>;
  }

  /** Its name, in saved states and errors. */
  protected abstract readonly kind: string;

  /** What it saves beside its options, gamma and beta. */
  protected abstract own(): object;

  /** Which values share what. @throws ShapeError if `x` is not a tensor this norm is for */
  protected abstract sharing(x: Tensor): Sharing;

  /**
   * Normalizes a tensor with its own statistics, as `infer` does: there are no running ones to learn.
   * @returns the same shape, in the option's `dtype`
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with)
   */
  forward(x: Tensor): Tensor {
    return this.infer(x);
  }

  /**
   * Normalizes a tensor with its own statistics.
   * @returns the same shape, in the option's `dtype`
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with)
   */
  infer(x: Tensor): Tensor {
    const sharing = this.check(x);
    return this.emit(x, sharing, this.place(this.measure(x, sharing)));
  }

  /**
   * The gradients of a loss with respect to x, gamma and beta, from that with respect to y: of the last `forward` or
   * `infer`. Running statistics count as constants. (`x` itself is kept until the next, not a copy: it must not have been
   * written to.)
   *
   * @param dy of x's shape; finite, but where a missing x came out as NaN: there it does not matter
   * @returns `dgamma` and `dbeta` are 0 with `affine: false`, as nothing depends on them
   * @throws BackwardError if there was no forward, ShapeError, SampleError
   */
  backward(dy: Tensor): Gradients {
    if (this.#pass === undefined) throw new BackwardError(this.kind);
    const gradients = gradientsOf(this.#pass, dy);
    if (this.options.affine) return gradients;
    const { length } = this.gamma;
    return { dx: gradients.dx, dgamma: new Float64Array(length), dbeta: new Float64Array(length) };
  }

  /** Plain JSON; `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    const { kind, gamma, beta } = this;
    const options = structuredClone(this.options);
    return {
      kind,
      version: 1,
      ...this.own(),
      options,
      gamma: numbersToJSON(gamma),
      beta: numbersToJSON(beta),
    };
  }

  /** Refuses what must not be learned from, before anything is. */
  protected check(x: Tensor, sharing: Sharing = this.sharing(x)): Sharing {
    checkValues(x, sharing.parameters, this.#common.missing);
    checkParameters(this.#parameters);
    return sharing;
  }

  /** Where values of such a statistic lie: by their own mean and biased variance. */
  protected place(moments: Moments): Placement {
    const count = moments.count.slice(); // a batch's moments are given away, and may be merged into
    const { mean, meanLow, variance } = locationOf(moments, moments.variance());
    return { mean, meanLow, variance, meanOf: count, varianceOf: count };
  }

  protected measure(x: Tensor, { statistics }: Sharing): Moments {
    const moments = new Moments(statistics.c);
    moments.updateBatch(viewed(x, statistics));
    return moments;
  }

  /** gamma and beta as they are used. */
  protected get parameters(): Parameters {
    return this.#parameters;
  }

  /** The affine of given statistics and what was learned, where each parameter has a statistic of its own. */
  protected affineAt(location: Location): Affine {
    checkParameters(this.#parameters);
    return affineOf(location, this.#common.eps, this.#parameters);
  }

  /** Normalizes, and remembers how, for `backward`. */
  protected emit(
    x: Tensor,
    sharing: Sharing,
    placement: Placement,
    parameters: Parameters = this.#parameters,
  ): Tensor {
    const { eps, dtype, missing } = this.#common;
    const learned = { gamma: parameters.gamma.slice(), beta: parameters.beta.slice() };
    const y = normalized(x, sharing, placement, eps, learned, dtype);
    const { n, c, l } = sharing.parameters;
    if (missing === 'mean') fillMissing(y.data, n, c, l, learned.beta);
    this.#pass = { x, sharing, placement, eps, parameters: learned, filled: missing === 'mean' };
    return { data: y.data, shape: [...x.shape] };
  }

  /** Other options from now on. */
  protected revise(options: Partial<O>): void {
    this.#options = Object.freeze({ ...this.#options, ...options });
  }
}

function normalized(
  x: Tensor,
  { statistics, parameters }: Sharing,
  at: Location,
  eps: number,
  learned: Parameters,
  dtype: 'float32' | 'float64',
): Tensor {
  if (statistics === parameters) return affineOf(at, eps, learned).apply(viewed(x, statistics), dtype);
  const located = affineOf(at, eps);
  if (isIdentity(learned)) return located.apply(viewed(x, statistics), dtype);
  const xhat = located.apply(viewed(x, statistics), 'float64');
  return new Affine(learned.gamma, learned.beta).apply(viewed(xhat, parameters), dtype);
}

/**
 * A norm from its saved state.
 * @param size how many values gamma and beta have, from what the state says of itself
 * @param make gets what is its own, and the options
 * @throws StateError if `json` is not the state of a `kind`, naming what was expected and what came
 */
export function restore<O extends NormOptions, N extends Norm<O>>(
  kind: string,
  checks: Checks<O>,
  json: unknown,
  size: (state: Record<string, unknown>) => number,
  make: (state: Record<string, unknown>, options: Required<O>) => N,
): N {
  const state = stateOf(kind, 1, json);
  const length = size(state);
  const gamma = numbersFromJSON(`${kind}.gamma`, state['gamma'], length, anyNumber);
  const beta = numbersFromJSON(`${kind}.beta`, state['beta'], length, anyNumber);
  const options = savedOptions(`${kind}.options`, checks, state['options']);
  try {
    const norm = make(state, options); // only now: there are as many numbers as it claims
    norm.gamma.set(gamma);
    norm.beta.set(beta);
    return norm;
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(kind, `of arguments that fit (${(error as Error).message})`, json, error);
  }
}
