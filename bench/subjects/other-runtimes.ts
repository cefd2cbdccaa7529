/** Batch norm in the runtimes that models run in: tfjs and onnxruntime, both in wasm, and NumPy. */
import { BatchNorm } from 'evenkeel';
import { here } from '../contender.js';
import { float32 } from '../fixed-data.js';
import { startPython } from '../python.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

export const otherRuntimes = (rows: number, channels: number): Subject => ({
  name: `BatchNorm beside other runtimes, float32 [${rows}, ${channels}]`,
  per: 'batch',
  against: ['tfjs', 'onnxruntime-web', 'numpy'],
  async measure(effort) {
    // Only now: no other subject's heap is to hold them.
    const { onnxBatchNorm } = await import('../contenders/onnxruntime.js');
    const { tfjsBatchNorm } = await import('../contenders/tfjs.js');
    const x = float32([rows, channels]);
    const numpy = await startPython('numpy');
    const learning = new BatchNorm(channels);
    const learned = new BatchNorm(channels, { running: { momentum: 0.1 }, runningDdof: 0, minValues: 1 }); // ONNX's
    learned.forward(float32([rows, channels], 2));
    const forward = here('forward', {
      once: () => learning.forward(x).data[0]!,
      result: () => learning.forward(x).data,
    });
    const infer = here('infer', {
      once: () => learned.infer(x).data[0]!,
      result: () => learned.infer(x).data,
    });
    const common = { measure: 'speed', tolerance: 1e-5 } as const;
    const lines = await sideBySide(
      [
        { ours: forward, theirs: await tfjsBatchNorm(x), ...common },
        { ours: forward, theirs: numpy.contender('z-score', 'z_score', [x]), ...common },
        { ours: infer, theirs: await onnxBatchNorm(learned, x), ...common },
      ],
      effort,
    );
    numpy.stop();
    return lines;
  },
});
