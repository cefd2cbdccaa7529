/**
 * Does batch norm's error rise as batches get small, and group norm's not? Every network sees the same places as often; the
 * learning rate is in proportion to the size of a batch, and goes down to 0.
 *
 * Claim: Y. Wu, K. He, "Group Normalization", ECCV 2018, arXiv:1803.08494, figure 1.
 */
import { lastValueFrom } from 'rxjs';
import { at, medianAt, type Point, spreadAt, tableOf } from './comparison.js';
import { comparisonChart } from './comparison-chart.js';
import type { Experiment, Verdict } from './finding.js';
import { Network } from './network.js';
import { batchNorm, groupNorm } from './norms.js';
import { learn } from './online.js';
import { shuffled } from './shuffled.js';
import { heldOut, training } from './zip-codes.js';

const norms = { 'batch norm': batchNorm(5000), 'group norm': groupNorm };

async function errorOf(kind: keyof typeof norms, size: number, seed: number, rows: number): Promise<number> {
  const network = new Network({ depth: 3, norm: norms[kind], seed });
  const rate = (step: number): number => 0.1 * (size / 32) * (1 - (step * size) / rows);
  await lastValueFrom(learn(network, shuffled(training, seed).slice(0, rows), size, rate));
  return network.test(heldOut()).error;
}

export const batchSize: Experiment = async (quick) => {
  const [seeds, rows] = quick ? [3, 1600] : [5, 6400];
  const sizes = quick ? [32, 8, 2] : [32, 16, 8, 4, 2];
  const points: Point[] = [];
  for (const kind of Object.keys(norms) as (keyof typeof norms)[]) {
    for (const size of sizes) {
      const errors: number[] = [];
      for (let seed = 1; seed <= seeds; seed++) errors.push(await errorOf(kind, size, seed, rows));
      points.push({ kind, setting: String(size), errors });
    }
  }
  return {
    title: `Batch size: 3 hidden layers, ${rows} places; error on 1000 held out, median of ${seeds} seeds (least to most)`,
    lines: tableOf(points, 'rows a batch'),
    verdicts: [rising(points, sizes), flat(points, sizes)],
    chart: comparisonChart(points, 'Error against batch size', 'rows a batch'),
  };
};

function rising(points: readonly Point[], sizes: readonly number[]): Verdict {
  const many = at(points, 'batch norm', '32');
  const rises = at(points, 'batch norm', '2').filter((error, i) => error > many[i]!).length;
  const medians = sizes.map((size) => medianAt(points, 'batch norm', String(size)));
  const steadily = medians.every((median, i) => i === 0 || median > medians[i - 1]!);
  return {
    claim: "batch norm's error rises as batches get small",
    appears: rises === many.length,
    by: `from 32 to 2 rows in ${rises} of ${many.length} seeds, ${steadily ? 'at every step' : 'not at every step'} of the way in the median`,
  };
}

/** Flat: no farther from the error at 32 rows than the seeds are from each other there. */
function flat(points: readonly Point[], sizes: readonly number[]): Verdict {
  const { least, median, most } = spreadAt(points, 'group norm', '32');
  const moved = sizes.map((size) => medianAt(points, 'group norm', String(size)) - median);
  const farthest = moved.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  return {
    claim: "group norm's does not",
    appears: farthest <= most - least,
    by: `its median moves by ${(100 * farthest).toFixed(1)} points at most; seeds at 32 rows are ${(100 * (most - least)).toFixed(1)} apart`,
  };
}
