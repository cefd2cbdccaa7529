/** A network: layers, one after the other, trained by the batch. */
import type { Batch, Norm, Tensor } from 'evenkeel';
import { gaussian } from '../../test/oracle/hard-data.js';
import { type Judgement, judge } from './cross-entropy.js';
import { Dense } from './dense.js';
import type { Layer } from './layer.js';
import { ReLU } from './relu.js';
import { TrainedNorm } from './trained-norm.js';
import type { Place } from './zip-codes.js';

export const width = 24;

export interface Plan {
  /** Hidden layers. */
  readonly depth: number;
  /** The norm of each hidden layer; none: a plain network. */
  readonly norm?: (() => Norm) | undefined;
  /** Weights are drawn so many times as large as He et al. 2015 would, arXiv:1502.01852. */
  readonly gain?: number;
  readonly seed: number;
}

export class Network {
  readonly norms: readonly Norm[];
  readonly #layers: readonly Layer[];

  /** Each hidden layer is placed as Ioffe and Szegedy place it: linear, norm, activation. */
  constructor({ depth, norm, gain = 1, seed }: Plan) {
    const normal = gaussian(seed);
    const dense = (inputs: number, outputs: number): Dense =>
      new Dense(inputs, outputs, () => gain * Math.sqrt(2 / inputs) * normal());
    const norms: Norm[] = [];
    const hidden = Array.from({ length: depth }, (_, i): Layer[] => {
      const linear = dense(i === 0 ? 2 : width, width);
      if (!norm) return [linear, new ReLU()];
      const placed = norm();
      norms.push(placed);
      return [linear, new TrainedNorm(placed), new ReLU()];
    });
    this.#layers = [...hidden.flat(), dense(width, 10)];
    this.norms = norms;
  }

  /** One step of gradient descent. */
  learn(batch: Batch<Place>, rate: number): Judgement {
    const scores = this.#layers.reduce<Tensor>((x, layer) => layer.forward(x), batch);
    const judgement = judge(scores, regionsOf(batch));
    this.#layers.reduceRight((dy, layer) => layer.backward(dy), judgement.gradient);
    for (const layer of this.#layers) layer.step(rate);
    return judgement;
  }

  /** How it does at test time. */
  test(batch: Batch<Place>): Judgement {
    const scores = this.#layers.reduce<Tensor>((x, layer) => layer.infer(x), batch);
    return judge(scores, regionsOf(batch));
  }
}

const regionsOf = ({ samples }: Batch<Place>): number[] => samples.map(({ region }) => region);
