/** Batch norm in training, float32 in and out, against PyTorch on one thread of the processor. */
import { BatchNorm, type BatchNormOptions, type Tensor, TensorPool } from 'evenkeel';
import { here } from '../contender.js';
import { float32 } from '../fixed-data.js';
import { startPython } from '../python.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

const forward = (name: string, x: Tensor, options: BatchNormOptions) => {
  const bn = new BatchNorm(x.shape[1]!, options);
  return here(name, { once: () => bn.forward(x).data[0]!, result: () => bn.forward(x).data });
};

/** As PyTorch takes its results from memory that was given back. */
const pooled = (name: string, x: Tensor, options: BatchNormOptions) => {
  const bn = new BatchNorm(x.shape[1]!, options);
  const pool = new TensorPool();
  const once = (): number => {
    const y = bn.forward(x, pool);
    pool.give(y);
    return y.data[0]!;
  };
  return here(name, { once, result: () => bn.forward(x).data });
};

export const batchNormForward = (rows: number, channels: number, faster: number): Subject => ({
  name: `BatchNorm.forward, float32 [${rows}, ${channels}]`,
  per: 'batch',
  against: ['torch'],
  async measure(effort) {
    const x = float32([rows, channels]);
    const torch = await startPython('torch');
    const theirs = torch.contender('F.batch_norm', 'batch_forward', [x]);
    const common = { theirs, measure: 'speed', tolerance: 1e-5 } as const;
    const bound = { atLeast: faster };
    const lines = await sideBySide(
      [
        { ours: forward('pooled', x, {}), ...common, bound },
        { ours: forward('momentum 0.1', x, { running: { momentum: 0.1 } }), ...common, bound },
        { ours: pooled('pooled, TensorPool', x, {}), ...common },
      ],
      effort,
    );
    torch.stop();
    return lines;
  },
});
