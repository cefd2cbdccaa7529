import { fc, test } from '@fast-check/vitest';
import { Affine, foldIntoLinear, type Tensor, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { gaussian } from '../oracle/hard-data.js';
import { Rational, ulpError } from '../oracle/rational.js';

const zero = new Rational(0n);
const through = ({ scale, shift, center }: Affine, i: number, x: Rational): Rational =>
  x.minus(center[i]!).times(scale[i]!).plus(shift[i]!);

/** One output of a linear layer, exactly. */
const output = (weight: Tensor, bias: ArrayLike<number>, x: readonly Rational[], o: number): Rational =>
  x.reduce((sum, value, i) => sum.plus(value.times(weight.data[o * x.length + i]!)), Rational.of(bias[o]!));

/** A type, and half a unit in the last place of its 1. */
const types = {
  float64: { array: Float64Array, u: 2 ** -53 },
  float32: { array: Float32Array, u: 2 ** -24 },
};

/** A layer with a norm of `channels` of it, and an input around where the norm's center is, whatever that is. */
const cases = fc.record({
  out: fc.integer({ min: 1, max: 4 }),
  inputs: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer(),
  offset: fc.oneof(fc.constant(0), fc.double({ min: -1e12, max: 1e12, noNaN: true })),
  spread: fc.constantFrom(1e-3, 1, 1e3),
  constant: fc.boolean(),
  type: fc.constantFrom('float64', 'float32'),
});

function grown(seed: number, spread: number, offset: number, constant: boolean) {
  const noise = gaussian(seed);
  const some = (length: number, scale = 1): number[] => Array.from({ length }, () => scale * noise());
  const affine = (channels: number): Affine => {
    const scale = Float64Array.from(some(channels, 1 / spread));
    if (constant) scale[0] = 0;
    const center = some(channels, spread).map((value) => offset + value);
    return new Affine(scale, Float64Array.from(some(channels)), Float64Array.from(center));
  };
  return { some, affine };
}

/** |a - b| is at most `bound`, all of them exact. */
const expectWithin = (a: Rational, b: Rational, bound: Rational): void =>
  expect(a.minus(b).abs().compare(bound), `${a.toNumber()}, ${b.toNumber()}`).toBeLessThanOrEqual(0);

describe('the folded layer, computed exactly, is the layer and the norm, but for its own roundings', () => {
  test.prop([cases], { numRuns: 300 })('a norm after it', (given) => {
    const { out, inputs, seed, offset, spread, constant, type } = given;
    const { array, u } = types[type];
    const { some, affine } = grown(seed, spread, offset, constant);
    const norm = affine(out);
    const weight = tensor(array.from(some(out * inputs)), [out, inputs]);
    const bias = array.from(some(out, spread)).map((value) => value + offset);
    const folded = foldIntoLinear(weight, bias, { toAffine: () => norm });
    const x = some(inputs, spread).map(Rational.of);
    for (let o = 0; o < out; o++) {
      // Every weight is rounded once, and the bias.
      const size = x.reduce((sum, value, i) => {
        return sum.plus(
          value
            .times(weight.data[o * inputs + i]!)
            .times(norm.scale[o]!)
            .abs(),
        );
      }, zero);
      const bound = size.plus(Math.abs(folded.bias[o]!)).times(u * (1 + 4 * u));
      expectWithin(
        output(folded.weight, folded.bias, x, o),
        through(norm, o, output(weight, bias, x, o)),
        bound,
      );
    }
  });

  test.prop([cases], { numRuns: 300 })(
    'a norm before it: at any offset, as the roundings of weights cancel at the center',
    (given) => {
      const { out, inputs, seed, offset, spread, constant, type } = given;
      const { array, u } = types[type];
      const { some, affine } = grown(seed, spread, offset, constant);
      const norm = affine(inputs);
      const weight = tensor(array.from(some(out * inputs)), [out, inputs]);
      const bias = array.from(some(out));
      const folded = foldIntoLinear(weight, bias, { toAffine: () => norm }, { norm: 'before' });
      const x = some(inputs, spread).map((value, i) => Rational.of(norm.center[i]! + value));
      const normalized = x.map((value, i) => through(norm, i, value));
      for (let o = 0; o < out; o++) {
        const size = x.reduce((sum, value, i) => {
          const deviation = value.minus(norm.center[i]!).times(norm.scale[i]!);
          return sum.plus(deviation.times(weight.data[o * inputs + i]!).abs());
        }, zero);
        const bound = size.plus(Math.abs(folded.bias[o]!)).times(u * (1 + 4 * u));
        expectWithin(output(folded.weight, folded.bias, x, o), output(weight, bias, normalized, o), bound);
      }
    },
  );
});

const far = fc.double({ min: -1e15, max: 1e15, noNaN: true });
const scales = fc.oneof(
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  fc.double({ min: -1e6, max: -1e-6, noNaN: true }),
);

test.prop([far, far, scales, fc.double({ min: -10, max: 10, noNaN: true })], { numRuns: 300 })(
  'a bias is the nearest float64, or next to it, also where all but its last digits cancel',
  (bias, center, scale, rest) => {
    const shift = (center - bias) * scale + rest;
    const affine = new Affine(Float64Array.of(scale), Float64Array.of(shift), Float64Array.of(center));
    const folded = foldIntoLinear(tensor([1], [1, 1]), Float64Array.of(bias), { toAffine: () => affine });
    const exact = through(affine, 0, Rational.of(bias));
    // Two words hold the product to about 2^-104 of it; below 2^-968 the second of them leaves float64.
    const least = Math.max(Math.abs(shift) * 2 ** -50, 2 ** -968);
    expect(ulpError(folded.bias[0]!, exact, least)).toBeLessThanOrEqual(1);
  },
);
