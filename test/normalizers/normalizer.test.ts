/** What every normalizer does with an array to write to. */
import { fc, test } from '@fast-check/vitest';
import {
  BatchNorm,
  type FloatArray,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  MaxAbsScaler,
  MinMaxScaler,
  type Normalizer,
  type NormOptions,
  RMSNorm,
  RobustScaler,
  StandardScaler,
  type Tensor,
  tensor,
} from 'evenkeel';
import { describe, expect } from 'vitest';
import { uniform } from '../oracle/hard-data.js';
import { thrownBy } from '../thrown-by.js';

const [C, L] = [3, 5];
const normalizers: [string, (options: Pick<NormOptions, 'dtype' | 'missing'>) => Normalizer][] = [
  ['BatchNorm', (options) => new BatchNorm(C, options)],
  ['BatchNorm with renorm', (options) => new BatchNorm(C, { renorm: { rMax: 2, dMax: 1 }, ...options })],
  ['LayerNorm', (options) => new LayerNorm([C, L], options)],
  ['RMSNorm', (options) => new RMSNorm([C, L], options)],
  ['GroupNorm', (options) => new GroupNorm(1, C, options)],
  ['InstanceNorm', (options) => new InstanceNorm(C, options)],
  ['InstanceNorm that tracks', (options) => new InstanceNorm(C, { trackRunningStats: true, ...options })],
  ['StandardScaler', (options) => new StandardScaler(C, options)],
  ['StandardScaler, clipped', (options) => new StandardScaler(C, { clip: 1, ...options })],
  [
    'StandardScaler with a half-life',
    (options) => new StandardScaler(C, { running: { halfLifeRows: 3 }, ...options }),
  ],
  [
    'StandardScaler of a window',
    (options) => new StandardScaler(C, { running: { windowRows: 3 }, ...options }),
  ],
  [
    'BatchNorm of a window',
    (options) => new BatchNorm(C, { running: { windowRows: 4, strideRows: 2 }, ...options }),
  ],
  ['MinMaxScaler', (options) => new MinMaxScaler(C, options)],
  ['MaxAbsScaler', (options) => new MaxAbsScaler(C, options)],
  ['RobustScaler', (options) => new RobustScaler(C, options)],
];

/** Some of it is missing. */
function batch(n: number, seed: number): Tensor {
  const next = uniform(seed);
  const data = Float64Array.from({ length: n * C * L }, () => (next() < 0.1 ? Number.NaN : 100 + next()));
  return tensor(data, [n, C, L]);
}

const dtypes = ['float32', 'float64'] as const;
const zerosOf = { float32: Float32Array, float64: Float64Array };
const state = (normalizer: Normalizer): string => JSON.stringify(normalizer);

describe.each(normalizers)('%s', (_, make) => {
  describe.each(dtypes)('into %s', (dtype) => {
    const calls = fc.array(
      fc.record({ method: fc.constantFrom('forward', 'infer'), n: fc.integer({ min: 1, max: 9 }) }),
      { minLength: 1, maxLength: 5 },
    );
    test.prop([calls, fc.constantFrom('keep', 'mean')], { numRuns: 30 })(
      'what is given is written, whole, and nothing beside it; all else is as without',
      (calls, missing) => {
        const [given, fresh] = [make({ dtype, missing }), make({ dtype, missing })];
        const room = new zerosOf[dtype](9 * C * L + 2);
        calls.forEach(({ method, n }, seed) => {
          room.fill(-7);
          const out = room.subarray(1, 1 + n * C * L);
          const y = given[method](batch(n, seed), out);
          const expected = fresh[method](batch(n, seed));
          expect(y.data).toBe(out);
          expect(y).toEqual(expected);
          expect([room[0], room[out.length + 1]]).toEqual([-7, -7]);
          expect(state(given)).toBe(state(fresh));
          expect(expected.data.buffer.byteLength).toBe(expected.data.byteLength);
        });
      },
    );

    test('another type, or another length, is refused before anything is learned', () => {
      const normalizer = make({ dtype, missing: 'keep' });
      const x = batch(4, 1);
      const was = normalizer.forward(x);
      const [before, values] = [state(normalizer), was.data.slice()];
      const { length } = x.data;
      const Floats = zerosOf[dtype];
      const types = [
        new zerosOf[dtype === 'float32' ? 'float64' : 'float32'](length),
        new Int32Array(length),
        new Array(length).fill(0),
        new DataView(new ArrayBuffer(8 * length)),
        new ArrayBuffer(8 * length),
        { data: new Floats(length) },
        null,
        true,
      ];
      for (const method of ['forward', 'infer'] as const) {
        for (const out of types)
          expect(thrownBy(() => normalizer[method](x, out as never))).toMatchObject({
            code: 'EVENKEEL_OPTION',
            option: 'out',
          });
        for (const out of [new Floats(length - 1), new Floats(length + 1), new Floats(0)]) {
          expect(thrownBy(() => normalizer[method](x, out))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
          expect(out.every((value: number) => value === 0)).toBe(true);
        }
      }
      expect(state(normalizer)).toBe(before);
      expect(was.data).toEqual(values);
    });

    test('what must not be learned from is refused all the same', () => {
      const normalizer = make({ dtype, missing: 'error' });
      const x = batch(4, 1);
      const good = tensor(
        x.data.map((value) => (Number.isNaN(value) ? 100 : value)),
        x.shape,
      );
      const out: FloatArray = new zerosOf[dtype](x.data.length);
      normalizer.forward(good, out);
      const before = state(normalizer);
      for (const method of ['forward', 'infer'] as const)
        expect(thrownBy(() => normalizer[method](x, out))).toMatchObject({ code: 'EVENKEEL_MISSING' });
      expect(state(normalizer)).toBe(before);
    });
  });
});
