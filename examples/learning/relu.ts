/** The rectifier, max(0, x), of each value by itself. */
import { type Tensor, tensor } from 'evenkeel';
import type { Layer } from './layer.js';

export class ReLU implements Layer {
  #y: Tensor | undefined;

  forward(x: Tensor): Tensor {
    this.#y = this.infer(x);
    return this.#y;
  }

  infer({ data, shape }: Tensor): Tensor {
    return tensor(
      data.map((x) => Math.max(0, x)),
      shape,
    );
  }

  backward({ data, shape }: Tensor): Tensor {
    const y = this.#y!.data;
    return tensor(
      data.map((dy, i) => (y[i]! > 0 ? dy : 0)),
      shape,
    );
  }

  step(): void {}
}
