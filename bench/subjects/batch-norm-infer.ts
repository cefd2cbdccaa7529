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
    const [fresh, copied] = [() => bn.infer(x).data, () => new Float32Array(x.data)];
    const inferFresh = here('infer', { once: () => fresh()[0]!, result: fresh });
    const copyFresh = here('copy into a fresh array', { once: () => copied()[0]!, result: copied });

    const ready = new Float32Array(x.data.length);
    const into = (): ArrayLike<number> => bn.infer(x, ready).data;
    const copy = (): ArrayLike<number> => {
      ready.set(x.data);
      return ready;
    };
    const inferReady = here('infer into a ready one', { once: () => into()[0]!, result: into });
    const copyReady = here('copy into a ready array', { once: () => copy()[0]!, result: copy });

    const common = {
      sameAs: { name: 'x', result: () => x.data },
      measure: 'speed',
      bound: { atLeast: 0.5 },
    } as const;
    return sideBySide(
      [
        { ours: inferReady, theirs: copyReady, ...common },
        { ours: inferFresh, theirs: copyFresh, ...common },
        { ours: inferFresh, theirs: copyReady, ...common },
      ],
      effort,
    );
  },
});
