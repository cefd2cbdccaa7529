/**
 * Which values of a tensor `[N, C, L]` share a statistic, found by trying: change one input value, and see which outputs
 * change. Nothing is taken from what the norms are said to do.
 */
import { type Normalizer, type Tensor, tensor } from 'evenkeel';

export interface Sharing {
  readonly shape: readonly number[];
  /** Which statistic each value belongs to, from 0. */
  readonly statistic: readonly number[];
  readonly statistics: number;
  /** How far the values of one statistic reach along each axis. */
  readonly extent: readonly number[];
}

/** The outputs that change with input `j`. */
function changedBy(j: number, x: Tensor, make: () => Normalizer): number[] {
  const data = x.data.slice();
  data[j]! += 1;
  const before = make().forward(x).data;
  const after = make().forward(tensor(data, x.shape)).data;
  return [...before.keys()].filter((i) => before[i] !== after[i]);
}

/** Where a value is, along each axis. */
export const placeOf = (at: number, [, c, l]: readonly number[]): [number, number, number] => [
  Math.floor(at / (c! * l!)),
  Math.floor(at / l!) % c!,
  at % l!,
];

/** @throws Error if the values that share statistics are no boxes of one size */
export function sharingOf(make: () => Normalizer, x: Tensor): Sharing {
  const changed = Array.from(x.data, (_, j) => changedBy(j, x, make));
  const keys = changed.map(String);
  const boxes = [...new Set(keys)].map((key) => changed[keys.indexOf(key)]!);
  const extents = boxes.map((box) => {
    const places = box.map((at) => placeOf(at, x.shape));
    const extent = x.shape.map((_, axis) => new Set(places.map((place) => place[axis])).size);
    const isBox = extent.reduce((a, b) => a * b) === box.length;
    if (!isBox || box.some((i) => String(changed[i]) !== String(box))) throw new Error('no boxes');
    return extent;
  });
  if (new Set(extents.map(String)).size !== 1) throw new Error('boxes of several sizes');
  const statistic = keys.map((key) => boxes.findIndex((box) => String(box) === key));
  return { shape: x.shape, statistic, statistics: boxes.length, extent: extents[0]! };
}

/** What there is one statistic of: “sample and channel”. */
export function oneFor({ shape, extent }: Sharing): string {
  const names = ['sample', extent[1] === 1 ? 'channel' : 'group of channels', 'position'];
  return names.filter((_, axis) => extent[axis]! < shape[axis]!).join(' and ');
}

/** The axes it is taken over: “C/2, L”. */
export function takenOver({ shape, extent }: Sharing): string {
  return ['N', 'C', 'L']
    .map((name, axis) => (extent[axis] === shape[axis] ? name : `${name}/${shape[axis]! / extent[axis]!}`))
    .filter((_, axis) => extent[axis]! > 1)
    .join(', ');
}
