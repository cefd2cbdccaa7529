/** A module's part of a PyTorch state dict: its tensors by their names. */
import { FormatError, OptionError } from '../errors.js';
import type { Norm } from '../normalizers/norm.js';
import type { DType } from '../tensor.js';
import { isA, valuesOf, written } from './foreign.js';
import { fromBF16, fromF16 } from './half.js';
import type { SafetensorsTensor } from './safetensors-header.js';

/** Tensors by name: what `model.state_dict()` is, as safetensors have it. */
export type StateDict = Readonly<Record<string, SafetensorsTensor>>;

type Key = 'weight' | 'bias' | 'running_mean' | 'running_var' | 'num_batches_tracked';
export type State = Readonly<Partial<Record<Key, SafetensorsTensor>>>;
export const parameterKeys: readonly Key[] = ['weight', 'bias'];
export const runningKeys: readonly Key[] = ['running_mean', 'running_var', 'num_batches_tracked'];

export function checkPrefix(prefix: unknown): void {
  if (typeof prefix !== 'string') throw new OptionError('prefix', 'a string', prefix);
}

/** What begins with the prefix, without it, in the order of the keys. @throws FormatError at what the module has not */
export function partOf(stateDict: StateDict, prefix: string, keys: readonly Key[]): State {
  const found: Record<string, SafetensorsTensor> = Object.create(null);
  for (const [name, tensor] of Object.entries(Object(stateDict)) as [string, SafetensorsTensor][]) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    if (!keys.includes(key as Key))
      throw new FormatError(`stateDict.${name}`, `named ${keys.join(', ')} behind the option prefix`, prefix);
    found[key] = tensor;
  }
  return Object.fromEntries(keys.flatMap((key) => (found[key] ? [[key, found[key]]] : [])));
}

/** The numbers of a tensor of floats. */
export function floatsOf(
  where: string,
  tensor: SafetensorsTensor,
  shape: readonly number[],
  least?: number,
): Float64Array {
  const { dtype, data } = Object(tensor) as SafetensorsTensor;
  const given = Object(tensor).shape as readonly number[];
  if (dtype === 'F64' || dtype === 'F32') return valuesOf(where, { data, shape: given }, shape, least);
  if (dtype !== 'F16' && dtype !== 'BF16')
    throw new FormatError(`${where}.dtype`, 'F64, F32, F16 or BF16', dtype);
  if (!isA<Uint16Array>('Uint16Array', data))
    throw new FormatError(`${where}.data`, 'bits, in a Uint16Array', data);
  const widened = Array.from(data, dtype === 'F16' ? fromF16 : fromBF16);
  return valuesOf(where, { data: widened, shape: given }, shape, least);
}

/** How many batches were learned from; where that was not kept, as before PyTorch 0.4.1, one that knew it all. */
export function batchesOf({ num_batches_tracked: tensor }: State): number {
  if (tensor === undefined) return 1;
  const { dtype, shape, data } = Object(tensor) as SafetensorsTensor;
  const batches: unknown = Object(data)[0];
  const single = dtype === 'I64' && Array.isArray(shape) && shape.length === 0 && data?.length === 1;
  if (single && typeof batches === 'bigint' && batches >= 0n && batches <= Number.MAX_SAFE_INTEGER)
    return Number(batches);
  throw new FormatError('num_batches_tracked', 'one I64 from 0 to 2^53 - 1, of shape []', batches);
}

/** Takes over weight and bias: gamma and beta. */
export function setParameters(norm: Norm, { weight, bias }: State, shape: readonly number[]): void {
  if (weight) norm.gamma.set(floatsOf('weight', weight, shape));
  if (bias) norm.beta.set(floatsOf('bias', bias, shape));
}

/** Tensors to be loaded. */
export function stateDictOf(
  arrays: Readonly<Record<string, readonly [values: Float64Array, shape: readonly number[]] | undefined>>,
  { prefix, dtype }: { prefix: string; dtype: DType },
  batches?: number,
): StateDict {
  const stateDict: Record<string, SafetensorsTensor> = {};
  for (const [key, array] of Object.entries(arrays)) {
    if (array === undefined) continue;
    const { data, shape } = written(key, ...array, dtype);
    stateDict[prefix + key] = {
      dtype: dtype === 'float64' ? 'F64' : 'F32',
      shape,
      data,
    } as SafetensorsTensor;
  }
  if (batches !== undefined) {
    const data = BigInt64Array.of(BigInt(batches));
    stateDict[`${prefix}num_batches_tracked`] = { dtype: 'I64', shape: [], data };
  }
  return stateDict;
}
