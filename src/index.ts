export { Affine } from './affine.js';
export {
  BackwardError,
  ConnectionError,
  FormatError,
  FrameError,
  NotInvertibleError,
  OptionError,
  OverflowError,
  SampleError,
  type SampleErrorCode,
  ShapeError,
  StateError,
  StoreError,
} from './errors.js';
export { type FoldIntoConvOptions, foldIntoConv } from './folding/fold-into-conv.js';
export { type FoldIntoLinearOptions, foldIntoLinear } from './folding/fold-into-linear.js';
export type { Foldable, Folded } from './folding/folded.js';
export { BatchNorm, type BatchNormalized } from './normalizers/batch-norm.js';
export type { BatchNormOptions } from './normalizers/batch-norm-options.js';
export type { Gradients } from './normalizers/gradient.js';
export { GroupNorm } from './normalizers/group-norm.js';
export { InstanceNorm, type InstanceNormOptions } from './normalizers/instance-norm.js';
export { LayerNorm } from './normalizers/layer-norm.js';
export { MaxAbsScaler, type MaxAbsScalerOptions } from './normalizers/max-abs-scaler.js';
export { MinMaxScaler, type MinMaxScalerOptions } from './normalizers/min-max-scaler.js';
export type { Norm } from './normalizers/norm.js';
export type { NormOptions } from './normalizers/norm-options.js';
export type { Normalizer } from './normalizers/normalizer.js';
export type { RenormClips, RenormLimits } from './normalizers/renorm.js';
export { RMSNorm } from './normalizers/rms-norm.js';
export { RobustScaler, type RobustScalerOptions } from './normalizers/robust-scaler.js';
export type { Scaler } from './normalizers/scaler.js';
export type { ScalerOptions } from './normalizers/scaler-options.js';
export { StandardScaler } from './normalizers/standard-scaler.js';
export type { StandardScalerOptions } from './normalizers/standard-scaler-options.js';
export { type Aligned, type AlignStats, align } from './operators/align.js';
export type { AlignOptions } from './operators/align-options.js';
export type { AlignCounts } from './operators/aligner.js';
export {
  type Imputed,
  type ImputeElse,
  type ImputeOptions,
  type ImputePolicy,
  type ImputeStats,
  impute,
} from './operators/impute.js';
export type { Mended, MendOptions, MendStats } from './operators/mend-rows.js';
export { type MinibatchOptions, minibatch } from './operators/minibatch.js';
export { type Mode, type Normalized, type NormalizeOptions, normalize } from './operators/normalize.js';
export {
  batchNorm,
  type GroupNormOptions,
  groupNorm,
  instanceNorm,
  type LayerNormOptions,
  layerNorm,
  rmsNorm,
} from './operators/norms.js';
export type { Batch, Row } from './operators/operate.js';
export {
  type Limits,
  type Quarantined,
  type QuarantineOptions,
  type QuarantineReason,
  type QuarantineStats,
  quarantine,
} from './operators/quarantine.js';
export { type ReorderOptions, type ReorderStats, reorder } from './operators/reorder.js';
export { type Standardized, type StandardizeOptions, standardize } from './operators/standardize.js';
export type { ByFeature } from './operators/tally.js';
export { unbatch } from './operators/unbatch.js';
export type { Watched } from './operators/watched.js';
export type { GivenStatistics } from './running/moving-average.js';
export type { PoolMode, RunningMode } from './running/running-mode.js';
export type { Features } from './samples/features.js';
export type { PerFeature } from './samples/per-feature.js';
export type { Timestamp } from './samples/timestamp.js';
export { Extrema } from './stats/extrema.js';
export type { KnownMoments } from './stats/known-moments.js';
export { Moments } from './stats/moments.js';
export { Quantiles, type QuantileWords } from './stats/quantiles.js';
export { type DType, type FloatArray, type Tensor, tensor } from './tensor.js';
export { type Output, TensorPool, type TensorPoolOptions } from './tensor-pool.js';
