export type { Unsaid } from './expressible.js';
export type { ForeignArray } from './foreign.js';
export { type FromKerasOptions, fromKeras } from './from-keras.js';
export { fromOnnx } from './from-onnx.js';
export { type FromPyTorchOptions, fromPyTorch } from './from-pytorch.js';
export { fromSklearn } from './from-sklearn.js';
export type {
  ForeignLayer,
  KerasConfig,
  KerasLayer,
  KerasName,
  KerasNameOf,
  KerasNorms,
} from './keras-layer.js';
export type { OnnxAttributes, OnnxName, OnnxNameOf, OnnxNode, OnnxNorms } from './onnx-node.js';
export type {
  PyTorchArguments,
  PyTorchModule,
  PyTorchName,
  PyTorchNameOf,
  PyTorchNorms,
} from './pytorch-module.js';
export type { StateDict } from './pytorch-state.js';
export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.js';
export type { SafetensorsDType, SafetensorsTensor } from './safetensors-header.js';
export type {
  SklearnAttributes,
  SklearnJSON,
  SklearnName,
  SklearnNameOf,
  SklearnScalers,
  WritableScalers,
} from './sklearn-scaler.js';
export { type ToKerasOptions, toKeras } from './to-keras.js';
export { type OnnxExport, type ToOnnxOptions, toOnnx } from './to-onnx.js';
export { type ToPyTorchOptions, toPyTorch } from './to-pytorch.js';
export { toSklearn } from './to-sklearn.js';
