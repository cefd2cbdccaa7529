/**
 * The one mechanism behind every norm. A norm says which values of a tensor share a statistic, and which share a scale and
 * a shift; the rest follows: the statistic says where the values lie, that is an affine, what was learned is another, and
 * where both are over the same values they are one.
 */
import type { Affine } from '../affine.js';
import { kept } from '../block.js';
import { checkValues } from '../check-values.js';
import { BackwardError, StateError } from '../errors.js';
import { anyNumber, numbersFromJSON, numbersToJSON, stateOf } from '../json.js';
import { COUNT } from '../kernels/planes.js';
import { type Checks, savedOptions } from '../options.js';
import { locateMoments, VARIANCE } from '../running/location.js';
import { type Moments, momentsOf, planesOf } from '../stats/moments.js';
import type { FloatArray, Tensor } from '../tensor.js';
import { type Output, outputOf } from '../tensor-pool.js';
import { type Gradients, gradientsOf, type Pass, type Sharing } from './gradient.js';
import type { NormOptions } from './norm-options.js';
import { normalizeInto } from './normalize-into.js';
import { affineOf, type Normalizer } from './normalizer.js';
import { checkParameters, identityOf, type Parameters } from './parameters.js';
import { MEAN_OF, PLACEMENT_PLANES, VARIANCE_OF } from './placement.js';

export abstract class Norm<O extends NormOptions = NormOptions> implements Normalizer {
  /** The learnable ones, from when they are first asked for: only then may they be written to. */
  #learnable: Parameters | undefined;
  /** Those in use. */
  #parameters: Parameters;
  #options: Readonly<Required<O>>;
  #pass: Pass | undefined;
  /** What the last pass has kept its placement in. */
  #room: Float64Array | undefined;

  /** @param size of gamma and beta */
  protected constructor(size: number, options: Required<O>) {
    this.#options = options;
    this.#parameters = identityOf(size);
  }

  /** Learnable scale, ones at first: write into it, from -1e100 to 1e100. Not used with `affine: false`. */
  get gamma(): Float64Array {
    return this.#learned().gamma;
  }

  /** Learnable shift, zeros at first: write into it, from -1e100 to 1e100. Not used with `affine: false`. */
  get beta(): Float64Array {
    return this.#learned().beta;
  }

  #learned(): Parameters {
    if (this.#learnable) return this.#learnable;
    const { length } = this.#parameters.gamma;
    this.#learnable = { gamma: kept(length).fill(1), beta: kept(length) };
    if (this.#common.affine) this.#parameters = this.#learnable;
    return this.#learnable;
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
   * @param out what the values go into: an array of as many, of the option's `dtype`, or a pool; a fresh one by default
   * @returns the same shape, in the option's `dtype`
   * @throws ShapeError, SampleError, OptionError (gamma or beta is no number to work with, `out` is of another type)
   */
  forward(x: Tensor, out?: Output): Tensor {
    return this.infer(x, out);
  }

  /**
   * Normalizes a tensor with its own statistics.
   * @param out as above
   * @returns the same shape, in the option's `dtype`
   * @throws as above
   */
  infer(x: Tensor, out?: Output): Tensor {
    const sharing = this.sharing(x);
    const y = this.output(x, out);
    const moments = this.measure(x, sharing);
    return this.emit(x, sharing, this.place(moments), y, true);
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
    const { length } = this.#parameters.gamma;
    return { dx: gradients.dx, dgamma: new Float64Array(length), dbeta: new Float64Array(length) };
  }

  /** Plain JSON; `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    const { kind } = this;
    const { gamma, beta } = this.#learnable ?? this.#parameters;
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

  /** Where what comes of x goes. Refuses what cannot be worked with, before anything is learned. */
  protected output(x: Tensor, out: Output | undefined): FloatArray {
    checkParameters(this.#parameters);
    return outputOf(this.#common.dtype, x.data.length, out);
  }

  /** The statistics of x itself. @throws SampleError at what must not be learned from */
  protected measure(x: Tensor, { statistics, parameters }: Sharing): Moments {
    const missing = this.#common.missing === 'error' ? 'error' : 'skip';
    return momentsOf(x.data, statistics, missing, parameters);
  }

  /** Where values of such a statistic lie: by their own mean and biased variance. Good until the next is placed. */
  protected place(moments: Moments): Float64Array {
    const c = moments.channels;
    const measured = planesOf(moments);
    const at = this.#roomFor(c);
    locateMoments(moments, 0, at);
    for (let i = 0; i < c; i++) {
      const count = measured[COUNT * c + i]!;
      at[MEAN_OF * c + i] = at[VARIANCE_OF * c + i] = count;
      if (count === 0) at[VARIANCE * c + i] = 1;
    }
    return at;
  }

  /** For a placement of c statistics, and gamma. */
  #roomFor(c: number): Float64Array {
    const length = PLACEMENT_PLANES * c + this.#parameters.gamma.length;
    if (this.#room?.length !== length) this.#room = kept(length);
    return this.#room;
  }

  /** gamma and beta as they are used. */
  protected get parameters(): Parameters {
    return this.#parameters;
  }

  /** The affine of given statistics and what was learned, where each parameter has a statistic of its own. */
  protected affineAt(location: Float64Array): Affine {
    checkParameters(this.#parameters);
    return affineOf(location, this.#parameters.gamma.length, this.#common.eps, this.#parameters);
  }

  /**
   * Normalizes x into y, and remembers how, for `backward`.
   * @param measured whether x is what was measured last, and so was checked too
   * @throws SampleError where it was not, and is not what may be normalized
   */
  protected emit(
    x: Tensor,
    sharing: Sharing,
    placement: Float64Array,
    y: FloatArray,
    measured: boolean,
    parameters: Parameters = this.#parameters,
  ): Tensor {
    const { eps, missing } = this.#common;
    const pass = { x, sharing, placement, eps, filled: missing === 'mean' };
    const finite = normalizeInto(y, pass, parameters, measured);
    if (!finite && !measured) checkValues(x.data, sharing.parameters, missing);
    const { c } = sharing.statistics;
    const room = this.#roomFor(c);
    if (placement !== room) room.set(placement);
    room.set(parameters.gamma, PLACEMENT_PLANES * c);
    pass.placement = room;
    this.#pass = pass;
    return { data: y, shape: [...x.shape] };
  }

  /** Other options from now on. */
  protected revise(options: Partial<O>): void {
    this.#options = Object.freeze({ ...this.#options, ...options });
  }
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
