import { fc, test } from '@fast-check/vitest';
import { BatchNorm, foldIntoConv, type Tensor, tensor } from 'evenkeel';
import { expect } from 'vitest';
import { convolve, type Geometry, sizesAfter } from '../oracle/convolution.js';
import { uniform } from '../oracle/hard-data.js';

const U = 2 ** -53;

interface Layer {
  readonly geometry: Geometry;
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Float64Array | null;
}

/**
 * A convolution and what goes through it, of one to three axes. All values are whole multiples of 2^-10, weights within 1,
 * inputs within 2^24, and sums of no more than 54 terms: the convolution itself is exact in float64.
 */
const layers: fc.Arbitrary<Layer> = fc
  .record({
    n: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    ins: fc.integer({ min: 1, max: 2 }),
    outs: fc.integer({ min: 1, max: 2 }),
    axes: fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 4 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 2 }),
        padding: fc.integer({ min: 0, max: 2 }),
        dilation: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    transposed: fc.boolean(),
    hasBias: fc.boolean(),
    offset: fc.constantFrom(0, 0, 1000, 2 ** 23),
    seed: fc.integer(),
  })
  .map(({ n, groups, ins, outs, axes, transposed, hasBias, offset, seed }) => {
    const next = uniform(seed);
    const grid = (shape: readonly number[], scale: number, from = 0): Tensor => {
      const length = shape.reduce((a, b) => a * b, 1);
      const value = () => from + Math.round((next() - 0.5) * scale * 2048) / 1024;
      return tensor(Array.from({ length }, value), shape);
    };
    const along = (name: keyof (typeof axes)[number]): number[] => axes.map((axis) => axis[name]);
    const geometry = {
      transposed,
      groups,
      stride: along('stride'),
      padding: along('padding'),
      dilation: along('dilation'),
    };
    const channels = transposed ? [groups * ins, outs] : [groups * outs, ins];
    return {
      geometry,
      x: grid([n, groups * ins, ...along('size')], 8, offset),
      weight: grid([...channels, ...along('kernel')], 2),
      bias: hasBias ? Float64Array.from(grid([groups * outs], 1000).data) : null,
    };
  })
  .filter(({ geometry, x, weight }) =>
    sizesAfter(x.shape.slice(2), weight.shape.slice(2), geometry).every((size) => size >= 1),
  );

const norms = fc.record({ eps: fc.constantFrom(0, 1e-5, 1), affine: fc.boolean(), seed: fc.integer() });

const magnitudes = (x: Tensor): Tensor => tensor(x.data.map(Math.abs), x.shape);

test.prop([layers, norms], { numRuns: 300 })(
  'the folded convolution is the norm of the convolution, to rounding',
  ({ geometry, x, weight, bias }, { eps, affine, seed }) => {
    const { transposed, groups } = geometry;
    const between = convolve(x, weight, bias, geometry);
    const channels = between.shape[1]!;
    const next = uniform(seed);
    const bn = new BatchNorm(channels, { eps, affine, dtype: 'float64' });
    bn.gamma.forEach((_, i) => {
      bn.gamma[i] = 4 * (next() - 0.5);
      bn.beta[i] = 4 * (next() - 0.5);
    });
    bn.forward(between);

    const folded = foldIntoConv(weight, bias, bn, { transposed, groups });
    const actual = convolve(x, folded.weight, folded.bias, geometry);
    const expected = bn.infer(between);
    expect(actual.shape).toEqual(expected.shape);

    // Each weight and bias is rounded once, then each term, and each sum of them; and the norm's own three steps.
    const terms = weight.data.length / channels;
    const size = convolve(magnitudes(x), magnitudes(folded.weight), folded.bias.map(Math.abs), geometry);
    const { scale, shift, center } = bn.toAffine();
    const positions = expected.data.length / (expected.shape[0]! * channels);
    expected.data.forEach((value, at) => {
      const i = Math.floor(at / positions) % channels;
      const steps = Math.abs((between.data[at]! - center[i]!) * scale[i]!) + Math.abs(shift[i]!);
      const bound = U * ((terms + 4) * size.data[at]! + 4 * steps);
      expect(Math.abs(actual.data[at]! - value)).toBeLessThanOrEqual(bound);
    });
  },
);
