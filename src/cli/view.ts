/** What the table shows of a run, kept at next to no cost and worked out only when it is drawn. */
import { Moments } from '../stats/moments.js';
import type { Row } from './intake.js';
import { type Known, knownOfBatch, knownOfRunning } from './known.js';
import type { Step } from './sinks/sink.js';
import type { Source } from './sources/source.js';
import type { Status } from './status.js';
import type { FeatureLine, TableState } from './table.js';

/** As many as the longest sparkline shows. */
const RECENT = 32;
/** Keys that are shown, at most: those that came first. */
const MOST_KEYS = 100;

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

/** What is shown of all rows, or of those of a key. */
interface Shown {
  recent: Row[];
  step?: Step;
}

export class View {
  readonly #source: Source;
  readonly #status: Status;
  readonly #states: () => readonly (string | undefined)[];
  readonly #evaluating: boolean;
  readonly #names: () => readonly string[];
  readonly #shown = new Map<string | undefined, Shown>();
  #arrived = 0;

  constructor({ source, status, states, evaluating, names }: Viewed) {
    this.#source = source;
    this.#status = status;
    this.#states = states;
    this.#evaluating = evaluating;
    this.#names = names;
  }

  /** A row is taken into a minibatch. */
  row(row: Row): void {
    this.#arrived++;
    const shown = this.#of(row.key);
    if (!shown) return;
    shown.recent.push(row);
    if (shown.recent.length >= 4 * RECENT) shown.recent = shown.recent.slice(-RECENT);
  }

  step(step: Step): void {
    const shown = this.#of(step.key);
    if (shown) shown.step = step;
  }

  state(): TableState {
    const { seconds, rows, batches, dropped, invalid, counters } = this.#status;
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
      counters,
      features: Array.from(this.#shown, ([key, shown]) => this.#features(key, shown)).flat(),
    };
  }

  #of(key: string | undefined): Shown | undefined {
    let shown = this.#shown.get(key);
    if (shown || this.#shown.size >= MOST_KEYS) return shown;
    shown = { recent: [] };
    this.#shown.set(key, shown);
    return shown;
  }

  #features(key: string | undefined, { recent, step }: Shown): FeatureLine[] {
    const latest = recent.slice(-RECENT);
    const names = this.#names();
    const batch = batchOf(step, names.length);
    const running = knownOfRunning(step?.normalizer, names.length);
    return names.map((name, i) => ({
      name: key === undefined ? name : `${key} · ${name}`,
      recent: latest.map(({ values }) => numberOr(values[i])),
      runningMean: running.mean[i]!,
      runningSd: running.sd[i]!,
      batchMean: batch.mean[i]!,
      batchSd: batch.sd[i]!,
    }));
  }
}

/** What is missing, and was kept or filled in, is a gap. */
const numberOr = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

/** As it was normalized. */
function batchOf(step: Step | undefined, channels: number): Known {
  const moments = new Moments(channels);
  if (step) moments.updateBatch(step.normalized);
  return knownOfBatch(moments);
}
