/** Batch norm at test time, against a copy of the same bytes. */
import { BatchNorm } from 'evenkeel';
import { here } from '../contender.js';
import { float32 } from '../fixed-data.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

export const batchNormInfer = (rows: number, channels: number): Subject => ({
  name: `BatchNorm.infer, float32 [${rows}, ${channels}]`,
  per: 'batch',
  against: ['copy'],
  measure(effort) {
    const x = float32([rows, channels]);
    const bn = new BatchNorm(channels);
    bn.forward(x);
    const ours = here('infer', { once: () => bn.infer(x).data[0]!, result: () => bn.infer(x).data });

    const ready = new Float32Array(x.data.length);
    const copy = (): Float32Array => {
      ready.set(x.data);
      return ready;
    };
    const intoReady = here('copy into a ready array', { once: () => copy()[0]!, result: copy });
    const intoFresh = here('copy into a fresh array', {
      once: () => new Float32Array(x.data)[0]!,
      result: () => new Float32Array(x.data),
    });
    const copied = { name: 'x', result: () => x.data };
    return sideBySide(
      [
        { ours, theirs: intoReady, sameAs: copied, measure: 'speed', bound: { atLeast: 0.5 } },
        { ours, theirs: intoFresh, sameAs: copied, measure: 'speed', bound: { atLeast: 0.5 } },
      ],
      effort,
    );
  },
});
