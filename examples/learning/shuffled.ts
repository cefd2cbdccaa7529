/** An order that is drawn again the same, from a seed. */
import { uniform } from '../../test/oracle/hard-data.js';

/** The same values in another order, each as likely: Fisher and Yates. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const next = uniform(seed);
  const out = [...values];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
