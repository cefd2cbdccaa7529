/** `backward` against numerical differentiation of what `forward` and `infer` do. */
import { fc, test } from '@fast-check/vitest';
import { BatchNorm, InstanceNorm, type NormOptions, type Tensor, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import type { Norm } from '../../src/normalizers/norm.js';
import { gaussian } from '../oracle/hard-data.js';
import { definitions } from '../oracle/norms.js';

type Make = (shape: readonly number[], options: NormOptions) => Norm;
type Step = 'forward' | 'infer';

/** A norm, a tensor for it, an upstream gradient, and parameters: all of a seed. */
const problem = fc.record({
  shape: fc
    .tuple(
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    )
    .map(([n, c, positions]) => [n, c, ...positions]),
  eps: fc.constantFrom(1e-2, 0.5),
  seed: fc.integer(),
});

type Takes = (shape: readonly number[]) => boolean;
const whichever: Takes = () => true;
const problemsOf = (takes: Takes): typeof problem => problem.filter(({ shape }) => takes(shape));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (value, i) => value * b[i]!).reduce((sum, value) => sum + value, 0);

/** The derivative of f at its present value in `values[i]`, by central differences of fourth order. */
function slope(f: () => number, values: Float64Array, i: number, h = 4e-4): number {
  const x = values[i]!;
  const at = (offset: number): number => {
    values[i] = x + offset;
    const y = f();
    values[i] = x;
    return y;
  };
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

function expectGradients(
  loss: () => number,
  of: readonly (readonly [values: Float64Array, gradient: ArrayLike<number>])[],
): void {
  for (const [values, gradient] of of) {
    expect(gradient).toHaveLength(values.length);
    const scale = Math.max(1, ...Array.from(gradient, Math.abs));
    for (let i = 0; i < values.length; i++) {
      expect(Math.abs(gradient[i]! - slope(loss, values, i))).toBeLessThanOrEqual(1e-7 * scale);
    }
  }
}

/** Random values in all places; what normalizes `x` afresh, as if nothing had been learned in between. */
function setUp(make: Make, { shape, eps, seed }: { shape: number[]; eps: number; seed: number }) {
  const noise = gaussian(seed);
  const length = shape.reduce((a, b) => a * b);
  const random = (size: number): Float64Array => Float64Array.from({ length: size }, () => noise());
  const norm = make(shape, { eps, dtype: 'float64' });
  norm.gamma.set(random(norm.gamma.length));
  norm.beta.set(random(norm.beta.length));
  return { norm, x: tensor(random(length), shape), dy: tensor(random(length), shape) };
}

function expectBackward(norm: Norm, step: Step, x: Tensor, dy: Tensor): void {
  norm[step](x);
  const { dx, dgamma, dbeta } = norm.backward(dy);
  expect(dx.shape).toEqual(x.shape);
  expectGradients(
    () => dot(norm[step](x).data, dy.data),
    [
      [x.data as Float64Array, dx.data],
      [norm.gamma, dgamma],
      [norm.beta, dbeta],
    ],
  );
}

const batch: Make = ([, channels], options) =>
  new BatchNorm(channels!, { running: { momentum: 0 }, ...options });
const few: Make = (shape, options) => batch(shape, { ...options, minValues: 1e6 } as NormOptions);
const makers: { name: string; make: Make; takes: Takes }[] = [
  ...definitions,
  { name: 'BatchNorm', make: batch, takes: whichever },
  { name: 'BatchNorm of too few values', make: few, takes: whichever },
];

describe.each(makers)('$name', ({ make, takes }) => {
  const problem = problemsOf(takes);
  test.prop([problem], { numRuns: 40 })('forward', (given) => {
    const { norm, x, dy } = setUp(make, given);
    expectBackward(norm, 'forward', x, dy);
  });

  test.prop([problem], { numRuns: 15 })('infer', (given) => {
    const { norm, x, dy } = setUp(make, given);
    expectBackward(norm, 'infer', x, dy);
  });

  test.prop([problem, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), fc.constantFrom('keep', 'mean')], {
    numRuns: 30,
  })(
    'missing values have no gradient; where they come out as beta, beta has one',
    (given, places, missing) => {
      const { norm, x, dy } = setUp((shape, options) => make(shape, { ...options, missing }), given);
      for (const place of places) x.data[place % x.data.length] = Number.NaN;
      norm.forward(x);
      const { dx, dgamma, dbeta } = norm.backward(dy);
      const loss = (): number => {
        const y = norm.forward(x).data;
        return dot(
          y.map((value) => (Number.isNaN(value) ? 0 : value)),
          dy.data,
        );
      };
      expectGradients(loss, [
        [norm.gamma, dgamma],
        [norm.beta, dbeta],
      ]);
      dx.data.forEach((value, i) => {
        const expected = Number.isNaN(x.data[i]) ? 0 : slope(loss, x.data as Float64Array, i);
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(expected)));
      });
    },
  );
});

