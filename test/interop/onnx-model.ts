/**
 * A model of one node, in the bytes that ONNX runtimes load. The field numbers are those of onnx.proto3.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
import type { OnnxExport, OnnxName } from 'evenkeel/interop';
import { PbfWriter } from 'pbf';

const FLOAT = 1;
type Writer = InstanceType<typeof PbfWriter>;
type Array32 = { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

function attribute([name, value]: [string, number], pbf: Writer): void {
  pbf.writeStringField(1, name);
  // Which of ONNX's attributes are floats, its numbers do not show: 0 may be either.
  const isFloat = name === 'epsilon' || name === 'momentum';
  if (isFloat) pbf.writeFloatField(2, value);
  else pbf.writeVarintField(3, value);
  pbf.writeVarintField(20, isFloat ? 1 : 2);
}

function initializer([name, { data, shape }]: [string, Array32], pbf: Writer): void {
  for (const size of shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, FLOAT);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, new Uint8Array(Float32Array.from(data).buffer));
}

function valueInfo({ name, shape }: { name: string; shape: readonly number[] }, pbf: Writer): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, (_, type) => type.writeMessage(1, tensorType, shape), undefined);
}
function tensorType(shape: readonly number[], pbf: Writer): void {
  pbf.writeVarintField(1, FLOAT);
  pbf.writeMessage(
    2,
    (sizes, dims) => {
      for (const size of sizes) dims.writeMessage(1, (value, dim) => dim.writeVarintField(1, value), size);
    },
    shape,
  );
}

export interface Model {
  readonly node: OnnxExport<OnnxName>;
  readonly shape: readonly number[];
  /** Beside Y. */
  readonly outputs?: readonly { name: string; shape: readonly number[] }[];
}

function graph({ node, shape, outputs = [] }: Model, pbf: Writer): void {
  const inputs = Object.entries(node.inputs);
  pbf.writeMessage(
    1,
    (_, proto) => {
      for (const name of ['X', ...inputs.map(([name]) => name)]) proto.writeStringField(1, name);
      for (const { name } of [{ name: 'Y' }, ...outputs]) proto.writeStringField(2, name);
      proto.writeStringField(4, node.opType);
      for (const entry of Object.entries(node.attributes))
        proto.writeMessage(5, attribute, entry as [string, number]);
    },
    undefined,
  );
  pbf.writeStringField(2, 'graph');
  for (const input of inputs) pbf.writeMessage(5, initializer, input);
  pbf.writeMessage(11, valueInfo, { name: 'X', shape });
  for (const output of [{ name: 'Y', shape }, ...outputs]) pbf.writeMessage(12, valueInfo, output);
}

export function modelOf(model: Model): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 10); // IR version
  pbf.writeMessage(7, graph, model);
  pbf.writeMessage(8, (version, opset) => opset.writeVarintField(2, version), Math.max(model.node.opset, 17));
  return pbf.finish();
}
