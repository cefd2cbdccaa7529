/** Softmax and cross-entropy: how many nats a guess is away from what was the case, and the way down. */
import { type Tensor, tensor } from 'evenkeel';

export interface Judgement {
  /** Mean over the rows, in nats. */
  readonly loss: number;
  /** Of the rows whose greatest score is another class's. */
  readonly error: number;
  /** Of the loss, with respect to the scores. */
  readonly gradient: Tensor;
}

/** @param scores `[N, classes]` */
export function judge({ data, shape }: Tensor, classes: readonly number[]): Judgement {
  const [rows = 0, width = 0] = shape;
  const gradient = new Float64Array(data.length);
  let loss = 0;
  let wrong = 0;
  classes.forEach((truth, row) => {
    const scores = data.subarray(row * width, (row + 1) * width);
    const top = Math.max(...scores);
    let sum = 0;
    for (const score of scores) sum += Math.exp(score - top);
    loss += Math.log(sum) + top - scores[truth]!;
    if (!(scores[truth] === top)) wrong++;
    for (let i = 0; i < width; i++)
      gradient[row * width + i] = (Math.exp(scores[i]! - top) / sum - (i === truth ? 1 : 0)) / rows;
  });
  return { loss: loss / rows, error: wrong / rows, gradient: tensor(gradient, shape) };
}
