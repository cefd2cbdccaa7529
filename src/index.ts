export { Moments } from './stats/moments.js';
export { type FloatArray, type Tensor, tensor } from './tensor.js';
