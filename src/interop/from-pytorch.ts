/** From PyTorch: a module's tensors, by their names in a state dict, and what the module is made with. */
import { FormatError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { GroupNorm } from '../normalizers/group-norm.js';
import { InstanceNorm } from '../normalizers/instance-norm.js';
import { LayerNorm } from '../normalizers/layer-norm.js';
import { RMSNorm } from '../normalizers/rms-norm.js';
import { knownOptions } from '../options.js';
import type { Unsaid } from './expressible.js';
import { choiceOf, nameOf, numberOf, recordOf, shapeOf, sizesOf, wholeOf } from './foreign.js';
import type { PyTorchArguments, PyTorchName, PyTorchNorms } from './pytorch-module.js';
import {
  batchesOf,
  checkPrefix,
  floatsOf,
  parameterKeys,
  partOf,
  runningKeys,
  type State,
  type StateDict,
  setParameters,
} from './pytorch-state.js';

export interface FromPyTorchOptions extends Unsaid {
  /** Which module of a whole model: what the names of its tensors begin with, such as `'layers.1.'`; none by default. */
  readonly prefix?: string;
}

/** The tensors of a module that may have these. */
type Part = (keys: readonly (keyof State)[]) => State;
const EPS = 1e-5;

/** The sizes of a module: those of its first tensor, or, where it has none, those it is made with. */
function axesOf(where: string, given: unknown, state: State, rank?: number): readonly number[] {
  const [key, tensor] = Object.entries(state)[0] ?? [];
  if (key === undefined) return sizesOf(where, given);
  const shape = shapeOf(key, tensor, rank);
  if (given === undefined) return shape;
  const claimed = sizesOf(where, given);
  if (claimed.length === shape.length && claimed.every((size, i) => size === shape[i])) return shape;
  throw new FormatError(where, `[${shape.join(', ')}], as the tensors are`, claimed);
}

/** Whether weight, and with it bias, is there; as it is said to be, if it is. */
function isAffine(where: string, given: unknown, { weight, bias }: State, hasBias = true): boolean {
  const affine = choiceOf(where, given, [weight !== undefined]);
  if ((bias !== undefined) === (affine && hasBias)) return affine;
  throw new FormatError('bias', affine && hasBias ? 'there, as weight is' : 'absent', bias);
}

const channelwise = ['num_features', 'eps', 'momentum', 'affine', 'track_running_stats'] as const;
const trailing = ['normalized_shape', 'eps', 'elementwise_affine'] as const;

function batchNorm(given: unknown, part: Part, unsaid: Unsaid): BatchNorm {
  const args = recordOf('arguments', given, channelwise);
  const state = part([...parameterKeys, ...runningKeys]);
  choiceOf('arguments.track_running_stats', args.track_running_stats, [true]); // infer has nothing else
  if (!state.running_mean) throw new FormatError('running_mean', 'there', undefined);
  const shape = axesOf('arguments.num_features', args.num_features, state, 1);
  const running =
    args.momentum === null
      ? 'average'
      : { momentum: numberOf('arguments.momentum', args.momentum, 0.1, 0, 1) };
  const norm = new BatchNorm(shape[0]!, {
    ...unsaid,
    eps: numberOf('arguments.eps', args.eps, EPS),
    affine: isAffine('arguments.affine', args.affine, state),
    running,
  });
  if (running === 'average' && !state.num_batches_tracked)
    throw new FormatError('num_batches_tracked', 'there for an average of all batches', undefined);
  setParameters(norm, state, shape);
  setRunning(norm, state, shape);
  return norm;
}

function setRunning(norm: BatchNorm | InstanceNorm, state: State, shape: readonly number[]): void {
  norm.setRunning({
    mean: floatsOf('running_mean', state.running_mean!, shape),
    variance: floatsOf('running_var', state.running_var!, shape, 0),
    batches: batchesOf(state),
  });
}

function instanceNorm(given: unknown, part: Part, unsaid: Unsaid): InstanceNorm {
  const args = recordOf('arguments', given, channelwise);
  const state = part([...parameterKeys, ...runningKeys]);
  const shape = axesOf('arguments.num_features', args.num_features, state, 1);
  const tracked = state.running_mean !== undefined;
  const norm = new InstanceNorm(shape[0]!, {
    ...unsaid,
    eps: numberOf('arguments.eps', args.eps, EPS),
    affine: isAffine('arguments.affine', args.affine, state),
    trackRunningStats: choiceOf('arguments.track_running_stats', args.track_running_stats, [tracked]),
    momentum: numberOf('arguments.momentum', args.momentum, 0.1, 0, 1),
  });
  setParameters(norm, state, shape);
  if (tracked) setRunning(norm, state, shape);
  else refuseOrphans(state);
  return norm;
}

/** Running statistics come together, or not at all. */
function refuseOrphans(state: State): void {
  const key = runningKeys.find((name) => state[name] !== undefined);
  if (key) throw new FormatError(key, 'absent, as running_mean is', state[key]);
}

function layerNorm(given: unknown, part: Part, unsaid: Unsaid): LayerNorm {
  const args = recordOf('arguments', given, [...trailing, 'bias']);
  const state = part(parameterKeys);
  const shape = axesOf('arguments.normalized_shape', args.normalized_shape, state);
  const hasBias =
    state.weight === undefined || choiceOf('arguments.bias', args.bias, [state.bias !== undefined]);
  const norm = new LayerNorm(shape, {
    ...unsaid,
    eps: numberOf('arguments.eps', args.eps, EPS),
    affine: isAffine('arguments.elementwise_affine', args.elementwise_affine, state, hasBias),
  });
  setParameters(norm, state, shape);
  return norm;
}

function rmsNorm(given: unknown, part: Part, unsaid: Unsaid): RMSNorm {
  const args = recordOf('arguments', given, trailing);
  const state = part(['weight']);
  const shape = axesOf('arguments.normalized_shape', args.normalized_shape, state);
  const norm = new RMSNorm(shape, {
    ...unsaid,
    eps: numberOf('arguments.eps', args.eps, undefined), // PyTorch's own is of the input's dtype
    affine: isAffine('arguments.elementwise_affine', args.elementwise_affine, state, false),
  });
  setParameters(norm, state, shape);
  return norm;
}

function groupNorm(given: unknown, part: Part, unsaid: Unsaid): GroupNorm {
  const args = recordOf('arguments', given, ['num_groups', 'num_channels', 'eps', 'affine']);
  const state = part(parameterKeys);
  const shape = axesOf('arguments.num_channels', args.num_channels, state, 1);
  const groups = wholeOf('arguments.num_groups', args.num_groups, 1);
  if (shape[0]! % groups !== 0)
    throw new FormatError('arguments.num_groups', `a divisor of ${shape[0]} channels`, groups);
  const norm = new GroupNorm(groups, shape[0]!, {
    ...unsaid,
    eps: numberOf('arguments.eps', args.eps, EPS),
    affine: isAffine('arguments.affine', args.affine, state),
  });
  setParameters(norm, state, shape);
  return norm;
}

const readers: {
  readonly [M in PyTorchName]: (given: unknown, part: Part, unsaid: Unsaid) => PyTorchNorms[M];
} = {
  BatchNorm: batchNorm,
  InstanceNorm: instanceNorm,
  LayerNorm: layerNorm,
  RMSNorm: rmsNorm,
  GroupNorm: groupNorm,
};

/**
 * A norm from a PyTorch module. A state dict has neither eps nor momentum nor groups: these are the module's arguments, by
 * PyTorch's names and with its defaults. Whether there are parameters and running statistics is told by the tensors.
 *
 * A momentum weighs the new, as here; null is `'average'`. The running variance is unbiased (`runningDdof` 1). Tensors are F64,
 * F32, F16 or BF16. What no module says, `dtype` and `missing`, is an option.
 *
 * @throws FormatError at what is not such a module, or not one that normalizes by these statistics
 *   (`track_running_stats=False`); OptionError
 * @example
 * import { tensor } from 'evenkeel';
 * import { fromPyTorch, readSafetensors, writeSafetensors } from 'evenkeel/interop';
 * const numbers = (...data: number[]) => ({ dtype: 'F32', shape: [1], data: Float32Array.from(data) }) as const;
 * const file = writeSafetensors({ 'norm.running_mean': numbers(20), 'norm.running_var': numbers(25) });
 *
 * const { tensors: stateDict } = readSafetensors(file);
 * const bn = fromPyTorch({ module: 'BatchNorm', arguments: { eps: 0 }, stateDict }, { prefix: 'norm.' });
 * console.log(bn.infer(tensor([30], [1, 1])).data); // Float32Array(1) [ 2 ]
 */
export function fromPyTorch<M extends PyTorchName>(
  module: { readonly module: M; readonly arguments?: PyTorchArguments[M]; readonly stateDict: StateDict },
  options: FromPyTorchOptions = {},
): PyTorchNorms[M] {
  const { prefix = '', ...unsaid } = knownOptions('options', options, ['prefix', 'dtype', 'missing']);
  checkPrefix(prefix);
  const {
    module: name,
    arguments: given = {},
    stateDict,
  } = recordOf('module', module, ['module', 'arguments', 'stateDict']);
  const read = readers[nameOf('module', name, Object.keys(readers) as M[])];
  return read(given, (keys) => partOf(stateDict as StateDict, prefix, keys), unsaid);
}
