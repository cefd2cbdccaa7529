/** Whatever normalizes refuses what is bad, by code and place, and learns nothing of it; the row path of scalers too. */
import { fc, test } from '@fast-check/vitest';
import {
  BatchNorm,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  MaxAbsScaler,
  MinMaxScaler,
  type Normalizer,
  RMSNorm,
  RobustScaler,
  type Scaler,
  StandardScaler,
  type Tensor,
  tensor,
} from 'evenkeel';
import { describe, expect } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const [C, L] = [3, 4];
const scalers: readonly (readonly [string, () => Scaler])[] = [
  ['StandardScaler', () => new StandardScaler(C)],
  ['StandardScaler with a half-life', () => new StandardScaler(C, { running: { halfLifeRows: 3 } })],
  ['MinMaxScaler', () => new MinMaxScaler(C)],
  ['MaxAbsScaler', () => new MaxAbsScaler(C)],
  ['RobustScaler', () => new RobustScaler(C)],
];
/** `byPlace`: whose features are all the places of a sample, not its channels. */
const normalizers: readonly (readonly [string, () => Normalizer, byPlace?: boolean])[] = [
  ...scalers,
  ['BatchNorm with renorm', () => new BatchNorm(C, { renorm: { rMax: 2, dMax: 2 } })],
  ['LayerNorm', () => new LayerNorm([C, L]), true],
  ['RMSNorm', () => new RMSNorm([C, L]), true],
  ['GroupNorm', () => new GroupNorm(1, C)],
  ['InstanceNorm', () => new InstanceNorm(C)],
  ['InstanceNorm that tracks', () => new InstanceNorm(C, { trackRunningStats: true })],
];

const good = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const goodTensor = fc
  .array(fc.array(good, { minLength: C * L, maxLength: C * L }), { minLength: 1, maxLength: 3 })
  .map((samples) => tensor(samples.flat(), [samples.length, C, L]));
const bad = fc.constantFrom(Infinity, -Infinity, Number.NaN);

function expectRefused(subject: Normalizer, action: () => unknown, expected: object): void {
  const before = JSON.stringify(subject);
  expect(thrownBy(action)).toMatchObject(expected);
  expect(JSON.stringify(subject)).toBe(before);
}

describe.each(normalizers.map(([name, make, byPlace = false]) => ({ name, make, byPlace })))(
  '$name',
  ({ make, byPlace }) => {
    test.prop([goodTensor, goodTensor, fc.nat(), bad])('a value that is none', (first, x, place, value) => {
      const normalizer = make();
      normalizer.forward(first);
      const at = place % x.data.length;
      x.data[at] = value;
      const expected = {
        code: Number.isNaN(value) ? 'EVENKEEL_MISSING' : 'EVENKEEL_NOT_FINITE',
        row: Math.floor(at / (C * L)),
        feature: byPlace ? at % (C * L) : Math.floor(at / L) % C,
        value,
      };
      expectRefused(normalizer, () => normalizer.forward(x), expected);
      expectRefused(normalizer, () => normalizer.infer(x), expected);
    });

    const axis = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.constantFrom('2', null, undefined, 2n, 1.5));
    const notTensor = fc.oneof(
      fc.record({ data: fc.constant(new Float64Array(12)), shape: fc.array(axis, { maxLength: 4 }) }),
      fc.constantFrom(
        null,
        undefined,
        5,
        [],
        {},
        { data: [1, 2], shape: [2, 1] },
        { data: new Float32Array(3) },
      ),
    );
    const fits = (x: unknown): boolean => {
      const { shape } = Object(x) as { shape: readonly unknown[] };
      if (!Array.isArray(shape) || shape.reduce((a, b) => a * Number(b), 1) !== 12) return false;
      return shape[1] === C || (byPlace && shape.length > 1 && shape.at(-2) === C && shape.at(-1) === L);
    };
    test.prop([goodTensor, notTensor.filter((x) => !fits(x))])('a shape that does not fit', (first, x) => {
      const normalizer = make();
      normalizer.forward(first);
      for (const step of ['forward', 'infer'] as const)
        expectRefused(normalizer, () => normalizer[step](x as Tensor), { code: 'EVENKEEL_SHAPE' });
    });
  },
);

describe.each(scalers.map(([name, make]) => ({ name, make })))('$name, by row', ({ make }) => {
  const rows = fc.array(fc.array(good, { minLength: C, maxLength: C }), { maxLength: 3 });
  const faults = fc.oneof(
    fc
      .tuple(rows, fc.nat(C - 1), bad)
      .map(([, at, value]) => [[1, 2, 3].with(at, value), at, value] as const),
    fc
      .tuple(fc.nat(C - 1), fc.constantFrom('1', null, undefined, 1n, true, {}))
      .map(([at, value]) => [[1, 2, 3].with(at, value as number), at, value] as const),
    fc.constantFrom([1, 2], [1, 2, 3, 4], [], null, 5, 'abc').map((row) => [row, undefined, row] as const),
  );
  test.prop([rows, faults])('what is no row', (before, [row, feature, value]) => {
    const scaler = make();
    for (const learned of before) scaler.update(learned);
    const code = expect.stringMatching(/^EVENKEEL_(ARITY|NOT_A_NUMBER|NOT_FINITE|MISSING)$/) as string;
    const expected = { name: 'SampleError', code, row: 0, feature, value };
    expectRefused(scaler, () => scaler.update(row as number[]), expected);
    expectRefused(scaler, () => scaler.transform(row as number[]), expected);
    expectRefused(scaler, () => scaler.inverse(row as number[]), expected);
  });

  test.prop([rows, fc.constantFrom(-1, Number.NaN, Infinity, '1', null, 1n)])(
    'what is no weight',
    (before, weight) => {
      const scaler = make();
      for (const learned of before) scaler.update(learned);
      const expected = { code: 'EVENKEEL_OPTION', option: 'weight', value: weight };
      expectRefused(scaler, () => scaler.update([1, 2, 3], weight as number), expected);
    },
  );
});
