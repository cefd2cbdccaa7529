/** When a sample happened, as `--timestamp` says: milliseconds since the epoch. */

import { LATEST_TIME } from '../times.js';
import { shownValue } from './display-text.js';
import { type Field, fieldOf } from './field.js';
import { decimal } from './sources/csv.js';
import type { Sample } from './sources/source.js';

/** Milliseconds a unit. */
const units = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

/** The column or key that has the time, and the milliseconds of a unit of its numbers. */
export interface Timestamp {
  readonly name: string;
  readonly unit: number;
}

/** `recv:s` → the numbers of `recv` are seconds; milliseconds where no unit is named. */
export function parseTimestamp(text: string): Timestamp {
  const [, name = '', unit = 'ms'] = /^(.*?)(?::(s|ms|us|ns))?$/s.exec(text) ?? [];
  return { name, unit: units[unit as keyof typeof units] };
}

/** The text that `parseTimestamp` reads. */
export function showTimestamp({ name, unit }: Timestamp): string {
  const [shown] = Object.entries(units).find(([, size]) => size === unit)!;
  return unit === units.ms && parseTimestamp(name).name === name ? name : `${name}:${shown}`;
}

const date =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?\s?(Z|[+-]\d\d:?\d\d)?)?$/i;

const MINUTE_MS = 60_000;

/** Minutes that a zone is ahead of UTC; without one it is UTC. */
function offset(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return sign === undefined ? 0 : Number(`${sign}1`) * (60 * Number(hours) + Number(minutes));
}

/** A date of ISO 8601, or one with a space before the time of day; without a zone it is UTC. NaN where it is none. */
function dateOf(text: string): number {
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', zone = 'Z'] = date.exec(text) ?? [];
  if (year === undefined) return Number.NaN;
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (midnight.getUTCDate() !== Number(day)) return Number.NaN; // the 30th of February
  const minute = 60 * Number(hours) + Number(minutes) - offset(zone);
  return midnight.getTime() + minute * MINUTE_MS + 1000 * Number(seconds.replace(',', '.'));
}

function timeOf(value: unknown, unit: number): number {
  if (typeof value === 'number') return value * unit;
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  return decimal.test(text) ? Number(text) * unit : dateOf(text);
}

export class EventClock {
  readonly #name: string;
  readonly #unit: number;
  readonly #field: Field;

  constructor({ name, unit }: Timestamp) {
    this.#name = name;
    this.#unit = unit;
    this.#field = fieldOf('--timestamp', name);
  }

  /** The sample's time; or why it has none. @throws Failure if there is no such column */
  read(sample: Sample): number | string {
    const value = this.#field(sample);
    if (value === undefined || value === null || value === '') return `${this.#name} is missing`;
    const time = timeOf(value, this.#unit);
    return Math.abs(time) <= LATEST_TIME ? time : `${this.#name} is not a time${shownValue(value)}`;
  }
}
