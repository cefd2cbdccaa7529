/** A KLL sketch as JSON, and back: its levels, level 0 first, and what they do not tell. */
import { StateError } from '../errors.js';
import { anyNumber, fromZero, numbersFromJSON, numbersToJSON, type Range, stateOf } from '../json.js';
import { KllSketch, MOST_LEVELS, MOST_VALUES, ROOM, TOP } from '../kernels/kll-sketch.js';

const int32: Range = { expected: 'a 32-bit integer', holds: (x) => (x | 0) === x };

export function sketchToJSON(sketch: KllSketch): object {
  const [min, max] = numbersToJSON(Float64Array.of(sketch.min, sketch.max));
  const levels = sketch.levels.map(numbersToJSON);
  return { kind: 'KllSketch', version: 1, min, max, squares: sketch.squares, hash: sketch.hash, levels };
}

/** @throws StateError if `json` is not the state of a sketch, naming what was expected and what came */
export function sketchFromJSON(where: string, json: unknown): KllSketch {
  const state = stateOf('KllSketch', 1, json);
  const number = (name: string, range: Range): number =>
    numbersFromJSON(`${where}.${name}`, [state[name]], 1, range)[0]!;
  const min = number('min', anyNumber);
  const max = number('max', anyNumber);
  const levels = levelsFromJSON(`${where}.levels`, state['levels'], min, max);
  const sketch = KllSketch.of(levels, min, max);
  sketch.squares = number('squares', fromZero);
  sketch.hash = number('hash', int32);
  checkWhole(where, sketch);
  return sketch;
}

function levelsFromJSON(where: string, json: unknown, min: number, max: number): Float64Array[] {
  if (!Array.isArray(json) || json.length < 1 || json.length > MOST_LEVELS)
    throw new StateError(where, `an array of 1 to ${MOST_LEVELS} levels`, json);
  const range: Range = {
    expected: `a finite number from ${min} to ${max}`,
    holds: (x) => Number.isFinite(x) && x >= min && x <= max,
  };
  return Array.from(json, (level: unknown, h) => {
    const values = numbersFromJSON(`${where}[${h}]`, level, Array.isArray(level) ? level.length : 0, range);
    return h === 0 ? values : values.sort();
  });
}

/** What its parts say of each other. */
function checkWhole(where: string, sketch: KllSketch): void {
  const { count, min, max, squares, levels } = sketch;
  const kept = levels.reduce((sum, { length }) => sum + length, 0);
  if (kept > ROOM) throw new StateError(`${where}.levels`, `${ROOM} values at most`, kept);
  if (count > MOST_VALUES) throw new StateError(`${where}.levels`, 'of 2^53 - 1 values at most', count);
  if (levels.length > 1 && levels.at(-1)!.length === 0)
    throw new StateError(`${where}.levels`, 'without an empty top level', levels.length);
  if (squares > 6 * (count / TOP) ** 2)
    throw new StateError(`${where}.squares`, `what ${count} values can have`, squares);
  // Until something is halved all that came is kept, and the ends are the ends of that (of nothing: of no range).
  const [least, most] = squares > 0 ? [min, max] : ends(levels);
  if (min !== least || !(Number.isFinite(min) || count === 0))
    throw new StateError(`${where}.min`, `the least value, ${least}`, min);
  if (max !== most || !(Number.isFinite(max) || count === 0))
    throw new StateError(`${where}.max`, `the greatest value, ${most}`, max);
}

function ends(levels: readonly Float64Array[]): [min: number, max: number] {
  let [min, max] = [Infinity, -Infinity];
  for (const x of levels.flatMap((level) => [...level])) {
    min = Math.min(min, x);
    max = Math.max(max, x);
  }
  return [min, max];
}
