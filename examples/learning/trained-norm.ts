/** A norm of Evenkeel as a layer: gamma and beta go down their gradients, as the weights do. */
import type { Gradients, Normalizer, Tensor } from 'evenkeel';
import { descend } from './descend.js';
import type { Layer } from './layer.js';

/** What every norm of Evenkeel is. */
export interface LearnableNorm extends Normalizer {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
  backward(dy: Tensor): Gradients;
}

export class TrainedNorm implements Layer {
  readonly norm: LearnableNorm;
  #gradients: Gradients | undefined;

  constructor(norm: LearnableNorm) {
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
