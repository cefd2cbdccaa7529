import { fc, test } from '@fast-check/vitest';
import { Affine, tensor } from 'evenkeel';
import { expect } from 'vitest';
import { absoluteError, Rational } from './oracle/rational.js';

const ordinary = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const scale = fc.oneof(
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  fc.double({ min: -1e6, max: -1e-6, noNaN: true }),
);
const affines = fc
  .tuple(scale, ordinary, ordinary)
  .map(
    ([scale, shift, center]) =>
      new Affine(Float64Array.of(scale), Float64Array.of(shift), Float64Array.of(center)),
  );

/** Products below this underflow, and what is lost there may be scaled up again by 1e6, twice. */
const UNDERFLOW = 2 ** -1000;

const map = (affine: Affine, x: number): number => affine.apply(tensor([x], [1, 1])).data[0]!;

/** The exact value, and a bound on its error: a few roundings of the largest thing on the way. */
function exactly(affine: Affine, x: Rational): { y: Rational; size: number } {
  const [scale, shift, center] = [affine.scale[0]!, affine.shift[0]!, affine.center[0]!];
  const product = x.minus(center).times(scale);
  const y = product.plus(shift);
  return { y, size: product.abs().plus(Math.abs(shift)).toNumber() };
}

test.prop([affines, ordinary])('apply is (x - center) * scale + shift, to a few roundings', (affine, x) => {
  const { y, size } = exactly(affine, Rational.of(x));
  expect(absoluteError(map(affine, x), y)).toBeLessThanOrEqual(4 * 2 ** -53 * size + UNDERFLOW);
});

test.prop([affines, affines, ordinary])('then composes', (first, second, x) => {
  const between = exactly(first, Rational.of(x));
  const { y, size } = exactly(second, between.y);
  const steps = (between.size + Math.abs(second.center[0]!)) * Math.abs(second.scale[0]!);
  expect(absoluteError(map(first.then(second), x), y)).toBeLessThanOrEqual(
    8 * 2 ** -53 * (steps + size) + UNDERFLOW,
  );
});

const anyNumber = fc.double({ min: -1e60, max: 1e60, noNaN: true }).map((x) => x + 0); // -0 is 0 after it
const identity = new Affine(Float64Array.of(1), Float64Array.of(0));

test.prop([anyNumber, anyNumber, anyNumber])(
  'after the identity, an affine is itself, bit for bit',
  (...parts) => {
    const [scale, shift, center] = parts.map((part) => Float64Array.of(part)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const affine = new Affine(scale, shift, center);
    const { scale: s, shift: t, center: c } = identity.then(affine);
    expect([s, t]).toEqual([affine.scale, affine.shift]);
    if (scale[0] !== 0) expect(c).toEqual(affine.center);
  },
);

const offsets = fc.double({ min: -1e13, max: 1e13, noNaN: true });
const spreads = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

test.prop([offsets, spreads, spreads, fc.double({ min: -4, max: 4, noNaN: true })])(
  'a change of unit, then standardizing at a far offset, holds as the two steps do',
  (offset, sd, unit, z) => {
    const rescale = new Affine(Float64Array.of(unit), Float64Array.of(0));
    const standardize = new Affine(Float64Array.of(1 / sd), Float64Array.of(0), Float64Array.of(offset));
    const x = (offset + z * sd) / unit;
    const y = exactly(standardize, exactly(rescale, Rational.of(x)).y).y;
    // What remains is the center's own rounding, which the shift makes good, and a few of the result's.
    const error = absoluteError(map(rescale.then(standardize), x), y);
    expect(error).toBeLessThanOrEqual(16 * 2 ** -53 * Math.max(1, y.abs().toNumber()));
  },
);

test.prop([affines, ordinary])('invert undoes', (affine, x) => {
  const { size } = exactly(affine, Rational.of(x));
  const error =
    (size + Math.abs(affine.shift[0]!)) / Math.abs(affine.scale[0]!) +
    Math.abs(affine.center[0]!) +
    Math.abs(x);
  expect(Math.abs(map(affine.invert(), map(affine, x)) - x)).toBeLessThanOrEqual(
    8 * 2 ** -53 * error + UNDERFLOW,
  );
  expect(Math.abs(map(affine.then(affine.invert()), x) - x)).toBeLessThanOrEqual(
    8 * 2 ** -53 * error + UNDERFLOW,
  );
  expect(affine.invert().invert().center).toEqual(affine.center);
});
