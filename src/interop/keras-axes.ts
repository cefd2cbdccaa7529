/** Keras's axes, of which here the channels' is axis 1, and those normalized over are the last. */
import { FormatError } from '../errors.js';
import { type ForeignArray, shapeOf, sizesOf } from './foreign.js';

/** What a layer was built for: the sizes of its axes, null where they may be any; undefined where it does not say. */
export type InputShape = readonly (number | null)[] | undefined;

export function inputShapeOf(buildConfig: unknown): InputShape {
  const { input_shape: shape } = Object(buildConfig) as { input_shape: unknown };
  if (shape === undefined || shape === null) return undefined;
  if (Array.isArray(shape) && shape.every((size) => size === null || Number.isSafeInteger(size)))
    return shape;
  throw new FormatError('build_config.input_shape', 'an array of sizes, or null for any', shape);
}

/** The axis of the channels, or of the features, which may be any. */
export function channelAxis(axis: unknown): number {
  const single: unknown = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (single === undefined) return -1;
  if (Number.isSafeInteger(single)) return single as number;
  throw new FormatError('config.axis', 'a whole number', axis);
}

/** How many channels a layer without weights is for: as the caller says, or as it was built. */
export function channelsAt(axis: number, shape: unknown, built: InputShape): number {
  const size = built?.at(axis) ?? undefined;
  const [channels, ...more] =
    shape === undefined && size !== undefined
      ? sizesOf(`build_config.input_shape[${axis}]`, size)
      : sizesOf('options.shape', shape);
  if (more.length > 0) throw new FormatError('options.shape', 'the size of one axis', shape);
  return channels!;
}

/** How many axes are normalized over, which are side by side and here the last; counted from the first they have to be so where it
 * is known how many there are. */
function trailingAxes(axis: unknown, built: InputShape): number {
  const axes: unknown = axis === undefined ? [-1] : typeof axis === 'number' ? [axis] : axis;
  if (!Array.isArray(axes) || axes.length === 0 || !axes.every(Number.isSafeInteger))
    throw new FormatError('config.axis', 'a whole number, or an array of them', axis);
  const [first, last] = [axes[0], axes.at(-1)];
  const end = first < 0 ? -1 : built ? built.length - 1 : last;
  if (axes.some((value, i) => value !== first + i) || first === 0 || last !== end)
    throw new FormatError('config.axis', 'the last axes, in order', axis);
  return axes.length;
}

/** The sizes of those axes, of which a layer has a weight, or none: then as the caller says, or as it was built. */
export function trailingShape(
  name: string,
  weight: ForeignArray | undefined,
  axis: unknown,
  { shape: given, built }: { readonly shape: unknown; readonly built: InputShape },
): readonly number[] {
  const rank = trailingAxes(axis, built);
  const sizes = built?.slice(-rank);
  if (weight === undefined)
    return given === undefined && sizes
      ? sizesOf('build_config.input_shape', sizes)
      : sizesOf('options.shape', given);
  const shape = shapeOf(name, weight, rank);
  const same = sizes === undefined || shape.every((size, i) => size === sizes[i]);
  if (!same) throw new FormatError(`${name}.shape`, `[${sizes.join(', ')}], as it was built`, shape);
  return shape;
}
