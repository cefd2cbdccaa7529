/**
 * Where the values that share a statistic are said to lie: the planes of a location, of C statistics, and two more: of how
 * many values the mean was taken, and the variance; 0, where it was given.
 */
import type { Running } from '../running/running.js';

export const MEAN_OF = 3;
export const VARIANCE_OF = 4;
export const PLACEMENT_PLANES = 5;

/** One for all, as wide as the last one; nothing is written to what only a placement of values has. */
let spare = new Float64Array(0);

/** Where they lie by statistics that were given. Good until the next is asked for. */
export function givenPlacement(running: Running, channels: number): Float64Array {
  if (spare.length !== PLACEMENT_PLANES * channels) spare = new Float64Array(PLACEMENT_PLANES * channels);
  running.locate(spare);
  return spare;
}
