/**
 * How much time a folded layer takes of what it takes with its norm behind it, both in float64 in one run: a depthwise
 * convolution of 3 positions, as mobile networks have, and a Linear layer. Run: npm run bench:folding
 */
import { BatchNorm, type FloatArray, foldIntoConv, foldIntoLinear, type Tensor, tensor } from 'evenkeel';
import { gaussian } from '../test/oracle/hard-data.js';
import { type Contender, here } from './contender.js';
import { sideBySide } from './side-by-side.js';
import { heading, tableRow } from './table.js';

const noise = gaussian(1);
const random = (...shape: number[]): Tensor =>
  tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, noise), shape);

type Layer = (x: Tensor, weight: Tensor, bias: FloatArray) => Tensor;

const depthwise: Layer = ({ data: x, shape: [n, c, l] }, { data: w }, bias) => {
  const length = l! - 2;
  const y = new Float64Array(n! * c! * length);
  for (let plane = 0, at = 0; plane < n! * c!; plane++) {
    const i = plane % c!;
    const [a, b, d, t] = [w[3 * i]!, w[3 * i + 1]!, w[3 * i + 2]!, bias[i]!];
    const from = plane * l!;
    for (let to = from; to < from + length; to++) y[at++] = a * x[to]! + b * x[to + 1]! + d * x[to + 2]! + t;
  }
  return tensor(y, [n!, c!, length]);
};

const linear: Layer = ({ data: x, shape: [n, inputs] }, { data: w, shape: [out] }, bias) => {
  const y = new Float64Array(n! * out!);
  for (let row = 0, at = 0; row < n!; row++) {
    for (let o = 0; o < out!; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < inputs!; i++) sum += w[o * inputs! + i]! * x[row * inputs! + i]!;
      y[at++] = sum;
    }
  }
  return tensor(y, [n!, out!]);
};

async function compare(
  name: string,
  layer: Layer,
  x: Tensor,
  weight: Tensor,
  fold: typeof foldIntoLinear,
): Promise<void> {
  const bias = new Float64Array(weight.shape[0]!);
  const bn = new BatchNorm(bias.length, { dtype: 'float64' });
  bn.forward(layer(x, weight, bias));
  const folded = fold(weight, bias, bn);
  const timed = (name: string, work: () => Tensor): Contender =>
    here(name, { once: () => work().data[0]!, result: () => work().data });
  const theirs = timed('with its norm', () => bn.infer(layer(x, weight, bias)));
  const ours = timed('folded', () => layer(x, folded.weight, folded.bias));
  const effort = { rounds: 41, turn: 0.02, warmup: 0.2 };
  const lines = await sideBySide([{ ours, theirs, measure: 'cost' }], effort);
  console.log([`\n${name}`, ...lines.map(tableRow)].join('\n'));
}

console.log(heading);
await compare(
  'depthwise convolution, 64 channels',
  depthwise,
  random(16, 64, 256),
  random(64, 1, 3),
  (w, b, bn) => foldIntoConv(w, b, bn, { groups: 64 }),
);
await compare('Linear, 16 to 64', linear, random(1024, 16), random(64, 16), foldIntoLinear);
