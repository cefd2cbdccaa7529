export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.js';
export type { SafetensorsDType, SafetensorsTensor } from './safetensors-header.js';
