/** Our norms and onnxruntime's own operators, in models made here, on the same data. */
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm, type Tensor, tensor } from 'evenkeel';
import { fromOnnx, type OnnxExport, type OnnxName, type ToOnnxOptions, toOnnx } from 'evenkeel/interop';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { noise, withParameters } from './norms.js';
import { modelOf } from './onnx-model.js';

type Node = OnnxExport<OnnxName>;

async function run(
  node: Node,
  { data, shape }: Tensor,
  ...statistics: string[]
): Promise<Record<string, Float32Array>> {
  const outputs = statistics.map((name) => ({ name, shape: [shape[1]!] }));
  const session = await InferenceSession.create(modelOf({ node, shape, outputs }));
  const results = await session.run({ X: new OrtTensor('float32', data as Float32Array, shape) });
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

/** Its arithmetic is float32's, in sums of many terms; ours ends there. */
function expectClose(theirs: ArrayLike<number>, ours: ArrayLike<number>): void {
  expect(theirs.length).toBe(ours.length);
  Array.from(theirs, (value, i) =>
    expect(Math.abs(value - ours[i]!), `at ${i}: ${value}, ${ours[i]}`).toBeLessThanOrEqual(
      1e-5 * Math.max(1, Math.abs(ours[i]!)),
    ),
  );
}

const random = (shape: readonly number[], seed: number): Tensor =>
  tensor(
    Float32Array.from(
      noise(
        shape.reduce((a, b) => a * b),
        seed,
      ),
    ),
    shape,
  );
const float32: ToOnnxOptions = { dtype: 'float32' };
const asOnnx = { running: { momentum: 0.1 }, runningDdof: 0, minValues: 1 } as const;

describe('onnxruntime’s own', () => {
  test.each([[[7, 3]], [[4, 3, 5]], [[2, 3, 4, 5]]])('BatchNormalization, of %j', async (shape) => {
    const norm = withParameters(new BatchNorm(3, { ...asOnnx, eps: 1e-3 }), 1);
    for (let seed = 2; seed < 9; seed++) norm.forward(random(shape, seed));
    const x = random(shape, 10);
    const { Y } = await run(toOnnx(norm, float32), x);
    expectClose(Y!, norm.infer(x).data);
  });

  test('BatchNormalization as it trains: momentum and variance too', async () => {
    const norm = withParameters(new BatchNorm(3, { ...asOnnx, running: { momentum: 0.25 } }), 1);
    norm.forward(random([4, 3, 5], 2));
    const node = toOnnx(norm, { ...float32, trainingMode: true });
    const x = random([4, 3, 5], 3);
    const { Y, M, V } = await run(node, x, 'M', 'V');
    expectClose(Y!, norm.forward(x).data);
    expectClose(M!, norm.runningMean);
    expectClose(V!, norm.runningVariance);
  });

  const cases: [string, { infer(x: Tensor): Tensor; toJSON(): unknown }, () => Node, readonly number[]][] = (
    [
      [withParameters(new LayerNorm(6), 1), [5, 6]],
      [withParameters(new LayerNorm([2, 3], { eps: 1e-2 }), 1), [4, 2, 3]],
      [withParameters(new InstanceNorm(3, { affine: true }), 1), [2, 3, 4, 5]],
      [withParameters(new GroupNorm(2, 6), 1), [3, 6, 4]],
    ] as const
  ).map(([norm, shape]) => [norm.constructor.name, norm, () => toOnnx(norm as LayerNorm, float32), shape]);
  test.each(cases)('%s %#', async (_, norm, node, shape) => {
    const x = random(shape, 5);
    const { Y } = await run(node(), x);
    expectClose(Y!, norm.infer(x).data);
  });

  test('RMSNormalization', async () => {
    const norm = withParameters(new RMSNorm(6), 1);
    norm.beta.fill(0);
    const x = random([5, 6], 5);
    const { Y } = await run(toOnnx(norm, float32), x);
    expectClose(Y!, norm.infer(x).data);
  });

  test('model’s norm, read: the same as what it was', async () => {
    const norm = withParameters(new BatchNorm(2, asOnnx), 1);
    norm.forward(random([9, 2], 2));
    const node = toOnnx(norm, float32);
    const x = random([9, 2], 3);
    expectClose((await run(node, x))['Y']!, fromOnnx(node).infer(x).data);
  });
});

describe('without a copy', () => {
  test('an emitted tensor is onnxruntime’s, by its very memory', () => {
    const { data, shape } = new BatchNorm(3).forward(random([4, 3], 1));
    const theirs = new OrtTensor('float32', data as Float32Array, shape);
    expect(theirs.data).toBe(data);
    expect(theirs.dims).toEqual(shape);
  });
});
