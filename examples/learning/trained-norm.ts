/** A norm of Evenkeel as a layer: gamma and beta go down their gradients, as the weights do. */
import type { Gradients, Norm, Tensor } from 'evenkeel';
import { descend } from './descend.js';
import type { Layer } from './layer.js';

export class TrainedNorm implements Layer {
  readonly norm: Norm;
  #gradients: Gradients | undefined;

  constructor(norm: Norm) {
    this.norm = norm;
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(x);
  }

  infer(x: Tensor): Tensor {
    return this.norm.infer(x);
  }

  backward(dy: Tensor): Tensor {
    this.#gradients = this.norm.backward(dy);
    return this.#gradients.dx;
  }

  step(rate: number): void {
    const { dgamma, dbeta } = this.#gradients!;
    descend(this.norm.gamma, dgamma, rate);
    descend(this.norm.beta, dbeta, rate);
  }
}
