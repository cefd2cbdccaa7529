/**
 * A small network, with its norms and with the norms folded away: what each computes for a row, counted as it runs, and how
 * far their outputs are apart.
 */
import {
  BatchNorm,
  batchNorm,
  type FloatArray,
  foldIntoConv,
  foldIntoLinear,
  minibatch,
  type Tensor,
  tensor,
} from 'evenkeel';
import { lastValueFrom, map, range, toArray } from 'rxjs';

// Readings as they come: °C, Pa, m/s, and % of humidity.
const reading = (i: number): number[] => [
  20 + 5 * Math.sin(i / 9),
  101325 + 300 * Math.sin(i / 50),
  4 + 3 * Math.sin(i * i),
  60 + 20 * Math.cos(i / 9),
];
const rows = range(0, 1000).pipe(map(reading));

let [multiplications, additions] = [0, 0];
const times = (a: number, b: number): number => {
  multiplications++;
  return a * b;
};
const plus = (a: number, b: number): number => {
  additions++;
  return a + b;
};

type Step = (x: Tensor) => Tensor;
const pseudoRandom = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => ((Math.sin(i + 1) * 43758.5453) % 1) / 2);

/** `[N, in]` to `[N, out]` */
const linear =
  ({ data, shape: [out, inputs] }: Tensor, bias: ArrayLike<number>): Step =>
  (x) => {
    const y = Float64Array.from({ length: x.shape[0]! * out! }, (_, at) => {
      const [row, o] = [Math.floor(at / out!), at % out!];
      let sum = bias[o]!;
      for (let i = 0; i < inputs!; i++)
        sum = plus(sum, times(data[o * inputs! + i]!, x.data[row * inputs! + i]!));
      return sum;
    });
    return tensor(y, [x.shape[0]!, out!]);
  };

/** `[N, C, L]` to `[N, 2C, L - 2]`: two kernels of three positions for every channel. */
const conv =
  ({ data }: Tensor, bias: ArrayLike<number>): Step =>
  ({ data: x, shape: [n, c, l] }) => {
    const [out, length] = [2 * c!, l! - 2];
    const y = Float64Array.from({ length: n! * out * length }, (_, at) => {
      const [row, o, to] = [Math.floor(at / (out * length)), Math.floor(at / length) % out, at % length];
      const from = (row * c! + Math.floor(o / 2)) * l! + to;
      let sum = bias[o]!;
      for (let k = 0; k < 3; k++) sum = plus(sum, times(data[o * 3 + k]!, x[from + k]!));
      return sum;
    });
    return tensor(y, [n!, out, length]);
  };

/** What `infer` does. */
const applied =
  (norm: BatchNorm): Step =>
  ({ data, shape }) => {
    const { center, scale, shift } = norm.toAffine();
    const l = data.length / (shape[0]! * norm.channels);
    const y = data.map((x, at) => {
      const i = Math.floor(at / l) % norm.channels;
      return plus(times(plus(x, -center[i]!), scale[i]!), shift[i]!);
    });
    return tensor(y, shape);
  };

const relu: Step = ({ data, shape }) =>
  tensor(
    data.map((x) => Math.max(0, x)),
    shape,
  );
const asImage: Step = ({ data, shape: [n] }) => tensor(data, [n!, 4, 8]);

const [w1, b1] = [tensor(pseudoRandom(32 * 4), [32, 4]), pseudoRandom(32)];
const [w2, b2] = [tensor(pseudoRandom(8 * 3), [8, 1, 3]), pseudoRandom(8)];
const [scaler, first, second] = [4, 32, 8].map(
  (channels) => new BatchNorm(channels, { dtype: 'float64' }),
) as [BatchNorm, BatchNorm, BatchNorm];

// Every norm learns where it is, from what reaches it.
const [linear1, conv2] = [linear(w1, b1), conv(w2, b2)];
const learning = rows.pipe(
  minibatch({ size: 50 }),
  batchNorm(scaler),
  map(linear1),
  batchNorm(first),
  map(relu),
  map(asImage),
  map(conv2),
  batchNorm(second),
);
await lastValueFrom(learning);

const layer1 = foldIntoLinear(w1, b1, scaler, { norm: 'before' });
const both1 = foldIntoLinear(layer1.weight, layer1.bias, first);
const layer2 = foldIntoConv(w2, b2, second, { groups: 4 });

const networks: Record<string, Step[]> = {
  'with norms': [applied(scaler), linear1, applied(first), relu, asImage, conv2, applied(second)],
  folded: [linear(both1.weight, both1.bias), relu, asImage, conv(layer2.weight, layer2.bias)],
};

const x = tensor((await lastValueFrom(rows.pipe(toArray()))).flat(), [1000, 4]);
const outputs = Object.entries(networks).map(([name, steps]) => {
  [multiplications, additions] = [0, 0];
  const y = steps.reduce((value, step) => step(value), x);
  console.log(
    `${name.padEnd(10)}  ${multiplications / 1000} multiplications, ${additions / 1000} additions a row`,
  );
  return y.data;
});
const [unfolded, folded] = outputs as [FloatArray, FloatArray];
const apart = Math.max(...unfolded.map((y, at) => Math.abs(y - folded[at]!)));
console.log(`largest difference of ${unfolded.length} outputs: ${apart.toExponential(1)}`);
