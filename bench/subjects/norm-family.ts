/** Each norm of the family on windows of 32 channels and 128 positions, there and back, against PyTorch's autograd. */
import {
  BatchNorm,
  type Gradients,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  type Norm,
  RMSNorm,
  type Tensor,
} from 'evenkeel';
import { type Contender, here } from '../contender.js';
import { float32 } from '../fixed-data.js';
import { startPython } from '../python.js';
import { type Pair, sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

const [channels, positions] = [32, 128];
const shape = [64, channels, positions];

interface Member {
  readonly norm: () => Norm;
  /** Its cases in Python. */
  readonly theirs: string;
  /** What both have gradients of beside x. */
  readonly learned: readonly ('dgamma' | 'dbeta')[];
}

const both = ['dgamma', 'dbeta'] as const;
const family: Readonly<Record<string, Member>> = {
  BatchNorm: { norm: () => new BatchNorm(channels), theirs: 'batch', learned: both },
  LayerNorm: { norm: () => new LayerNorm([channels, positions]), theirs: 'layer', learned: both },
  'GroupNorm of 8 groups': { norm: () => new GroupNorm(8, channels), theirs: 'group', learned: both },
  InstanceNorm: { norm: () => new InstanceNorm(channels), theirs: 'instance', learned: [] },
  RMSNorm: { norm: () => new RMSNorm([channels, positions]), theirs: 'rms', learned: ['dgamma'] },
};

const flat = ({ dx, ...parameters }: Gradients, learned: Member['learned']): number[] =>
  [dx.data, ...learned.map((name) => parameters[name])].flatMap((part) => Array.from(part));

function thereAndBack(norm: Norm, x: Tensor, dy: Tensor, learned: Member['learned']): Contender {
  const gradients = (): Gradients => {
    norm.forward(x);
    return norm.backward(dy);
  };
  return here('forward + backward', {
    once: () => gradients().dx.data[0]!,
    result: () => flat(gradients(), learned),
  });
}

const memberSubject = (name: string, { norm, theirs, learned }: Member): Subject => ({
  name: `${name}, float32 [${shape.join(', ')}]`,
  per: 'batch',
  against: ['torch'],
  async measure(effort) {
    const x = float32(shape, 1);
    const dy = { data: float32(shape, 2).data.map((value) => value - 3), shape }; // about 0, as gradients are
    const torch = await startPython('torch');
    const forth = norm();
    const forward = here('forward', {
      once: () => forth.forward(x).data[0]!,
      result: () => forth.forward(x).data,
    });
    const gradients = thereAndBack(norm(), x, dy, learned);
    const copy = here('copy', {
      once: () => new Float32Array(x.data)[0]!,
      result: () => new Float32Array(x.data),
    });
    const pairs: Pair[] = [
      {
        ours: forward,
        theirs: torch.contender('forward', `${theirs}_forward`, [x]),
        measure: 'speed',
        tolerance: 1e-5,
      },
      {
        ours: gradients,
        theirs: torch.contender('autograd', `${theirs}_gradients`, [x, dy]),
        measure: 'speed',
        tolerance: 1e-3, // theirs are float32's sums of up to 8192 values
      },
      ...[forward, gradients].map((ours): Pair => ({ ours, theirs: copy, sameAs: copy, measure: 'cost' })),
    ];
    const lines = await sideBySide(pairs, effort);
    torch.stop();
    return lines;
  },
});

export const normFamily: readonly Subject[] = Object.entries(family).map(([name, member]) =>
  memberSubject(name, member),
);
