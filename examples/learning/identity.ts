/**
 * Does batch norm give its input back where gamma is its sd and beta its mean? And do gamma and beta, once trained, move?
 *
 * Claim: arXiv:1502.03167, section 3: "we make sure that the transformation inserted in the network can represent the
 * identity transform".
 */
import { BatchNorm, minibatch, normalize, unbatch } from 'evenkeel';
import { from, lastValueFrom, map, reduce } from 'rxjs';
import type { Experiment } from './finding.js';
import { Network } from './network.js';
import { batchNorm } from './norms.js';
import { learn } from './online.js';
import { shuffled } from './shuffled.js';
import { spreadOf } from './spread.js';
import { type Place, training } from './zip-codes.js';

/** The farthest any longitude or latitude comes out from itself, in degrees. */
async function farthest(): Promise<number> {
  const bn = new BatchNorm(2, { dtype: 'float64' });
  const batches = from(training).pipe(minibatch({ size: 512, features: ({ degrees }: Place) => degrees }));
  await lastValueFrom(batches.pipe(normalize(bn)));
  bn.gamma.set(bn.runningVariance.map((variance) => Math.sqrt(variance + bn.options.eps)));
  bn.beta.set(bn.runningMean);
  return lastValueFrom(
    batches.pipe(
      normalize(bn, { mode: 'eval' }),
      unbatch(),
      map(({ data, sample: { degrees } }) => Math.max(...degrees.map((x, i) => Math.abs(data[i]! - x)))),
      reduce((a, b) => Math.max(a, b)),
    ),
  );
}

export const identity: Experiment = async (quick) => {
  const error = await farthest();
  const network = new Network({ depth: 3, norm: batchNorm(1000), seed: 1 });
  await lastValueFrom(learn(network, shuffled(training, 1).slice(0, quick ? 3200 : 9600), 32, () => 0.1));
  const range = (name: 'gamma' | 'beta'): string => {
    const { least, median, most } = spreadOf(network.norms.flatMap((norm) => [...norm[name]]));
    return `${name} from ${least.toFixed(2)} to ${most.toFixed(2)}, median ${median.toFixed(2)}`;
  };
  return {
    title: 'Identity: gamma = sd and beta = mean',
    lines: [`once trained, ${range('gamma')}; ${range('beta')} (from 1 and 0)`],
    verdicts: [
      {
        claim: 'the identity is restored',
        appears: error <= 1e-12 * 180,
        by: `${training.length} places, the farthest ${error.toExponential(1)} degrees from itself`,
      },
    ],
  };
};
