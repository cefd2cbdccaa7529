export type { Unsaid } from './expressible.js';
export { type FromPyTorchOptions, fromPyTorch } from './from-pytorch.js';
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
export { type ToPyTorchOptions, toPyTorch } from './to-pytorch.js';
