/** Samples to rows of the features: what cannot be one is refused, with its place, feature and value. */
import type { SampleError, SampleErrorCode } from '../errors.js';
import { exitCodes, Failure } from './exit-codes.js';
import { type Features, featuresOf, knownFeaturesOf } from './features.js';
import type { Sample, Source } from './sources/source.js';

export interface Row {
  readonly place: number;
  /** What came for each feature, and the number it stands for where it stands for one. */
  readonly read: readonly unknown[];
  readonly values: readonly unknown[];
}

const faults: Record<SampleErrorCode, string> = {
  EVENKEEL_NOT_A_NUMBER: 'is not a number',
  EVENKEEL_MISSING: 'is missing',
  EVENKEEL_NOT_FINITE: 'is not finite',
  EVENKEEL_ARITY: 'has the wrong number of values',
  EVENKEEL_KEY: 'is not a key',
};

/** What came, after a colon; nothing where nothing did. */
function shown(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? ': an array' : ': an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

export class Intake {
  readonly #source: Pick<Source, 'name' | 'places'>;
  readonly #wanted: readonly string[] | undefined;
  readonly #known: readonly string[] | undefined;
  readonly #refused: (failure: Failure, last: boolean) => void;
  #features: Features | undefined;

  /**
   * @param wanted the features asked for
   * @param known the features of a saved state, taken unless others are asked for, or the samples are of others
   * @param refused told of each sample that is refused; `last` if nothing can be read after it
   */
  constructor(
    source: Pick<Source, 'name' | 'places'>,
    wanted: readonly string[] | undefined,
    known: readonly string[] | undefined,
    refused: (failure: Failure, last: boolean) => void,
  ) {
    this.#source = source;
    this.#wanted = wanted;
    this.#known = known;
    this.#refused = refused;
  }

  /** Known from the first row on. */
  get names(): readonly string[] {
    return this.#features?.names ?? [];
  }

  /** The sample's row, unless it is refused. Its values are still to be checked, by who takes them in. */
  row(sample: Sample): Row | undefined {
    const { place, value, malformed, last = false } = sample;
    if (malformed !== undefined) return this.#refuse(place, malformed, last);
    const features = this.#features ?? this.#featuresOf(sample);
    if (typeof features === 'string') return this.#refuse(place, features);
    this.#features = features;
    const read = features.read(value);
    if (typeof read === 'string') return this.#refuse(place, read);
    return { place, read, values: read.map(features.number) };
  }

  /** A row with a value that cannot be used. */
  invalid({ code, feature }: SampleError, { place, read }: Row): void {
    const index = Number(feature ?? 0);
    this.#refuse(place, `${this.names[index]} ${faults[code]}${shown(read[index])}`);
  }

  #featuresOf(first: Sample): Features | string {
    return this.#wanted === undefined && this.#known !== undefined
      ? knownFeaturesOf(first, this.#known)
      : featuresOf(first, this.#wanted);
  }

  #refuse(place: number, why: string, last = false): undefined {
    const { name, places } = this.#source;
    const where = places === 'line' ? `${name}:${place}` : `${name}, sample ${place}`;
    this.#refused(new Failure(exitCodes.badInput, `${where}: ${why}`), last);
    return undefined;
  }
}
