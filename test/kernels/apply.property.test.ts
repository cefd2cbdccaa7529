/** What is applied, value by value, also where a scale of 0 meets what leaves float64. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { applyAffine, applyTwice } from '../../src/kernels/apply.js';

const size = fc.integer({ min: 1, max: 5 });
const value = fc.constantFrom(Number.NaN, 0, 1.5, -3, 1.7e308, -1.7e308);
const center = fc.constantFrom(0, 2, 1.7e308, -1.7e308);
const scale = fc.constantFrom(0, 0, 0.5, -2);
const shift = fc.constantFrom(0, 7, -0.25);

const arrayOf = (values: fc.Arbitrary<number>, length: number): fc.Arbitrary<Float64Array> =>
  fc.array(values, { minLength: length, maxLength: length }).map((array) => Float64Array.from(array));

const affineOf = (c: number): fc.Arbitrary<Float64Array> =>
  fc
    .tuple(arrayOf(center, c), arrayOf(scale, c), arrayOf(shift, c))
    .map((planes) => Float64Array.from(planes.flatMap((plane) => [...plane])));

const located = (x: number, affine: Float64Array, c: number, i: number): number => {
  if (Number.isNaN(x)) return x;
  const [m, s, t] = [affine[i]!, affine[c + i]!, affine[2 * c + i]!];
  return s === 0 ? t : (x - m) * s + t;
};

test.prop([
  fc.tuple(size, size, size).chain(([n, c, l]) =>
    fc.record({
      view: fc.constant({ n, c, l }),
      x: arrayOf(value, n * c * l),
      affine: affineOf(c),
    }),
  ),
])('an affine a channel', ({ view: { n, c, l }, x, affine }) => {
  const y = new Float64Array(x.length);
  const finite = applyAffine(x, n, c, l, affine, y, false);
  expect(y).toEqual(x.map((value, at) => located(value, affine, c, Math.floor(at / l) % c)));
  if (finite) expect(x.some(Number.isNaN)).toBe(false);
});

test.prop([
  fc.tuple(size, size, size).chain(([c, l, samples]) =>
    fc.record({
      view: fc.constant({ c: c * samples, l }),
      x: arrayOf(value, c * samples * l),
      affine: affineOf(c * samples),
      gamma: arrayOf(scale, c * l),
      beta: arrayOf(shift, c * l),
    }),
  ),
])('an affine a stretch, then one a place', ({ view: { c, l }, x, affine, gamma, beta }) => {
  const y = new Float64Array(x.length);
  const finite = applyTwice(x, c, l, affine, gamma, beta, y, false);
  const expected = x.map((value, at) => {
    const place = at % gamma.length;
    return located(value, affine, c, Math.floor(at / l)) * gamma[place]! + beta[place]!;
  });
  expect(y).toEqual(expected);
  if (finite) expect(x.some(Number.isNaN)).toBe(false);
});
