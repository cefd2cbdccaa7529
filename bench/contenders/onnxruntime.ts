/** onnxruntime-web, its wasm provider on one thread: a model that is one BatchNormalization. */
import { performance } from 'node:perf_hooks';
import type { BatchNorm, Tensor } from 'evenkeel';
import { toOnnx } from 'evenkeel/interop';
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import { modelOf } from '../../test/interop/onnx-model.js';
import { type Contender, sink } from '../contender.js';

export async function onnxBatchNorm(norm: BatchNorm, { data, shape }: Tensor): Promise<Contender> {
  env.wasm.numThreads = 1;
  const node = toOnnx(norm, { dtype: 'float32' });
  const session = await InferenceSession.create(modelOf({ node, shape }));
  const normalized = async (): Promise<Float32Array> => {
    const { Y } = await session.run({ X: new OrtTensor('float32', data as Float32Array, shape) });
    return Y!.data as Float32Array;
  };
  return {
    name: `onnxruntime-web ${env.versions.web}`,
    pieces: 1,
    result: normalized,
    async run(times) {
      const start = performance.now();
      for (let i = 0; i < times; i++) sink.value += (await normalized())[0]!;
      return (performance.now() - start) / 1000;
    },
  };
}
