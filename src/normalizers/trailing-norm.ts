/** Norms over the last axes of a tensor: together these are a sample, and all axes before them count the samples. */
import { OptionError, ShapeError, StateError } from '../errors.js';
import { MOST_CHANNELS, positiveInteger, settle } from '../options.js';
import { checkTensor, type Tensor } from '../tensor.js';
import type { Sharing } from './gradient.js';
import { Norm, restore } from './norm.js';
import { type NormOptions, normChecks } from './norm-options.js';

const sizeOf = (axes: readonly number[]): number => axes.reduce((a, b) => a * b, 1);

function axesOf(normalizedShape: number | readonly number[]): readonly number[] {
  const given: unknown = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  if (!Array.isArray(given) || given.length === 0)
    throw new OptionError('normalizedShape', 'a positive integer, or one or more of them', normalizedShape);
  const axes = Array.from(given, (axis, i) => positiveInteger(`normalizedShape[${i}]`, axis)); // holes too
  if (sizeOf(axes) <= MOST_CHANNELS) return Object.freeze(axes);
  throw new OptionError('normalizedShape', `of at most ${MOST_CHANNELS} values`, normalizedShape);
}

export abstract class TrailingNorm extends Norm {
  /** The axes it normalizes over. */
  readonly normalizedShape: readonly number[];

  /**
   * @param normalizedShape the last axes of the tensors it is for; a number: the last one
   * @throws OptionError naming the option that cannot be used
   */
  constructor(normalizedShape: number | readonly number[], options: NormOptions = {}) {
    const axes = axesOf(normalizedShape);
    super(sizeOf(axes), settle(normChecks, options));
    this.normalizedShape = axes;
  }

  /** A statistic a sample, a parameter a place in it. */
  protected sharing(x: Tensor): Sharing {
    checkTensor(x);
    const axes = this.normalizedShape;
    const first = x.shape.length - axes.length;
    if (!axes.every((axis, i) => x.shape[first + i] === axis))
      throw new ShapeError(`a tensor […, ${axes.join(', ')}]`, x.shape);
    const size = sizeOf(axes);
    const samples = x.data.length / size;
    return { statistics: { n: 1, c: samples, l: size }, parameters: { n: samples, c: size, l: 1 } };
  }

  protected own(): object {
    return { normalizedShape: [...this.normalizedShape] };
  }
}

/** @throws StateError if `json` is not the state of a `kind`, naming what was expected and what came */
export function restoreTrailing<N extends TrailingNorm>(
  kind: string,
  json: unknown,
  make: new (normalizedShape: readonly number[], options: NormOptions) => N,
): N {
  const shapeOf = (state: Record<string, unknown>): readonly number[] => {
    const shape: unknown = state['normalizedShape'];
    if (Array.isArray(shape) && shape.every((axis) => Number.isSafeInteger(axis) && axis >= 1)) return shape;
    throw new StateError(`${kind}.normalizedShape`, 'an array of positive integers', shape);
  };
  return restore(
    kind,
    normChecks,
    json,
    (state) => sizeOf(shapeOf(state)),
    (state, options) => new make(shapeOf(state), options),
  );
}
