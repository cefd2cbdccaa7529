/** Generated data: what a property is checked on. Long data is grown from a seed, so that it shrinks by its few numbers. */
import fc from 'fast-check';
import { epochRamp, gaussian, noiseAround, outlierFirst, uniform } from './hard-data.js';

const seed = fc.integer();
const powerOfTen = (least: number, most: number): fc.Arbitrary<number> =>
  fc.double({ min: least, max: most, noNaN: true }).map((power) => 10 ** power);

function mixedMagnitudes(n: number, from: number): Float64Array {
  const next = uniform(from);
  return Float64Array.from({ length: n }, () => (next() - 0.5) * 10 ** (24 * next() - 12));
}

/** Values to `most` in number: any offset to 1e9 of the spread, ramps, outliers, mixed magnitudes, zero mean. */
export function hardValues(least: number, most: number): fc.Arbitrary<Float64Array> {
  const n = fc.integer({ min: least, max: most });
  return fc.oneof(
    fc
      .tuple(n, seed, powerOfTen(-3, 9), powerOfTen(-6, 6), fc.boolean())
      .map(([n, seed, ratio, sd, negative]) =>
        noiseAround(negative ? -ratio : ratio, n, seed).map((x) => x * sd),
      ),
    fc.tuple(n, powerOfTen(-2, 4), seed).map(([n, step, seed]) => epochRamp(n, step, seed)),
    fc.tuple(powerOfTen(3, 9), n, seed).map(([outlier, n, seed]) => outlierFirst(outlier, n, seed)),
    fc.tuple(n, seed).map(([n, seed]) => mixedMagnitudes(n, seed)),
    fc.tuple(n, seed).map(([n, seed]) => noiseAround(0, n, seed)),
  );
}

/** Any float64 but NaN and the infinities, from 5e-324 to 1.8e308. */
export const anyFinite: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  fc.constantFrom(0, -0, 1e300, -1e300, 1e-300, -1e-300, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 1e152),
);

export const anyValues: fc.Arbitrary<number[]> = fc.array(anyFinite, { minLength: 1, maxLength: 24 });

/** A tensor `[N, C, …positions]` to rank 5, and how it was made. */
export interface Generated {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A stretch of channels: where each lies, how wide it is; a width of 0 is a constant channel. */
export function tensors(offsets: number, minimumRows = 2): fc.Arbitrary<Generated> {
  return fc
    .record({
      rows: fc.integer({ min: minimumRows, max: 9 }),
      channels: fc.array(
        fc.record({
          offset: fc.tuple(powerOfTen(-offsets, offsets), fc.constantFrom(-1, 0, 1)).map(([a, b]) => a * b),
          scale: fc.oneof({ weight: 4, arbitrary: powerOfTen(-offsets, offsets) }, fc.constant(0)),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      positions: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
      seed,
    })
    .map(({ rows, channels, positions, seed }) => {
      const noise = gaussian(seed);
      const shape = [rows, channels.length, ...positions];
      const l = positions.reduce((a, b) => a * b, 1);
      const data = new Float64Array(rows * channels.length * l);
      data.forEach((_, i) => {
        const { offset, scale } = channels[Math.floor(i / l) % channels.length]!;
        data[i] = offset + scale * noise();
      });
      return { shape, data };
    });
}

/** The values of one channel of `[N, C, …positions]`, missing ones too. */
export function channelOf(
  { data, shape }: { data: ArrayLike<number>; shape: readonly number[] },
  channel: number,
): number[] {
  const c = shape[1]!;
  const l = data.length / (shape[0]! * c);
  return Array.from(data).filter((_, i) => Math.floor(i / l) % c === channel);
}
