/** One line of JSON a minibatch, no faster than they are read. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Moments } from '../../stats/moments.js';
import { tensor } from '../../tensor.js';
import type { Sink, Step } from './sink.js';

/** How long a reader is waited for once the run was interrupted, in milliseconds. */
const PATIENCE_MS = 1000;

/** JSON has no NaN and no infinities, and would make them null. */
const number = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
const numbers = (values: ArrayLike<number>): (number | string)[] => Array.from(values, number);
const sds = (variances: Float64Array): (number | string)[] => numbers(variances.map(Math.sqrt));

/** The batch's own statistics, before it was normalized. */
function momentsOf({ samples, moments }: Step['normalized'], channels: number): Moments {
  if (moments) return moments;
  const values = samples.flatMap((row) => row.values as readonly number[]);
  const own = new Moments(channels);
  own.updateBatch(tensor(values, [samples.length, channels]));
  return own;
}

export function jsonLine({ number: batch, normalized, learned: { features, normalizer } }: Step): string {
  const width = features.length;
  const rows = normalized.samples.length;
  const own = momentsOf(normalized, width);
  return JSON.stringify({
    batch,
    rows,
    features,
    normalized: Array.from({ length: rows }, (_, row) =>
      numbers(normalized.data.subarray(row * width, (row + 1) * width)),
    ),
    mean: numbers(own.mean),
    sd: sds(own.variance()),
    runningMean: numbers(normalizer.runningMean),
    runningSd: sds(normalizer.runningVariance),
  });
}

export class JsonLines implements Sink {
  readonly #out: Writable;
  readonly #interrupted: AbortSignal;
  #room: Promise<void> | undefined;

  /** @param interrupted a reader may take its time, but not then */
  constructor(out: Writable, interrupted: AbortSignal) {
    this.#out = out;
    this.#interrupted = interrupted;
  }

  step(step: Step): void {
    if (!this.#out.writable || this.#out.write(`${jsonLine(step)}\n`)) return;
    this.#room ??= this.#drained().finally(() => {
      this.#room = undefined;
    });
  }

  ready(): Promise<void> | undefined {
    return this.#room;
  }

  async close(): Promise<void> {
    if (!this.#out.writable || this.#out.writableLength === 0) return;
    const impatient = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const hurry = (): void => {
      timer = setTimeout(() => impatient.abort(), PATIENCE_MS);
    };
    if (this.#interrupted.aborted) hurry();
    else this.#interrupted.addEventListener('abort', hurry, { once: true });
    await this.#drained(impatient.signal);
    this.#interrupted.removeEventListener('abort', hurry);
    clearTimeout(timer);
  }

  /** An error ends it too; it ends the run as well, elsewhere. */
  async #drained(signal?: AbortSignal): Promise<void> {
    await once(this.#out, 'drain', { ...(signal && { signal }) }).catch(() => {});
  }
}
