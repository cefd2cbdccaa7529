export { Affine } from './affine.js';
export type { CheckpointStore, Generation } from './checkpoints/checkpoint-store.js';
export { MemoryStore, type MemoryStoreOptions } from './checkpoints/memory-store.js';
export { type Restored, type RestoreOptions, type Revive, restore } from './checkpoints/restore.js';
export { Adwin, type AdwinOptions } from './drift/adwin.js';
export type { DriftLevels } from './drift/alarms.js';
export type { Detector } from './drift/detector.js';
export { DriftMonitor, type DriftReading } from './drift/drift-monitor.js';
export { type DriftScores, driftOf } from './drift/drift-of.js';
export type { DriftRuleOptions } from './drift/drift-rule.js';
export { PageHinkley, type PageHinkleyOptions } from './drift/page-hinkley.js';
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
export type { KeyStore } from './keyed/key-store.js';
export type { KeyedStats } from './keyed/key-tally.js';
export { KeyedNormalizers } from './keyed/keyed-normalizers.js';
export type { KeyedOptions } from './keyed/keyed-options.js';

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
export type { Annotated, AnnotateOptions, Feature } from './operators/annotate.js';
export type { MinibatchOptions, MinibatchStats } from './operators/batching.js';
export { type ChangeStats, changePoints, type WithChanges } from './operators/change-points.js';
export {
  type Checkpointing,
  type CheckpointOptions,
  type CheckpointStats,
  checkpoint,
  type Saveable,
  type Saved,
} from './operators/checkpoint.js';
export {
  type Drift,
  type DriftEvent,
  type Drifted,
  type DriftOptions,
  type DriftStats,
  drift,
} from './operators/drift.js';
export { type EventTimeWindowOptions, eventTimeWindow } from './operators/event-time-window.js';
export {
  type Imputed,
  type ImputeElse,
  type ImputeOptions,
  type ImputePolicy,
  type ImputeStats,
  impute,
} from './operators/impute.js';
export type { Mended, MendOptions, MendStats } from './operators/mend-rows.js';
export { minibatch } from './operators/minibatch.js';
export {
  type KeyedBatch,
  type MinibatchByOptions,
  type MinibatchByStats,
  minibatchBy,
} from './operators/minibatch-by.js';
export {
  type Mode,
  type ModeOf,
  type Normalized,
  type NormalizeOptions,
  type NormalizeStats,
  type Normalizing,
  normalize,
  type Versioned,
} from './operators/normalize.js';
export {
  type NormalizeByOptions,
  type NormalizeByStats,
  type NormalizedBy,
  normalizeBy,
} from './operators/normalize-by.js';
export {
  batchNorm,
  type GroupNormOptions,
  groupNorm,
  instanceNorm,
  type LayerNormOptions,
  layerNorm,
  rmsNorm,
} from './operators/norms.js';
export { notifierWindow } from './operators/notifier-window.js';
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
export type { Standardized, StandardizeOptions } from './operators/scaling.js';
export { type SequencesOptions, sequences } from './operators/sequences.js';
export { type SessionWindowOptions, sessionWindow } from './operators/session-window.js';
export { type SlidingWindowOptions, slidingWindow } from './operators/sliding-window.js';
export { type StandardizeStats, standardize } from './operators/standardize.js';
export type { ByFeature } from './operators/tally.js';
export { type TumblingWindowOptions, tumblingWindow } from './operators/tumbling-window.js';
export { unbatch } from './operators/unbatch.js';
export type { Watched, WatchedOperator } from './operators/watched.js';
export {
  type WindowMomentsOptions,
  type WindowMomentsStats,
  type WindowOf,
  windowMoments,
} from './operators/window-moments.js';
export type { TimeWindow, WindowOptions, WindowStats } from './operators/windowed.js';
export type { GivenStatistics } from './running/moving-average.js';
export type { PoolMode, RunningMode } from './running/running-mode.js';
export type { Features } from './samples/features.js';
export type { Key, KeyOf } from './samples/key.js';
export type { PerFeature } from './samples/per-feature.js';
export type { Timestamp } from './samples/timestamp.js';
export { Extrema } from './stats/extrema.js';
export type { KnownMoments } from './stats/known-moments.js';
export { Moments } from './stats/moments.js';
export { Quantiles, type QuantileWords } from './stats/quantiles.js';
export { SeenValues } from './stats/seen-values.js';
export { WindowMoments } from './stats/window-moments.js';
export type { RowSpan, TimeSpan, WindowSpan } from './stats/window-span.js';
export { iterate } from './streams/iterate.js';
export { fromNative, type NativeObservable, toNative } from './streams/native-observable.js';
export { toAsyncIterable } from './streams/to-async-iterable.js';
export { type TransformStreamOptions, transformStream } from './streams/transform-stream.js';
export type { WaitingOptions, WaitingStats } from './streams/waiting.js';
export { type DType, type FloatArray, type Tensor, tensor } from './tensor.js';
export { type Output, TensorPool, type TensorPoolOptions } from './tensor-pool.js';
