/**
 * Does batch norm reach the same loss in fewer steps, and learn where the plain network does not? The loss on places held
 * out, every ten steps, at several learning rates and initializations.
 *
 * Claim: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167, sections 3.3 and 4.
 */
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import type { Experiment, Verdict } from './finding.js';
import { Network } from './network.js';
import { batchNorm } from './norms.js';
import { learn } from './online.js';
import { shuffled } from './shuffled.js';
import { speedChart } from './speed-chart.js';
import { spreadOf } from './spread.js';
import { heldOut, training } from './zip-codes.js';

/** In nats; a network that has learned nothing is at ln 10 = 2.3. */
export const level = 0.8;
export const every = 10;
const size = 32;
const norms = { plain: undefined, 'batch norm': batchNorm(300) };
const kinds = Object.keys(norms) as (keyof typeof norms)[];

/** One network at one learning rate and initialization: a curve a seed. */
export interface Cell {
  readonly kind: keyof typeof norms;
  readonly gain: number;
  readonly rate: number;
  readonly curves: readonly (readonly number[])[];
  /** Until the level is reached, a seed; Infinity: not within the run. */
  readonly steps: readonly number[];
  /** In how many seeds the loss became no number any more. */
  readonly diverged: number;
}

const stepsOf = (curve: readonly number[]): number => {
  const at = curve.findIndex((loss) => loss <= level);
  return at < 0 ? Number.POSITIVE_INFINITY : (at + 1) * every;
};

const test = heldOut(250);

async function curveOf(
  { kind, gain, rate }: Pick<Cell, 'kind' | 'gain' | 'rate'>,
  seed: number,
  steps: number,
) {
  const network = new Network({ depth: 5, norm: norms[kind], gain, seed });
  const places = shuffled(training, seed).slice(0, steps * size);
  return lastValueFrom(
    learn(network, places, size, () => rate).pipe(
      filter((_, step) => (step + 1) % every === 0),
      map(() => network.test(test).loss),
      toArray(),
    ),
  );
}

export const speed: Experiment = async (quick) => {
  const [seeds, steps] = quick ? [3, 150] : [5, 250];
  const rates = quick ? [0.1, 0.3] : [0.01, 0.03, 0.1, 0.3, 1, 3];
  const cells: Cell[] = [];
  for (const gain of [0.1, 1, 10]) {
    for (const kind of kinds) {
      for (const rate of rates) {
        const curves: number[][] = [];
        for (let seed = 1; seed <= seeds; seed++)
          curves.push(await curveOf({ kind, gain, rate }, seed, steps));
        const diverged = curves.filter(
          (curve) => curve.length < steps / every || !Number.isFinite(curve.at(-1)),
        ).length;
        cells.push({ kind, gain, rate, curves, steps: curves.map(stepsOf), diverged });
      }
    }
  }
  return {
    title: `Speed: 5 hidden layers, minibatches of ${size}; steps until the held-out loss is ${level} nats, median of ${seeds} seeds`,
    lines: [...table(cells, rates), `–: not within ${steps} steps; ×: the loss is no number any more`],
    verdicts: [faster(cells), wider(cells)],
    chart: speedChart(cells, steps),
  };
};

export const median = ({ steps }: Cell): number => spreadOf(steps).median;

function shown(cell: Cell): string {
  if (median(cell) < Number.POSITIVE_INFINITY) return String(median(cell));
  return cell.diverged > cell.steps.length / 2 ? '×' : '–';
}

function table(cells: readonly Cell[], rates: readonly number[]): string[] {
  const row = (head: string, values: readonly unknown[]): string =>
    head.padEnd(26) + values.map((value) => String(value).padStart(7)).join('');
  const lines = [row('weights   learning rate', rates)];
  for (const gain of [0.1, 1, 10])
    for (const kind of kinds)
      lines.push(
        row(
          `× ${String(gain).padEnd(8)}${kind}`,
          cells.filter((cell) => cell.gain === gain && cell.kind === kind).map(shown),
        ),
      );
  return lines;
}

/** Where a network is fastest. */
export const best = (cells: readonly Cell[], kind: Cell['kind']): Cell =>
  cells.filter((cell) => cell.kind === kind).reduce((a, b) => (median(b) < median(a) ? b : a));

function faster(cells: readonly Cell[]): Verdict {
  const [plain, normed] = [best(cells, 'plain'), best(cells, 'batch norm')];
  const told = (cell: Cell): string => {
    const { least, median, most } = spreadOf(cell.steps);
    return `${cell.kind} ${median} steps (${least} to ${most}) at ${cell.rate}, × ${cell.gain}`;
  };
  const wins = normed.steps.filter((steps, i) => steps < plain.steps[i]!).length;
  return {
    claim: 'the same loss in far fewer steps, each at its best',
    appears: median(plain) >= 2 * median(normed) && wins === normed.steps.length,
    by: `${told(plain)}; ${told(normed)}: ${(median(plain) / median(normed)).toFixed(1)} times fewer, in ${wins} of ${normed.steps.length} seeds fewer`,
  };
}

function wider(cells: readonly Cell[]): Verdict {
  const of = (kind: Cell['kind']): Cell[] => cells.filter((cell) => cell.kind === kind);
  const learns = (cell: Cell): boolean => cell.steps.every((steps) => steps < Number.POSITIVE_INFINITY);
  const fails = (cell: Cell): boolean => !cell.steps.some((steps) => steps < Number.POSITIVE_INFINITY);
  const normed = of('batch norm');
  const failures = of('plain').filter(fails);
  const rescued = failures.filter(({ gain, rate }) =>
    learns(normed.find((cell) => cell.gain === gain && cell.rate === rate)!),
  );
  return {
    claim: 'learns at rates and initializations at which the plain network fails',
    appears: rescued.length > 0,
    by: `of ${cells.length / 2} settings the plain network fails at ${failures.length} in every seed; at ${rescued.length} of these batch norm gets there in every seed; itself it fails at ${normed.filter(fails).length}`,
  };
}
