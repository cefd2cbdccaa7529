/** The blocks of a window as JSON, and back, bit for bit. */
import { StateError } from '../errors.js';
import {
  numbersFromJSON,
  numbersToJSON,
  planesToJSON,
  type Range,
  wholeFromJSON,
  wholeFromZero,
} from '../json.js';
import { PLANES } from '../kernels/planes.js';
import type { BlocksState } from '../kernels/sliding-blocks.js';
import { momentPlanes, savedMoments } from './moments-json.js';

/** Statistics beside those of the closed blocks. */
const TOTALS = 3;

const wholeNumber: Range = { expected: 'a whole number', holds: Number.isSafeInteger };
const wholeOrNone: Range = {
  expected: 'a whole number, or -Infinity',
  holds: (x) => Number.isSafeInteger(x) || x === -Infinity,
};

/** From one statistic after the other to one plane of all after the other, or back. */
function transposed(planes: Float64Array, outer: number, inner: number, channels: number): Float64Array {
  const out = new Float64Array(planes.length);
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      const from = (i * inner + j) * channels;
      out.set(planes.subarray(from, from + channels), (j * outer + i) * channels);
    }
  }
  return out;
}

export function blocksToJSON({ keys, rows, planes, newest, ...counts }: BlocksState): object {
  const statistics = keys.length + TOTALS;
  const channels = planes.length / (statistics * PLANES);
  return {
    keys: numbersToJSON(keys),
    rows: numbersToJSON(rows),
    newest: numbersToJSON(Float64Array.of(newest))[0],
    ...counts,
    ...planesToJSON(momentPlanes, transposed(planes, statistics, PLANES, channels)),
  };
}

/** @throws StateError naming what was expected and what came */
export function blocksFromJSON(
  kind: string,
  state: Record<string, unknown>,
  channels: number,
  span: number,
): BlocksState {
  const closed = Array.isArray(state['keys']) ? state['keys'].length : 0;
  const keys = numbersFromJSON(`${kind}.keys`, state['keys'], closed, wholeNumber);
  const rows = numbersFromJSON(`${kind}.rows`, state['rows'], closed, wholeFromZero);
  const newest = numbersFromJSON(`${kind}.newest`, [state['newest']], 1, wholeOrNone)[0]!;
  keys.forEach((key, i) => {
    const least = i === 0 ? newest - span : keys[i - 1]!;
    if (!(key > least && key < newest))
      throw new StateError(`${kind}.keys[${i}]`, `between ${least} and ${newest}`, key);
  });
  const count = (name: string, most: number): number => {
    const value = wholeFromJSON(`${kind}.${name}`, state[name], 0);
    if (value <= most) return value;
    throw new StateError(`${kind}.${name}`, `${most} at most`, value);
  };
  const front = count('front', closed);
  const middle = count('middle', closed - front);
  const raw = count('raw', middle);
  const newestRows = count('newestRows', Number.MAX_SAFE_INTEGER);
  const saved = savedMoments(kind, state, (closed + TOTALS) * channels);
  const planes = transposed(saved, PLANES, closed + TOTALS, channels);
  return { keys, rows, planes, front, middle, raw, newest, newestRows };
}
