export { Affine } from './affine.js';
export {
  BackwardError,
  ConnectionError,
  FormatError,
  FrameError,
  NotInvertibleError,
  OptionError,
  SampleError,
  type SampleErrorCode,
  ShapeError,
  StateError,
} from './errors.js';
export { BatchNorm, type BatchNormalized } from './normalizers/batch-norm.js';
export type { BatchNormOptions } from './normalizers/batch-norm-options.js';
export type { Normalizer } from './normalizers/normalizer.js';
export { type MinibatchOptions, minibatch } from './operators/minibatch.js';
export { batchNorm, type Mode, type Normalized, normalize } from './operators/normalize.js';
export type { Batch } from './operators/operate.js';
export { type Row, unbatch } from './operators/unbatch.js';
export type { RunningMode } from './running/running-mode.js';
export type { Features } from './samples/features.js';
export { Moments } from './stats/moments.js';
export { type DType, type FloatArray, type Tensor, tensor } from './tensor.js';
