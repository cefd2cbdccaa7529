/** Every norm, by its definition: which values of `[N, C, …positions]` share a statistic, said value by value. */
import { GroupNorm, InstanceNorm, LayerNorm, type NormOptions, RMSNorm, type Tensor } from 'evenkeel';
import type { Norm } from '../../src/normalizers/norm.js';
import { type ExactMoments, exactMoments, Rational } from './rational.js';

/** Where a value is: its sample, its channel, and its place in the sample. */
interface Place {
  readonly sample: number;
  readonly channel: number;
  readonly place: number;
}

export function placeOf(shape: readonly number[], at: number): Place {
  const [, channels = 1, ...positions] = shape;
  const l = positions.reduce((a, b) => a * b, 1);
  const size = channels * l;
  return { sample: Math.floor(at / size), channel: Math.floor((at % size) / l), place: at % size };
}

/** A norm without running statistics: how it is made for a shape, and its definition. */
export interface Definition {
  readonly name: string;
  make(shape: readonly number[], options: NormOptions): Norm;
  /** Values of equal names share a statistic. */
  statistic(place: Place, channels: number): string;
  /** Values of equal numbers share gamma and beta. */
  parameter(place: Place): number;
  readonly centred: boolean;
  /** Whether a tensor of such a shape can be normalized. */
  takes(shape: readonly number[]): boolean;
}

/** The most groups below its channels, so that there is more than one channel a group where that can be. */
export const groupsOf = (channels: number): number =>
  [4, 3, 2, 1].find((groups) => channels % groups === 0 && groups < channels) ?? 1;

const positions = (shape: readonly number[]): number => shape.slice(2).reduce((a, b) => a * b, 1);
const bySample = ({ sample }: Place): string => `${sample}`;

export const definitions: readonly Definition[] = [
  {
    name: 'LayerNorm',
    make: (shape, options) => new LayerNorm(shape.slice(1), options),
    statistic: bySample,
    parameter: ({ place }) => place,
    centred: true,
    takes: () => true,
  },
  {
    name: 'RMSNorm',
    make: (shape, options) => new RMSNorm(shape.slice(1), options),
    statistic: bySample,
    parameter: ({ place }) => place,
    centred: false,
    takes: () => true,
  },
  {
    name: 'GroupNorm',
    make: (shape, options) => new GroupNorm(groupsOf(shape[1]!), shape[1]!, options),
    statistic: ({ sample, channel }, channels) =>
      `${sample}, ${Math.floor(channel / (channels / groupsOf(channels)))}`,
    parameter: ({ channel }) => channel,
    centred: true,
    takes: () => true,
  },
  {
    name: 'InstanceNorm',
    make: (shape, options) => new InstanceNorm(shape[1]!, { affine: true, ...options }),
    statistic: ({ sample, channel }) => `${sample}, ${channel}`,
    parameter: ({ channel }) => channel,
    centred: true,
    takes: (shape) => positions(shape) > 1,
  },
];

/** The values that share a statistic, with where each is. */
export function shared(
  { statistic }: Definition,
  { data, shape }: Tensor,
): { at: number; value: number }[][] {
  const parts = new Map<string, { at: number; value: number }[]>();
  data.forEach((value, at) => {
    const key = statistic(placeOf(shape, at), shape[1]!);
    parts.set(key, [...(parts.get(key) ?? []), { at, value }]);
  });
  return [...parts.values()];
}

/** What a value of such values comes to before gamma and beta, to 200 bits; 0 where there is no spread and no eps. */
export function exactly(values: readonly number[], eps: number, centred: boolean): (x: number) => Rational {
  const moments: ExactMoments = exactMoments(values);
  const { mean } = moments;
  const variance = centred ? moments.variance() : moments.variance().plus(mean.times(mean));
  const spread = variance.plus(eps).sqrt();
  const center = centred ? mean : new Rational(0n);
  return (x) => (spread.numerator === 0n ? spread : Rational.of(x).minus(center).over(spread));
}
