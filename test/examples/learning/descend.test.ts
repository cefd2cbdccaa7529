/** The example goes down the gradient it says: along it, the loss falls by its square. */
import { BatchNorm, GroupNorm, type Norm, type Tensor, tensor } from 'evenkeel';
import { expect, test } from 'vitest';
import { judge } from '../../../examples/learning/cross-entropy.js';
import { Dense } from '../../../examples/learning/dense.js';
import type { Layer } from '../../../examples/learning/layer.js';
import { ReLU } from '../../../examples/learning/relu.js';
import { TrainedNorm } from '../../../examples/learning/trained-norm.js';
import { gaussian } from '../../oracle/hard-data.js';

const rows = 8;
const classes = Array.from({ length: rows }, (_, i) => i % 3);
const norms: [string, (() => Norm) | undefined][] = [
  ['none', undefined],
  ['batch norm', () => new BatchNorm(4, { dtype: 'float64' })],
  ['group norm', () => new GroupNorm(2, 4, { dtype: 'float64' })],
];
const cases = norms.flatMap(([name, norm]) => [1, 2, 3].map((seed) => ({ name, norm, seed })));

test.each(cases)('$name, seed $seed', ({ norm, seed }) => {
  const normal = gaussian(seed);
  const x = tensor(Float64Array.from({ length: 2 * rows }, normal), [rows, 2]);
  const [first, last] = [new Dense(2, 4, normal), new Dense(4, 3, normal)];
  const trained = norm && new TrainedNorm(norm());
  const layers: Layer[] = [first, ...(trained ? [trained] : []), new ReLU(), last];
  const parameters = [first, last]
    .flatMap(({ weight, bias }) => [weight, bias])
    .concat(trained ? [trained.norm.gamma, trained.norm.beta] : []);
  for (const values of parameters) values.set(values.map((value) => value + 0.1 * normal()));

  const all = (): number[] => parameters.flatMap((values) => [...values]);
  const judged = () =>
    judge(
      layers.reduce<Tensor>((y, layer) => layer.forward(y), x),
      classes,
    );
  const step = (rate: number): void => {
    for (const layer of layers) layer.step(rate);
  };

  layers.reduceRight((dy, layer) => layer.backward(dy), judged().gradient);
  const start = all();
  const rate = 1e-7; // its square is what a central difference is off by; groups of two bend sharply
  step(rate);
  const square = all().reduce((sum, value, i) => sum + ((start[i]! - value) / rate) ** 2, 0);
  const below = judged().loss;
  step(-2 * rate);
  const above = judged().loss;
  expect(square).toBeGreaterThan(0.01);
  expect((above - below) / (2 * rate) / square).toBeCloseTo(1, 6);
});
