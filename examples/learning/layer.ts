/** What a network is made of: a step there, and the way back. */
import type { Tensor } from 'evenkeel';

export interface Layer {
  /** In training. */
  forward(x: Tensor): Tensor;
  /** At test time. */
  infer(x: Tensor): Tensor;
  /** The gradient with respect to the last x, from that with respect to its y; what the layer learns from it is kept for `step`. */
  backward(dy: Tensor): Tensor;
  /** Goes down the last gradient. */
  step(rate: number): void;
}
