/** tfjs, its wasm back end on one thread: what a stream does with it, from data to data. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from 'evenkeel';
import { type Contender, here } from '../contender.js';

/** The moments of the batch, then batchNorm by them. */
export async function tfjsBatchNorm({ data, shape }: Tensor): Promise<Contender> {
  tf.enableProdMode();
  setThreadsCount(1);
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(entry)}/`);
  await tf.setBackend('wasm');
  const [rows, channels] = shape as [number, number];
  const [gamma, beta] = [tf.ones([channels]), tf.zeros([channels])] as [tf.Tensor1D, tf.Tensor1D];
  const normalized = (): Float32Array => {
    const y = tf.tidy(() => {
      const x = tf.tensor2d(data as Float32Array, [rows, channels]);
      const { mean, variance } = tf.moments(x, 0) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
      return tf.batchNorm2d(x, mean, variance, beta, gamma, 1e-5);
    });
    const read = y.dataSync<'float32'>(); // not within tidy, which looks at every value for a tensor
    y.dispose();
    return read;
  };
  return here(`tfjs ${tf.version_core} wasm moments + batchNorm`, {
    once: () => normalized()[0]!,
    result: normalized,
  });
}
