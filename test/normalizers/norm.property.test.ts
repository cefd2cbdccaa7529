/** What holds for every norm that knows no running statistics, checked against its definition. */
import { fc, test } from '@fast-check/vitest';
import { GroupNorm, InstanceNorm, LayerNorm, type Tensor, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { type Generated, tensors } from '../oracle/data.js';
import { definitions, exactly, placeOf, shared } from '../oracle/norms.js';
import { absoluteError } from '../oracle/rational.js';

const eps = fc.constantFrom(0, 1e-5, 1e-3, 1);
const toTensor = ({ data, shape }: Generated): Tensor => tensor(data.slice(), shape);
const parameters = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 7 });
const spread = (values: Float64Array, numbers: readonly number[]): void =>
  values.forEach((_, i) => {
    values[i] = numbers[i % numbers.length]!;
  });

describe.each(definitions)('$name', (norm) => {
  const float64 = (eps: number) => ({ eps, dtype: 'float64' as const });

  test.prop([tensors(9, 1), eps], { numRuns: 150 })(
    'every value is the exact one, to 1e-12',
    (generated, eps) => {
      fc.pre(norm.takes(generated.shape));
      const x = toTensor(generated);
      const y = norm.make(x.shape, float64(eps)).forward(x);
      expect(y.shape).toEqual(x.shape);
      for (const part of shared(norm, x)) {
        const exact = exactly(
          part.map(({ value }) => value),
          eps,
          norm.centred,
        );
        for (const { at, value } of part)
          expect(absoluteError(y.data[at]!, exact(value))).toBeLessThanOrEqual(1e-12);
      }
    },
  );

  test.prop([tensors(3, 1), parameters, parameters])(
    'gamma and beta come after',
    (generated, gamma, beta) => {
      fc.pre(norm.takes(generated.shape));
      const x = toTensor(generated);
      const n = norm.make(x.shape, float64(1e-5));
      const before = n.forward(x).data;
      spread(n.gamma, gamma);
      spread(n.beta, beta);
      const after = n.forward(x).data;
      after.forEach((value, at) => {
        const i = norm.parameter(placeOf(x.shape, at));
        expect(Math.abs(value - (before[at]! * n.gamma[i]! + n.beta[i]!))).toBeLessThanOrEqual(1e-13 * 99);
      });
      expect(n.infer(x).data).toEqual(after);
      const narrow = norm.make(x.shape, {});
      spread(narrow.gamma, gamma);
      spread(narrow.beta, beta);
      expect(narrow.forward(x).data).toEqual(Float32Array.from(after));
    },
  );

  test.prop([tensors(3, 1), fc.array(fc.nat(), { minLength: 1, maxLength: 5 })])(
    'a missing value counts for nothing, and comes out as NaN, or as beta',
    (generated, places) => {
      fc.pre(norm.takes(generated.shape));
      const x = toTensor(generated);
      for (const place of places) x.data[place % x.data.length] = Number.NaN;
      expect(() => norm.make(x.shape, {}).forward(x)).toThrow(
        expect.objectContaining({ code: 'EVENKEEL_MISSING' }),
      );
      const [kept, filled] = (['keep', 'mean'] as const).map((missing) => {
        const n = norm.make(x.shape, { ...float64(1e-5), missing });
        spread(n.gamma, [2]);
        spread(n.beta, [5, 6, 7]);
        return { n, y: n.forward(x).data };
      });
      for (const part of shared(norm, x)) {
        const seen = part.filter(({ value }) => !Number.isNaN(value));
        const exact =
          seen.length > 0
            ? exactly(
                seen.map(({ value }) => value),
                1e-5,
                norm.centred,
              )
            : undefined;
        for (const { at, value } of part) {
          const beta = kept!.n.beta[norm.parameter(placeOf(x.shape, at))]!;
          if (Number.isNaN(value)) {
            expect(kept!.y[at]).toBeNaN();
            expect(filled!.y[at]).toBe(beta);
          } else {
            expect(absoluteError(kept!.y[at]!, exact!(value).times(2).plus(beta))).toBeLessThanOrEqual(1e-11);
            expect(filled!.y[at]).toBe(kept!.y[at]);
          }
        }
      }
    },
  );

  test.prop([tensors(3, 1), parameters])('comes back from its state, bit for bit', (generated, numbers) => {
    fc.pre(norm.takes(generated.shape));
    const x = toTensor(generated);
    const n = norm.make(x.shape, { eps: 0.25, missing: 'keep' });
    spread(n.gamma, numbers);
    spread(n.beta, [...numbers, 1]);
    const made = n.constructor as unknown as { fromJSON(json: unknown): typeof n };
    const restored = made.fromJSON(JSON.parse(JSON.stringify(n)));
    expect(restored.forward(x)).toEqual(n.forward(x));
    expect(JSON.stringify(restored)).toBe(JSON.stringify(n));
    expect(restored.options).toEqual(n.options);
  });
});