const instance = definitions.find(({ name }) => name === 'InstanceNorm')!;
test.prop([problemsOf(instance.takes)], { numRuns: 25 })(
  'InstanceNorm with the statistics it tracked',
  (given) => {
    const make: Make = ([, c], options) =>
      new InstanceNorm(c!, { affine: true, trackRunningStats: true, ...options });
    const { norm, x, dy } = setUp(make, given);
    norm.forward(
      tensor(
        x.data.map((value) => 3 * value - 1),
        x.shape,
      ),
    );
    expectBackward(norm, 'infer', x, dy);
  },
);

test.prop([problem, fc.double({ min: 1, max: 4, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true })], {
  numRuns: 40,
})('BatchNorm with renorm: r and d count as constants', (given, rMax, dMax) => {
  const make: Make = ([, c], options) =>
    new BatchNorm(c!, { running: { momentum: 0 }, renorm: { rMax, dMax }, ...options });
  const { norm, x, dy } = setUp(make, given);
  const channels = norm.gamma.length;
  const noise = gaussian(given.seed + 1);
  const mean = Float64Array.from({ length: channels }, noise);
  const variance = mean.map((value) => 0.1 + value ** 2);
  (norm as BatchNorm).setRunning({ mean, variance });
  const y = norm.forward(x).data;
  const { dx, dgamma, dbeta } = norm.backward(dy);
  // r and d from what came out, with gamma 1 and beta 0; then frozen: a plain norm, scaled and shifted by hand.
  const plain = batch(given.shape, { eps: given.eps, dtype: 'float64' });
  const before = plain.forward(x).data;
  const c = norm.gamma.length;
  const l = x.data.length / (given.shape[0]! * c);
  const channel = (at: number): number => Math.floor(at / l) % c;
  const [r, d] = [new Float64Array(c), new Float64Array(c)];
  const batchMoments = (plain.forward(x) as ReturnType<BatchNorm['forward']>).moments;
  for (let i = 0; i < c; i++) {
    const sd = Math.sqrt(variance[i]! + given.eps);
    r[i] = Math.min(Math.max(Math.sqrt(batchMoments.variance()[i]! + given.eps) / sd, 1 / rMax), rMax);
    d[i] = Math.min(Math.max((batchMoments.mean[i]! - mean[i]!) / sd, -dMax), dMax);
  }
  const corrected = (xhat: ArrayLike<number>): Float64Array =>
    Float64Array.from(xhat, (value, at) => {
      const i = channel(at);
      return (value * r[i]! + d[i]!) * norm.gamma[i]! + norm.beta[i]!;
    });
  corrected(before).forEach((value, at) => {
    expect(Math.abs(y[at]! - value)).toBeLessThanOrEqual(1e-11);
  });
  expectGradients(
    () => dot(corrected(plain.forward(x).data), dy.data),
    [
      [x.data as Float64Array, dx.data],
      [norm.gamma, dgamma],
      [norm.beta, dbeta],
    ],
  );
});

const centred = makers.filter(({ name }) => name !== 'RMSNorm' && name !== 'BatchNorm of too few values');
describe.each(centred)('the gradient of a sum of what $name normalized', ({ make, takes }) => {
  test.prop([problemsOf(takes), fc.integer({ min: -6, max: 6 })])('is 0', (given, exponent) => {
    const { norm, x } = setUp(make, given);
    norm.gamma.fill(1);
    const wide = tensor(
      x.data.map((value) => (value + 3) * 10 ** exponent),
      x.shape,
    );
    norm.forward(wide);
    const { dx } = norm.backward(tensor(new Float64Array(x.data.length).fill(1), x.shape));
    // In units of what a gradient of 1 comes to where nothing cancels: 1 / sd.
    const scale = 1 / Math.sqrt(given.eps + 10 ** (2 * exponent) * 1e-4);
    for (const value of dx.data) expect(Math.abs(value)).toBeLessThanOrEqual(1e-14 * scale);
  });
});
