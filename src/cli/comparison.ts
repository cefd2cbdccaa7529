/** With what the latest rows are compared. */
import { DriftMonitor } from '../drift/drift-monitor.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { Moments } from '../stats/moments.js';
import type { Learned } from './learned.js';

/** What was learned of all rows before, where that is kept. */
function referenceOf({ normalizer }: Learned): Moments | undefined {
  if (!(normalizer instanceof BatchNorm) || normalizer.batches === 0) return undefined;
  const { running } = normalizer.toJSON() as { running: { moments?: unknown } };
  return running.moments === undefined ? undefined : Moments.fromJSON(running.moments);
}

/**
 * So many latest rows, beside those learned before this run, or else the first ones of it; where the run before was interrupted,
 * it goes on with what that compared.
 */
export function compared(learned: Learned, size: number): DriftMonitor {
  const { drift, features } = learned;
  if (drift?.size === size) return drift;
  return new DriftMonitor(features.length, { size, reference: referenceOf(learned) ?? { rows: size } });
}
