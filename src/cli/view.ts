/** What the table shows of a run, kept at next to no cost and worked out only when it is drawn. */
import { Moments } from '../stats/moments.js';
import type { Row } from './intake.js';
import type { Step } from './sinks/sink.js';
import type { Source } from './sources/source.js';
import type { Status } from './status.js';
import type { FeatureLine, TableState } from './table.js';

/** As many as the longest sparkline shows. */
const RECENT = 32;

/** What of a run is viewed. */
export interface Viewed {
  readonly source: Source;
  readonly status: Status;
  /** What is to be known of source and sinks just now. */
  readonly states: () => readonly (string | undefined)[];
  readonly evaluating: boolean;
  /** The features, once known. */
  readonly names: () => readonly string[];
}

export class View {
  readonly #source: Source;
  readonly #status: Status;
  readonly #states: () => readonly (string | undefined)[];
  readonly #evaluating: boolean;
  readonly #names: () => readonly string[];
  #recent: Row[] = [];
  #arrived = 0;
  #step: Step | undefined;

  constructor({ source, status, states, evaluating, names }: Viewed) {
    this.#source = source;
    this.#status = status;
    this.#states = states;
    this.#evaluating = evaluating;
    this.#names = names;
  }

  /** A row has come, and is taken into a minibatch unless it is refused at once. */
  row(row: Row): void {
    this.#arrived++;
    this.#recent.push(row);
    if (this.#recent.length >= 4 * RECENT) this.#recent = this.#recent.slice(-RECENT);
  }

  /** The row that came last cannot be used. */
  refused(): void {
    this.#arrived--;
    this.#recent.pop();
  }

  step(step: Step): void {
    this.#step = step;
  }

  state(): TableState {
    const { seconds, rows, batches, dropped, invalid } = this.#status;
    return {
      source: this.#source.name,
      states: this.#states().filter((state) => state !== undefined),
      progress: this.#source.progress?.(),
      evaluating: this.#evaluating,
      rowsPerSecond: this.#status.currentRate(this.#arrived),
      seconds,
      rows,
      batches,
      dropped,
      invalid,
      features: this.#features(),
    };
  }

  #features(): FeatureLine[] {
    const names = this.#names();
    const recent = this.#recent.slice(-RECENT);
    const { mean: batchMean, variance: batchVariance } = this.#batch(names.length);
    const normalizer = this.#step?.learned.normalizer;
    const [means, variances] = [normalizer?.runningMean, normalizer?.runningVariance];
    return names.map((name, i) => ({
      name,
      recent: recent.map(({ values }) => values[i] as number), // a row with anything else was refused
      runningMean: means?.[i] ?? Number.NaN,
      runningSd: Math.sqrt(variances?.[i] ?? Number.NaN),
      batchMean: batchMean?.[i] ?? Number.NaN,
      batchSd: Math.sqrt(batchVariance?.[i] ?? Number.NaN),
    }));
  }

  #batch(channels: number): { mean?: Float64Array; variance?: Float64Array } {
    if (this.#step === undefined) return {};
    const moments = new Moments(channels);
    moments.updateBatch(this.#step.normalized);
    return { mean: moments.mean, variance: moments.variance() };
  }
}
