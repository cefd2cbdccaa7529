/** One line of JSON a minibatch, no faster than they are read. Where the source cannot wait, those too many are dropped. */
import type { Writable } from 'node:stream';
import type { Drift } from '../../operators/drift.js';
import { Moments } from '../../stats/moments.js';
import { tensor } from '../../tensor.js';
import { knownOfBatch, knownOfRunning } from '../known.js';
import { MOST_WAITING, type Sink, type Step } from './sink.js';

/** How long a reader is waited for once the run was interrupted, in milliseconds. */
const PATIENCE_MS = 1000;

/** JSON has no NaN and no infinities, and would make them null. */
const number = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
const numbers = (values: ArrayLike<number>): (number | string)[] => Array.from(values, number);

/** The batch's own statistics, before it was normalized. */
function momentsOf({ samples, moments }: Step['normalized'], channels: number): Moments {
  if (moments) return moments;
  const values = samples.flatMap((row) => row.values as readonly number[]);
  const own = new Moments(channels);
  own.updateBatch(tensor(values, [samples.length, channels]));
  return own;
}

/** How far the rows have drifted by then. */
function driftJSON({ shift, logVarianceRatio, divergence, alarms }: Drift): object {
  const scores = { shift, logVarianceRatio, divergence };
  const read = Object.entries(scores).map(([name, score]) => [name, numbers(score)]);
  return { ...Object.fromEntries(read), alarms };
}

export function jsonLine({
  number: batch,
  key,
  normalized,
  normalizer,
  learned: { features },
}: Step): string {
  const width = features.length;
  const rows = normalized.samples.length;
  const own = knownOfBatch(momentsOf(normalized, width));
  const running = knownOfRunning(normalizer, width);
  const { drift } = normalized;
  return JSON.stringify({
    batch,
    key,
    rows,
    features,
    normalized: Array.from({ length: rows }, (_, row) =>
      numbers(normalized.data.subarray(row * width, (row + 1) * width)),
    ),
    mean: numbers(own.mean),
    sd: numbers(own.sd),
    runningMean: numbers(running.mean),
    runningSd: numbers(running.sd),
    drift: drift && driftJSON(drift),
  });
}

export class JsonLines implements Sink {
  readonly #out: Writable;
  readonly #interrupted: AbortSignal;
  /** Resolves when the last line is written, or cannot be. */
  #written: Promise<void> = Promise.resolve();
  #waiting = 0;
  #full = false;
  #dropped = 0;

  /** @param interrupted a reader may take its time, but not then */
  constructor(out: Writable, interrupted: AbortSignal) {
    this.#out = out;
    this.#interrupted = interrupted;
  }

  step(step: Step): void {
    if (!this.#out.writable) return;
    if (this.#out.writableLength > MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting++;
    this.#written = new Promise((resolve) => {
      this.#full = !this.#out.write(`${jsonLine(step)}\n`, () => {
        this.#waiting--;
        resolve(); // an error ends the run, elsewhere
      });
    });
  }

  ready(): Promise<void> | undefined {
    return this.#full && this.#waiting > 0 ? this.#written : undefined;
  }

  dropped(): number {
    return this.#dropped;
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let hurry = (): void => {};
    const impatient = new Promise<void>((resolve) => {
      hurry = () => {
        timer = setTimeout(resolve, PATIENCE_MS);
      };
    });
    if (this.#interrupted.aborted) hurry();
    else this.#interrupted.addEventListener('abort', hurry, { once: true });
    await Promise.race([this.#written, impatient]);
    this.#interrupted.removeEventListener('abort', hurry);
    clearTimeout(timer);
    this.#dropped += this.#waiting;
  }
}
