/** Group normalization: one statistic a sample and group of channels. */
import { OptionError } from '../errors.js';
import { wholeFromJSON } from '../json.js';
import { channelCount, positiveInteger, settle } from '../options.js';
import { type Tensor, viewOf } from '../tensor.js';
import type { Sharing } from './gradient.js';
import { Norm, restore } from './norm.js';
import { type NormOptions, normChecks } from './norm-options.js';

/**
 * Group normalization of `[N, C, …positions]`: the channels of a sample in so many groups of neighbours, each normalized by
 * its own mean and biased variance, then scaled and shifted channel by channel. One group: every sample by itself; as many
 * groups as channels: instance norm. It has no memory, and does not know how large a batch is: `infer` is `forward`. A group
 * of one value maps to beta.
 *
 * Missing values (NaN) are refused by default; see the option `missing`. Infinities are always refused.
 *
 * Source: Y. Wu, K. He, "Group Normalization", ECCV 2018, arXiv:1803.08494.
 *
 * @example
 * import { GroupNorm, tensor } from 'evenkeel';
 * const gn = new GroupNorm(2, 4, { eps: 0 });
 * console.log(gn.forward(tensor([1, 3, 500, 100], [1, 4])).data); // Float32Array(4) [ -1, 1, 1, -1 ]
 */
export class GroupNorm extends Norm {
  protected readonly kind = 'GroupNorm';
  readonly groups: number;
  readonly channels: number;

  /**
   * @param groups how many; they divide the channels
   * @throws OptionError naming the option that cannot be used
   */
  constructor(groups: number, channels: number, options: NormOptions = {}) {
    super(channelCount('channels', channels), settle(normChecks, options));
    this.groups = positiveInteger('groups', groups);
    this.channels = channels;
    if (channels % groups !== 0) throw new OptionError('groups', `a divisor of ${channels} channels`, groups);
  }

  protected sharing(x: Tensor): Sharing {
    const parameters = viewOf(x, this.channels);
    const c = parameters.n * this.groups;
    return { statistics: { n: 1, c, l: x.data.length / c }, parameters };
  }

  protected own(): object {
    return { groups: this.groups, channels: this.channels };
  }

  /** @throws StateError if `json` is not the state of a `GroupNorm`, naming what was expected and what came */
  static fromJSON(json: unknown): GroupNorm {
    const channels = (state: Record<string, unknown>): number =>
      wholeFromJSON('GroupNorm.channels', state['channels'], 1);
    return restore('GroupNorm', normChecks, json, channels, (state, options) => {
      const groups = wholeFromJSON('GroupNorm.groups', state['groups'], 1);
      return new GroupNorm(groups, channels(state), options);
    });
  }
}
