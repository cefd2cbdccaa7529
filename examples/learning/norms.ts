/** The norms that are compared. */
import { BatchNorm, GroupNorm } from 'evenkeel';
import { width } from './network.js';

/**
 * The running statistics forget, as the weights before a layer move on; by rows, so that it means the same whatever the size
 * of a batch.
 */
export const batchNorm = (halfLifeRows: number) => (): BatchNorm =>
  new BatchNorm(width, { running: { halfLifeRows }, dtype: 'float64' });

/** Batch renormalization starts as batch norm; its limits are relaxed later. */
export const batchRenorm = (halfLifeRows: number) => (): BatchNorm =>
  new BatchNorm(width, { running: { halfLifeRows }, dtype: 'float64', renorm: { rMax: 1, dMax: 0 } });

/** In groups of four. */
export const groupNorm = (): GroupNorm => new GroupNorm(width / 4, width, { dtype: 'float64' });
