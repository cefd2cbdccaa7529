import type { NormalizeByStats } from '../../src/index.js';

/** Items that came less those that something has become of: none, at any moment. */
export const unaccounted = (stats: NormalizeByStats): number =>
  stats.items - stats.emitted - stats.withheld - stats.invalid - stats.dropped - stats.waiting;
