/**
 * The data: where the 42,049 postal codes of the United States are (vega-datasets, from the census), and the first digit of
 * each, which is to be guessed from that: ten regions. In the order of the codes, neighbours are of one region.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { type Batch, BatchNorm, tensor } from 'evenkeel';
import { shuffled } from './shuffled.js';

export interface Place {
  /** Longitude and latitude in degrees. */
  readonly degrees: readonly [number, number];
  /** The same, standardized. */
  readonly at: ArrayLike<number>;
  /** The first digit of its code. */
  readonly region: number;
}

const file = new URL('../../node_modules/vega-datasets/data/zipcodes.csv', import.meta.url);
const records: Record<'zip_code' | 'longitude' | 'latitude', string>[] = parse(readFileSync(file), {
  columns: true,
});
const degrees = records.map((r): [number, number] => [Number(r.longitude), Number(r.latitude)]);
const standardize = new BatchNorm(2, { dtype: 'float64' });
const { data } = standardize.forward(tensor(degrees.flat(), [degrees.length, 2]));

const places = records.map(
  (record, i): Place => ({
    degrees: degrees[i]!,
    at: data.subarray(2 * i, 2 * i + 2),
    region: Number(record.zip_code[0]),
  }),
);
const drawn = shuffled(places, 1).slice(0, 1000);
const kept = new Set(drawn);

/** To learn from: all but the held-out ones, in the order of their codes. */
export const training: readonly Place[] = places.filter((place) => !kept.has(place));

/** So many of 1000 places that no network learns from. */
export function heldOut(rows = drawn.length): Batch<Place> {
  const samples = drawn.slice(0, rows);
  const values = samples.flatMap(({ at }) => Array.from(at));
  return { ...tensor(values, [rows, 2]), samples };
}
