/** Samples to rows of the features: what cannot be one is refused, with its place, feature and value. */
import { asyncScheduler } from 'rxjs';
import type { SampleError, SampleErrorCode } from '../errors.js';
import { aheadOf } from '../operators/wrong-clock.js';
import { shownValue } from './display-text.js';
import { EventClock, type Timestamp } from './event-time.js';
import { exitCodes, Failure } from './exit-codes.js';
import { type Features, featuresOf, knownFeaturesOf, leftOutLine } from './features.js';
import { fieldOf, shortList } from './field.js';
import type { Sample, Source } from './sources/source.js';

export interface Row {
  readonly place: number;
  /** What came for each feature, and the number it stands for where it stands for one. */
  readonly read: readonly unknown[];
  readonly values: readonly unknown[];
  /** When it happened, where that is known: milliseconds since the epoch. */
  readonly time?: number | undefined;
  /** Whose it is, where they are told apart. */
  readonly key?: string | undefined;
}

const faults: Record<SampleErrorCode, string> = {
  EVENKEEL_NOT_A_NUMBER: 'is not a number',
  EVENKEEL_MISSING: 'is missing',
  EVENKEEL_NOT_FINITE: 'is not finite',
  EVENKEEL_ARITY: 'has the wrong number of values',
  EVENKEEL_KEY: 'is not a key',
};

/** What a sample has for a key, or why it has none. */
type Key =
  | { readonly key: string; readonly fault?: undefined }
  | { readonly fault: string; readonly key?: undefined };

/** A key is a text or a number; one is the other in quotes. */
function keyOf(name: string): (sample: Sample) => Key {
  const field = fieldOf('--key', name);
  return (sample) => {
    const value = field(sample);
    if (value === undefined || value === null || value === '') return { fault: `${name} is missing` };
    return typeof value === 'string' || typeof value === 'number'
      ? { key: String(value) }
      : { fault: `${name} is not a key${shownValue(value)}` };
  };
}

/** What is to be taken of a sample. */
export interface Taken {
  /** The features asked for. */
  readonly features?: readonly string[] | undefined;
  /** Those that options name: features too, be it that their first value is missing. */
  readonly named?: readonly string[] | undefined;
  /** Those of a saved state, taken unless others are asked for, or the samples are of others. */
  readonly known?: readonly string[] | undefined;
  readonly timestamp?: Timestamp | undefined;
  /** How far (ms) a time may be ahead of this machine's clock; by default any may be. */
  readonly maxAhead?: number | undefined;
  /** The column or key whose values have statistics of their own. */
  readonly key?: string | undefined;
}

/** What is refused. */
export interface Refusal {
  readonly place: number;
  /** Nothing can be read after it. */
  readonly last?: boolean;
  /** It is a row, one of whose values cannot be used; else it is none. */
  readonly isRow?: boolean;
}

/** Who is told what becomes of samples. */
export interface IntakeHooks {
  /** Of each that is refused. */
  readonly refused: (failure: Failure, refusal: Refusal) => void;
  /** Of each whose time is too far ahead: it is left out, and decides nothing. */
  readonly ahead: (place: number) => void;
  /** Of what is not, a line for people. */
  readonly note: (line: string) => void;
}

export class Intake {
  readonly #source: Pick<Source, 'name' | 'places'>;
  readonly #taken: Taken;
  readonly #clock: EventClock | undefined;
  readonly #greatest: () => number;
  readonly #key: ((sample: Sample) => Key) | undefined;
  readonly #hooks: IntakeHooks;
  #features: Features | undefined;

  constructor(source: Pick<Source, 'name' | 'places'>, taken: Taken, hooks: IntakeHooks) {
    this.#source = source;
    this.#taken = taken;
    this.#clock = taken.timestamp && new EventClock(taken.timestamp);
    this.#greatest = aheadOf({ maxAheadMs: taken.maxAhead ?? Number.MAX_VALUE }, asyncScheduler);
    this.#key = taken.key === undefined ? undefined : keyOf(taken.key);
    this.#hooks = hooks;
  }

  /** Known from the first row on. */
  get names(): readonly string[] {
    return this.#features?.names ?? [];
  }

  /** The sample's row, unless it is refused or of a wrong clock. Its values are still to be checked, by who takes them in. */
  row(sample: Sample): Row | undefined {
    const { place, value, malformed, last = false } = sample;
    if (malformed !== undefined) return this.#refuse({ place, last }, malformed);
    const features = this.#features ?? this.#featuresOf(sample);
    if (typeof features === 'string') return this.#refuse({ place }, features);
    const time = this.#clock?.read(sample);
    if (typeof time === 'number' && time > this.#greatest()) {
      this.#hooks.ahead(place);
      return undefined;
    }
    if (this.#features === undefined) this.#begin(features, place);
    const read = features.read(value);
    if (typeof read === 'string') return this.#refuse({ place }, read);
    if (typeof time === 'string') return this.#refuse({ place }, time);
    const { key, fault } = this.#key?.(sample) ?? {};
    if (fault !== undefined) return this.#refuse({ place }, fault);
    return { place, read, values: read.map(features.number), time, key };
  }

  /** A row with a value that cannot be used. */
  invalid({ code, feature }: SampleError, { place, read }: Row): void {
    const index = Number(feature ?? 0);
    this.#refuse({ place, isRow: true }, `${this.names[index]} ${faults[code]}${shownValue(read[index])}`);
  }

  /** What is to be known of it just now. */
  status(): string | undefined {
    const { leftOut = [] } = this.#features ?? {};
    return leftOut.length === 0 ? undefined : `left out: ${shortList(leftOut.flatMap(({ names }) => names))}`;
  }

  #featuresOf(first: Sample): Features | string {
    const { features: wanted, named, known, timestamp, key } = this.#taken;
    const others = [timestamp?.name, key].filter((name) => name !== undefined);
    const asked = { wanted, named, others };
    return wanted === undefined && known !== undefined
      ? knownFeaturesOf(first, known, asked)
      : featuresOf(first, asked);
  }

  #begin(features: Features, place: number): void {
    this.#features = features;
    for (const some of features.leftOut) this.#hooks.note(`${this.#where(place)}: ${leftOutLine(some)}`);
  }

  #where(place: number): string {
    const { name, places } = this.#source;
    return places === 'line' ? `${name}:${place}` : `${name}, sample ${place}`;
  }

  #refuse(refusal: Refusal, why: string): undefined {
    this.#hooks.refused(new Failure(exitCodes.badInput, `${this.#where(refusal.place)}: ${why}`), refusal);
    return undefined;
  }
}