describe('invariance', () => {
  /** Whole numbers, so that scaling by a power of two and shifting by a whole number is exact. */
  const wholes = fc
    .tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
      fc.infiniteStream(fc.integer({ min: -1000, max: 1000 })),
    )
    .map(([n, c, positions, numbers]) => {
      const shape = [n, c, ...positions];
      const length = shape.reduce((a, b) => a * b);
      return tensor(
        Float64Array.from({ length }, () => numbers.next().value as number),
        shape,
      );
    });
  const power = fc.integer({ min: -20, max: 20 }).map((exponent) => 2 ** exponent);
  const offset = fc.integer({ min: -1e6, max: 1e6 });
  const precisely = { eps: 0, dtype: 'float64' } as const;
  const moved = (
    { data, shape }: Tensor,
    where: (at: number) => boolean,
    scale: number,
    shift: number,
  ): Tensor =>
    tensor(
      data.map((value: number, at: number) => (where(at) ? (value + shift) * scale : value)) as Float64Array,
      shape,
    );
  const expectSame = (a: Tensor, b: Tensor): void =>
    a.data.forEach((value, at) => {
      expect(Math.abs(value - b.data[at]!)).toBeLessThanOrEqual(1e-12);
    });

  test.prop([wholes, power, offset, fc.nat()])(
    'layer norm: scaling and shifting a sample',
    (x, scale, shift, pick) => {
      const sample = pick % x.shape[0]!;
      const y = moved(x, (at) => placeOf(x.shape, at).sample === sample, scale, shift);
      const norm = new LayerNorm(x.shape.slice(1), precisely);
      expectSame(norm.forward(x), norm.forward(y));
    },
  );

  test.prop([wholes, power, offset, fc.nat(), fc.nat()])(
    'instance norm: scaling and shifting a channel of a sample',
    (x, scale, shift, pick, pickChannel) => {
      fc.pre(x.shape.slice(2).some((axis) => axis > 1));
      const [sample, channel] = [pick % x.shape[0]!, pickChannel % x.shape[1]!];
      const here = (at: number): boolean => {
        const place = placeOf(x.shape, at);
        return place.sample === sample && place.channel === channel;
      };
      const norm = new InstanceNorm(x.shape[1]!, precisely);
      expectSame(norm.forward(x), norm.forward(moved(x, here, scale, shift)));
    },
  );

  test.prop([tensors(6, 1)])(
    'one group is layer norm over [C, L]; a group a channel is instance norm',
    (generated) => {
      const x = toTensor(generated);
      const channels = x.shape[1]!;
      const one = new GroupNorm(1, channels, { dtype: 'float64' });
      expect(one.forward(x)).toEqual(new LayerNorm(x.shape.slice(1), { dtype: 'float64' }).forward(x));
      fc.pre(x.shape.slice(2).some((axis) => axis > 1));
      const each = new GroupNorm(channels, channels, { dtype: 'float64' });
      expect(each.forward(x)).toEqual(new InstanceNorm(channels, { dtype: 'float64' }).forward(x));
    },
  );
});

test('float32 data around a few thousand: the statistics are those of the data', () => {
  // PyTorch's own float32 layer norm is off by more than 1e-3 here.
  const data = Float32Array.from({ length: 512 }, (_, i) => 4096 + ((i * 7919) % 512) * 2 ** -11);
  const exact = exactly([...data], 1e-5, true);
  const y = new LayerNorm(512).forward(tensor(data, [1, 512])).data;
  for (const [i, value] of y.entries()) expect(value).toBe(Math.fround(exact(data[i]!).toNumber()));
});
