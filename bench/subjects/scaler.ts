/** Batches that a StandardScaler learns, then scales, against scikit-learn's. */
import { StandardScaler } from 'evenkeel';
import { here } from '../contender.js';
import { float64 } from '../fixed-data.js';
import { startPython } from '../python.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

export const scaler = (rows: number, features: number, faster: number): Subject => ({
  name: `StandardScaler, learn and scale, float64 [${rows}, ${features}]`,
  per: 'batch',
  against: ['sklearn'],
  async measure(effort) {
    const x = float64([rows, features]);
    const sklearn = await startPython('sklearn');
    const scaler = new StandardScaler(features);
    const learnAndScale = (): ArrayLike<number> => {
      scaler.updateBatch(x);
      return scaler.infer(x).data;
    };
    // The same batch again and again leaves mean and variance where they were: so it is the same of both, however often.
    const ours = here('updateBatch + infer', { once: () => learnAndScale()[0]!, result: learnAndScale });
    const ready = new Float64Array(x.data.length);
    const intoReady = (): ArrayLike<number> => {
      scaler.updateBatch(x);
      return scaler.infer(x, ready).data;
    };
    const oursReady = here('… into a ready array', { once: () => intoReady()[0]!, result: intoReady });
    const theirs = sklearn.contender('partial_fit + transform', 'standard_scaler', [x]);
    const lines = await sideBySide(
      [
        { ours, theirs, measure: 'speed', bound: { atLeast: faster } },
        { ours: oursReady, theirs, measure: 'speed' },
      ],
      effort,
    );
    sklearn.stop();
    return lines;
  },
});
