import {
  BatchNorm,
  InstanceNorm,
  LayerNorm,
  MaxAbsScaler,
  MinMaxScaler,
  type Normalizer,
  RobustScaler,
  type RunningMode,
  StandardScaler,
  type Tensor,
  tensor,
} from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { noiseAround } from '../oracle/hard-data.js';

const modes: RunningMode[] = [
  'pooled',
  'average',
  { momentum: 0.1 },
  { halfLifeRows: 3 },
  { halfLifeMs: 3 },
  { windowRows: 6, strideRows: 2 },
  { windowMs: 4 },
];
const normalizers: [string, number, () => Normalizer][] = [
  ...modes.map(
    (running) =>
      [`BatchNorm ${JSON.stringify(running)}`, 1, () => new BatchNorm(2, { running })] as [
        string,
        number,
        () => Normalizer,
      ],
  ),
  ...modes
    .filter((mode) => mode === 'pooled' || (typeof mode === 'object' && !('momentum' in mode)))
    .map(
      (running) =>
        [
          `StandardScaler ${JSON.stringify(running)}`,
          4,
          () => new StandardScaler(2, { running: running as never, ddof: 1 }),
        ] as [string, number, () => Normalizer],
    ),
  ['BatchNorm with renorm', 1, () => new BatchNorm(2, { renorm: { rMax: 1.01, dMax: 0.01 } })],
  ['InstanceNorm that tracks', 1, () => new InstanceNorm(2, { trackRunningStats: true })],
  ['MinMaxScaler', 4, () => new MinMaxScaler(2)],
  ['MaxAbsScaler', 4, () => new MaxAbsScaler(2)],
  ['RobustScaler', 4, () => new RobustScaler(2)],
];

const state = (normalizer: Normalizer): string => JSON.stringify(normalizer);
const batch = (seed: number): Tensor & { readonly times: Float64Array } => ({
  ...tensor(noiseAround(seed, 4 * 2 * 3, seed), [4, 2, 3]),
  times: Float64Array.of(seed, seed + 1, seed, seed + 2),
});

describe.each(normalizers)('%s', (_name, perBatch, make) => {
  test('reset is a new one, bit for bit, also in what it goes on to learn', () => {
    const normalizer = make();
    for (const seed of [20, 21, 22]) normalizer.forward(batch(seed));
    const fresh = make();
    expect(state(normalizer)).not.toBe(state(fresh));
    normalizer.reset!();
    expect(state(normalizer)).toBe(state(fresh));
    expect(normalizer.version).toBe(0);
    expect(normalizer.infer(batch(3))).toEqual(fresh.infer(batch(3)));
    for (const seed of [1, 2]) expect(normalizer.forward(batch(seed))).toEqual(fresh.forward(batch(seed)));
    expect(state(normalizer)).toBe(state(fresh));
  });

  test('the version counts what was learned, and is saved', () => {
    const normalizer = make();
    expect(normalizer.version).toBe(0);
    for (const seed of [1, 2, 3]) {
      normalizer.forward(batch(seed));
      expect(normalizer.version).toBe(seed * perBatch);
    }
    normalizer.infer(batch(9));
    expect(normalizer.version).toBe(3 * perBatch);
    const { fromJSON } = normalizer.constructor as unknown as { fromJSON(json: unknown): Normalizer };
    expect(fromJSON.call(normalizer.constructor, JSON.parse(state(normalizer))).version).toBe(3 * perBatch);
  });
});

test('gamma, beta and options stay; so does what was asked of renorm since', () => {
  const bn = new BatchNorm(1, { eps: 0.5 });
  bn.gamma[0] = 3;
  bn.beta[0] = 2;
  bn.setRenorm({ rMax: 2, dMax: 1 });
  bn.forward(tensor([1, 5], [2, 1]));
  bn.reset();
  expect([bn.gamma[0], bn.beta[0], bn.options.eps, bn.options.renorm]).toEqual([
    3,
    2,
    0.5,
    { rMax: 2, dMax: 1 },
  ]);
});

test('what learns nothing has neither', () => {
  const norm: Normalizer = new LayerNorm(2);
  expect([norm.version, norm.reset]).toEqual([undefined, undefined]);
});
