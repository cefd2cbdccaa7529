/** All that is measured, in the order of the table, with what is wanted of it. */
import type { Subject } from './subject.js';
import { batchNormForward } from './subjects/batch-norm-forward.js';
import { batchNormInfer } from './subjects/batch-norm-infer.js';
import { rowsPipeline, samplesPipeline } from './subjects/batch-norm-pipeline.js';
import { bundle } from './subjects/bundle.js';
import { growth } from './subjects/growth.js';
import { heapAtRest, importTime } from './subjects/import.js';
import { keys } from './subjects/keys.js';
import { allocation, heapOverTime, normalizers } from './subjects/memory.js';
import { normFamily } from './subjects/norm-family.js';
import { otherRuntimes } from './subjects/other-runtimes.js';
import { scaler } from './subjects/scaler.js';
import { standardizeRows } from './subjects/standardize.js';
import { windows } from './subjects/windows.js';

export const subjects: readonly Subject[] = [
  rowsPipeline(8, { incremental: 10, zScore: 1.5 }),
  rowsPipeline(64, { incremental: 15, zScore: 2.5 }),
  samplesPipeline(8),
  samplesPipeline(64),
  standardizeRows,
  batchNormForward(32, 8, 8),
  batchNormForward(64, 16, 8),
  batchNormForward(256, 64, 1),
  batchNormForward(1024, 256, 1),
  batchNormForward(4096, 1024, 1),
  batchNormInfer(1024, 256),
  scaler(64, 16, 20),
  scaler(1024, 256, 5),
  otherRuntimes(64, 16),
  otherRuntimes(1024, 256),
  ...normFamily,
  growth,
  windows,
  heapAtRest,
  heapOverTime,
  allocation,
  normalizers,
  keys,
  importTime,
  bundle,
];
