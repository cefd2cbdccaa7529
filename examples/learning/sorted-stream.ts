/**
 * What if neighbours come together? Runs of postal codes that follow each other, a few to a batch: fewer runs, fewer
 * regions. Batch norm takes the batch for the world; renormalization corrects it by what it has seen before. Unlike in the
 * article, batch norm fails in training already: where a run lies is just what normalizing it takes away.
 *
 * Claim: S. Ioffe, "Batch Renormalization", NeurIPS 2017, arXiv:1702.03275, section 4.3. The schedule is its too, in small:
 * batch norm at first, then limits that are relaxed.
 */
import { BatchNorm, type GroupNorm, type RenormLimits } from 'evenkeel';
import { at, medianAt, type Point, tableOf } from './comparison.js';
import { comparisonChart } from './comparison-chart.js';
import type { Experiment, Verdict } from './finding.js';
import { Network } from './network.js';
import { batchNorm, batchRenorm, groupNorm } from './norms.js';
import { learn } from './online.js';
import { shuffled } from './shuffled.js';
import { spreadOf } from './spread.js';
import { heldOut, type Place, training } from './zip-codes.js';

const size = 32;
/** Rows a run, each of which is of codes that follow each other. */
const arrangements = { 'rows shuffled': 1, '4 runs': 8, '2 runs': 16, '1 run': 32 };
type Arrangement = keyof typeof arrangements;
const apart: Arrangement = 'rows shuffled';
const together: Arrangement = '1 run';

interface Kind {
  readonly norm: () => BatchNorm | GroupNorm;
  /** What the limits are relaxed to. */
  readonly limits?: RenormLimits;
}
const kinds: Record<string, Kind> = {
  'batch norm': { norm: batchNorm(5000) },
  'renorm, r to 3': { norm: batchRenorm(5000), limits: { rMax: 3, dMax: 5 } }, // the paper's
  'renorm, r to 100': { norm: batchRenorm(5000), limits: { rMax: 100, dMax: 5 } },
  'group norm': { norm: groupNorm },
};

interface Run extends Point {
  /** In how many of the batches, of those after the limits were relaxed, r was clipped in a channel of the first layer. */
  readonly clipped: number;
  /** On the batches themselves, as it learned from the last tenth of them. */
  readonly learning: number;
}

/** The places in runs, the runs shuffled. */
function inRuns(length: number, seed: number): Place[] {
  const runs = Array.from({ length: Math.floor(training.length / length) }, (_, i) =>
    training.slice(i * length, (i + 1) * length),
  );
  return shuffled(runs, seed).flat();
}

/** Batch norm for a tenth of the way, then relaxed up to three tenths. */
function limitsAt(progress: number, { rMax, dMax }: RenormLimits): RenormLimits {
  const relaxed = Math.min(Math.max((progress - 0.1) / 0.2, 0), 1);
  return { rMax: 1 + (rMax - 1) * relaxed, dMax: dMax * relaxed };
}

const mean = (values: Float64Array | readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

async function run({ norm, limits }: Kind, places: readonly Place[], seed: number) {
  const network = new Network({ depth: 3, norm, seed });
  const norms = network.norms.filter((placed) => placed instanceof BatchNorm);
  const steps = places.length / size;
  const relaxed = Math.ceil(0.3 * steps);
  let step = 0;
  let before = 0;
  const last: number[] = [];
  await learn(network, places, size, (at) => 0.1 * (1 - at / steps)).forEach(({ error }) => {
    step++;
    if (step > 0.9 * steps) last.push(error);
    if (limits) for (const placed of norms) placed.setRenorm(limitsAt(step / steps, limits));
    if (limits && step === relaxed) before = mean(norms[0]!.renormClips.r);
  });
  const clipped = limits ? (mean(norms[0]!.renormClips.r) - before) / (step - relaxed) : 0;
  return { error: network.test(heldOut()).error, clipped, learning: mean(last) };
}

export const sortedStream: Experiment = async (quick) => {
  const [seeds, rows] = quick ? [3, 3200] : [5, 9600];
  const settings = quick ? [apart, together] : (Object.keys(arrangements) as Arrangement[]);
  const runs: Run[] = [];
  for (const [kind, how] of Object.entries(kinds)) {
    for (const setting of settings) {
      const results: Awaited<ReturnType<typeof run>>[] = [];
      for (let seed = 1; seed <= seeds; seed++)
        results.push(await run(how, inRuns(arrangements[setting], seed).slice(0, rows), seed));
      const errors = results.map(({ error }) => error);
      const median = (of: 'clipped' | 'learning'): number => spreadOf(results.map((r) => r[of])).median;
      runs.push({ kind, setting, errors, clipped: median('clipped'), learning: median('learning') });
    }
  }
  return {
    title: `Sorted stream: 3 hidden layers, ${rows} places in batches of ${size}; error on 1000 held out, median of ${seeds} seeds (least to most)`,
    lines: [...tableOf(runs, 'a batch is of'), ...aside(runs)],
    verdicts: [failing(runs), recovering(runs, 'renorm, r to 3'), recovering(runs, 'renorm, r to 100')],
    chart: comparisonChart(runs, 'Error where neighbours come together', 'a batch is of'),
  };
};

function shares(runs: readonly Run[], kind: string, of: 'clipped' | 'learning'): string {
  const own = runs.filter((r) => r.kind === kind);
  return own.map((r) => `${(100 * r[of]).toFixed(0)}% (${r.setting})`).join(', ');
}

const aside = (runs: readonly Run[]): string[] => [
  `batch norm, on the last batches it learns from: wrong in ${shares(runs, 'batch norm', 'learning')}`,
  ...['renorm, r to 3', 'renorm, r to 100'].map(
    (kind) => `${kind}: renormClips, first layer: r clipped in ${shares(runs, kind, 'clipped')} of batches`,
  ),
];

function failing(runs: readonly Run[]): Verdict {
  const before = at(runs, 'batch norm', apart);
  const after = at(runs, 'batch norm', together);
  const failures = after.filter((error, i) => error >= 2 * before[i]!).length;
  return {
    claim: 'batch norm fails where neighbours come together',
    appears: failures === after.length,
    by: `one run a batch at least doubles its error in ${failures} of ${after.length} seeds`,
  };
}

/** Recovered: at least half of what batch norm loses. */
function recovering(runs: readonly Run[], kind: string): Verdict {
  const none = medianAt(runs, 'batch norm', apart);
  const shares = runs
    .filter((r) => r.kind === kind && r.setting !== apart)
    .map(({ setting, errors }) => {
      const lost = medianAt(runs, 'batch norm', setting);
      return { setting, share: (lost - spreadOf(errors).median) / (lost - none) };
    });
  return {
    claim: `${kind}: recovers at least half of that`,
    appears: shares.every(({ share }) => share >= 0.5),
    by: `of what batch norm loses, ${shares.map(({ setting, share }) => `${(100 * share).toFixed(0)}% (${setting})`).join(', ')}`,
  };
}
