/** What is emitted is what tfjs's tensors hold, by its very memory; and tfjs's own batch normalization agrees. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm, tensor } from 'evenkeel';
import { type ForeignArray, fromKeras, toKeras } from 'evenkeel/interop';
import { expect, test } from 'vitest';
import { noise, withParameters } from './norms.js';

tf.enableProdMode(); // says nothing of a faster backend
const x = tensor(Float32Array.from(noise(24, 1)), [8, 3]);

test('without a copy', () => {
  const { data, shape } = new BatchNorm(3).forward(x);
  const theirs = tf.tensor(data, [...shape]);
  expect(theirs.dataSync()).toBe(data);
  expect(theirs.shape).toEqual(shape);
  expect(theirs.dtype).toBe('float32');
});

test('tf.batchNorm of a Keras layer’s weights is infer', () => {
  const norm = withParameters(
    new BatchNorm(3, { running: { momentum: 0.5 }, runningDdof: 0, minValues: 1 }),
    2,
  );
  norm.forward(x);
  const { config, weights } = toKeras(norm, { dtype: 'float32' });
  const [gamma, beta, mean, variance] = weights.map(({ data }) => tf.tensor1d(data as Float32Array));
  const theirs = tf.batchNorm(
    tf.tensor2d(x.data as Float32Array, [8, 3]),
    mean!,
    variance!,
    beta,
    gamma,
    config['epsilon'] as number,
  );
  const ours = norm.infer(x).data;
  theirs.dataSync().forEach((value, i) => {
    expect(Math.abs(value - ours[i]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(ours[i]!)));
  });
  // And back, as tfjs gives weights: tensors whose data is read.
  const read: ForeignArray[] = [gamma, beta, mean, variance].map((weight) => ({
    data: weight!.dataSync(),
    shape: weight!.shape,
  }));
  const back = fromKeras({ class_name: 'BatchNormalization', config, weights: read });
  expect(back.runningMean).toEqual(norm.runningMean.map(Math.fround));
});
