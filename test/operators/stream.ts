/** Streams of samples with times, as they are generated for models, and what an operator makes of them. */
import { fc } from '@fast-check/vitest';
import { type OperatorFunction, Subject } from 'rxjs';
import type { Tensor, Watched } from '../../src/index.js';

export interface Sample {
  readonly id: number;
  /** Its time; not a number where it has none. */
  readonly t: unknown;
  /** Its value; not a number where it cannot be used. */
  readonly x: unknown;
}

export type Event = { readonly sample: Sample } | 'idle' | { readonly advance: number };

export const isUsable = ({ t, x }: Sample): boolean =>
  typeof t === 'number' && Math.abs(t) <= 8.64e15 && typeof x === 'number' && Number.isFinite(x);

/** Times in bursts, with gaps, duplicates, disorder and steps back; a few about which multiples round. */
const time = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -12, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(-0.5, 0.1, 9.999, 10.5, 1.7e12, -0) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Number.NaN, Infinity, 'x', null, undefined, 9e15) },
);

const value = fc.oneof(
  { weight: 15, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Number.NaN, -Infinity, 'x', null) },
);

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ sample: fc.record({ id: fc.constant(0), t: time, x: value }) }) },
  { weight: 1, arbitrary: fc.constant('idle' as const) },
  { weight: 1, arbitrary: fc.record({ advance: fc.integer({ min: -12, max: 50 }) }) },
);

export const events: fc.Arbitrary<Event[]> = fc
  .array(event, { maxLength: 24 })
  .map((all) => all.map((one, id) => (isSample(one) ? { sample: { ...one.sample, id } } : one)));

export const isSample = (one: Event): one is Extract<Event, { sample: Sample }> =>
  typeof one === 'object' && 'sample' in one;

export const samplesOf = (all: readonly Event[]): Sample[] =>
  all.filter(isSample).map(({ sample }) => sample);

export const bounds = fc.record({
  maxRows: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(100)),
  overflow: fc.constantFrom('error', 'drop-oldest', 'drop-newest', 'emit-early' as const),
});
/** How far ahead of the scheduler's a time may be. */
export const ahead = fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined });

/** How the time of a scheduler goes on that is flushed where nothing comes for a while: by as much, if something came before. */
export class Now {
  static readonly idleMs = 10;
  ms = 0;
  #isWaiting = false;

  touch(): void {
    this.#isWaiting = true;
  }

  flush(): void {
    if (this.#isWaiting) this.ms += Now.idleMs;
    this.#isWaiting = false;
  }
}

export type Overflow = 'error' | 'drop-oldest' | 'drop-newest' | 'emit-early';

/** What came out, as plain arrays; the code of the error last, where there was one. */
export interface Outcome<R> {
  readonly out: R[];
  readonly error: string | undefined;
}

/** What an operator makes of samples that are pushed; its figures have to add up at each that is emitted, and after. */
export function outcome<R>(
  operator: OperatorFunction<Sample, R> & Watched<object>,
  push: (next: (sample: Sample) => void, isOpen: () => boolean) => void,
): Outcome<R> {
  const source = new Subject<Sample>();
  const out: R[] = [];
  let error: string | undefined;
  const subscription = source.pipe(operator).subscribe({
    next: (made) => {
      expectSum(operator.stats);
      out.push(made);
    },
    error: ({ code }: { code: string }) => {
      error = code;
    },
  });
  const next = (sample: Sample): void => {
    source.next(sample);
    expectSum(operator.stats);
  };
  push(next, () => !subscription.closed);
  source.complete();
  expectSum(operator.stats);
  return { out, error };
}

/** rows = emitted + late + ahead + dropped + skipped + invalid + held, as far as there are such. */
export function expectSum(stats: object): void {
  const { rows, emitted, late, ahead, dropped, skipped, invalid, held } = stats as Record<string, number>;
  const sum = emitted! + (late ?? 0) + (ahead ?? 0) + dropped! + (skipped ?? 0) + invalid! + held!;
  if (rows !== sum || Object.values(stats).some((figure) => !(figure >= 0)))
    throw new Error(`figures do not add up: ${JSON.stringify(stats)}`);
}

/** A window as plain arrays. */
export const plain = (window: Tensor & { samples: readonly Sample[] }): Record<string, unknown> => {
  const { data, samples, ...rest } = window;
  const times = 'times' in rest ? { times: [...(rest.times as Float64Array)] } : {};
  return { ...rest, ...times, data: [...data], ids: samples.map(({ id }) => id) };
};

/** What a window of these samples is. */
export const windowOf = (samples: readonly Sample[], rest: object = {}): Record<string, unknown> => ({
  ...rest,
  shape: [samples.length, 1],
  data: samples.map(({ x }) => x),
  ids: samples.map(({ id }) => id),
});
