/** A dense layer, y = W x + b: `[N, in]` to `[N, out]`. */
import { type Tensor, tensor } from 'evenkeel';
import { descend } from './descend.js';
import type { Layer } from './layer.js';

export class Dense implements Layer {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly #gradient: Float64Array;
  readonly #biasGradient: Float64Array;
  readonly #in: number;
  readonly #out: number;
  #x: Tensor | undefined;

  /** @param draw a weight */
  constructor(inputs: number, outputs: number, draw: () => number) {
    this.#in = inputs;
    this.#out = outputs;
    this.weight = Float64Array.from({ length: inputs * outputs }, draw);
    this.bias = new Float64Array(outputs);
    this.#gradient = new Float64Array(this.weight.length);
    this.#biasGradient = new Float64Array(outputs);
  }

  forward(x: Tensor): Tensor {
    this.#x = x;
    return this.infer(x);
  }

  infer(x: Tensor): Tensor {
    const { data } = x;
    const { weight, bias } = this;
    const [inputs, outputs] = [this.#in, this.#out];
    const rows = x.shape[0]!;
    const y = new Float64Array(rows * outputs);
    for (let row = 0; row < rows; row++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o]!;
        for (let i = 0, w = o * inputs, at = row * inputs; i < inputs; i++)
          sum += weight[w + i]! * data[at + i]!;
        y[row * outputs + o] = sum;
      }
    }
    return tensor(y, [rows, outputs]);
  }

  backward({ data: dy, shape }: Tensor): Tensor {
    const x = this.#x!.data;
    const weight = this.weight;
    const gradient = this.#gradient.fill(0);
    const biasGradient = this.#biasGradient.fill(0);
    const [inputs, outputs] = [this.#in, this.#out];
    const rows = shape[0]!;
    const dx = new Float64Array(rows * inputs);
    for (let row = 0; row < rows; row++) {
      for (let o = 0; o < outputs; o++) {
        const g = dy[row * outputs + o]!;
        biasGradient[o]! += g;
        for (let i = 0, w = o * inputs, at = row * inputs; i < inputs; i++) {
          gradient[w + i]! += g * x[at + i]!;
          dx[at + i]! += g * weight[w + i]!;
        }
      }
    }
    return tensor(dx, [rows, inputs]);
  }

  step(rate: number): void {
    descend(this.weight, this.#gradient, rate);
    descend(this.bias, this.#biasGradient, rate);
  }
}
