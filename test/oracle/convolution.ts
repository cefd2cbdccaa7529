/**
 * Convolution as its definition says it, of any rank, plain and transposed: what a folded one has to agree with. Weights lie as
 * PyTorch's and ONNX's do, `[out, in / groups, …kernel]`, transposed `[in, out / groups, …kernel]`.
 */
import { type Tensor, tensor } from 'evenkeel';

export interface Geometry {
  readonly transposed: boolean;
  readonly groups: number;
  /** One each for every spatial axis. */
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** How many positions there are after it, along each spatial axis; less than 1 where there are none. */
export function sizesAfter(
  sizes: readonly number[],
  kernel: readonly number[],
  { transposed, stride, padding, dilation }: Geometry,
): number[] {
  return sizes.map((size, axis) => {
    const [s, margin] = [stride[axis]!, 2 * padding[axis]! - dilation[axis]! * (kernel[axis]! - 1)];
    return transposed ? (size - 1) * s - margin + 1 : Math.floor((size + margin - 1) / s) + 1;
  });
}

const volume = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Where the position of this number is, along each axis. */
function placeOf(index: number, sizes: readonly number[]): number[] {
  let rest = index;
  return sizes
    .map((_, i) => sizes[sizes.length - 1 - i]!)
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .reverse();
}

/** Its number again; undefined outside. */
function indexOf(place: readonly number[], sizes: readonly number[]): number | undefined {
  if (place.some((at, axis) => at < 0 || at >= sizes[axis]!)) return undefined;
  return place.reduce((index, at, axis) => index * sizes[axis]! + at, 0);
}

/** Calls back for each pair of positions, before and after, that a position of the kernel ties together. */
function eachTie(
  before: readonly number[],
  after: readonly number[],
  kernel: readonly number[],
  { transposed, stride, padding, dilation }: Geometry,
  tie: (before: number, after: number, kernel: number) => void,
): void {
  // The side that steps by the stride, and the other one.
  const [near, far] = transposed ? [before, after] : [after, before];
  for (let i = 0; i < volume(near); i++) {
    const from = placeOf(i, near);
    for (let k = 0; k < volume(kernel); k++) {
      const offset = placeOf(k, kernel);
      const to = indexOf(
        from.map((at, axis) => at * stride[axis]! - padding[axis]! + offset[axis]! * dilation[axis]!),
        far,
      );
      if (to !== undefined) tie(transposed ? i : to, transposed ? to : i, k);
    }
  }
}

/** x `[N, in, …sizes]` through the layer, in float64. */
export function convolve(
  x: Tensor,
  weight: Tensor,
  bias: ArrayLike<number> | null,
  geometry: Geometry,
): Tensor {
  const [n, inputs, ...before] = x.shape as [number, number, ...number[]];
  const [first, second, ...kernel] = weight.shape as [number, number, ...number[]];
  const { transposed, groups } = geometry;
  const out = transposed ? second * groups : first;
  const [insOfGroup, outsOfGroup] = [inputs / groups, out / groups];
  const after = sizesAfter(before, kernel, geometry);
  const [m, l, ks] = [volume(before), volume(after), volume(kernel)];
  const y = new Float64Array(n * out * l).map((_, at) => bias?.[Math.floor(at / l) % out] ?? 0);
  for (let row = 0; row < n; row++) {
    for (let o = 0; o < out; o++) {
      const group = Math.floor(o / outsOfGroup);
      for (let i = 0; i < insOfGroup; i++) {
        const input = group * insOfGroup + i;
        const plane = transposed ? input * second + (o % outsOfGroup) : o * second + i;
        eachTie(before, after, kernel, geometry, (from, to, k) => {
          y[(row * out + o) * l + to]! +=
            weight.data[plane * ks + k]! * x.data[(row * inputs + input) * m + from]!;
        });
      }
    }
  }
  return tensor(y, [n, out, ...after]);
}
