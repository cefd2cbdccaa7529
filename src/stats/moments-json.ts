/** What `Moments` keeps, as JSON. */
import { StateError } from '../errors.js';
import { finite, fromZero, fromZeroToInfinity, type Plane, planesFromJSON } from '../json.js';
import { COUNT } from '../kernels/planes.js';

/** As they are stored. */
export const momentPlanes: readonly Plane[] = [
  ['count', fromZero],
  ['countLow', 'low'],
  ['mean', finite],
  ['meanLow', 'low'],
  ['m2', fromZeroToInfinity],
  ['m2Low', 'low'],
];

/** Those of a saved state, of so many values each. @throws StateError */
export function savedMoments(kind: string, state: Record<string, unknown>, length: number): Float64Array {
  const saved = planesFromJSON(kind, momentPlanes, state, length);
  const at = saved.findIndex((value, i) => saved[COUNT * length + (i % length)] === 0 && value !== 0);
  if (at < 0) return saved;
  const [name] = momentPlanes[Math.floor(at / length)]!;
  throw new StateError(`${kind}.${name}[${at % length}]`, '0 where nothing was seen', saved[at]);
}
