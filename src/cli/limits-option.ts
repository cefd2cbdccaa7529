/** `--limits`: the least and the greatest value a feature may have. */
import { type ByFeature, parseByFeature } from './by-feature.js';
import { decimal } from './sources/csv.js';

export type Limits = readonly [least: number, greatest: number];

function limits(text: string): Limits {
  const [least, greatest, ...more] = text
    .split('..')
    .map((end, i) =>
      end === ''
        ? (i === 0 ? -1 : 1) * Number.POSITIVE_INFINITY
        : decimal.test(end)
          ? Number(end)
          : Number.NaN,
    );
  if (more.length === 0 && least! <= greatest!) return [least!, greatest!];
  throw new RangeError(
    'such as temp=-40..60,wind=0.. : the least and the greatest value, either of which may be left out',
  );
}

/** @throws RangeError that says what it must be */
export function parseLimits(text: string): ByFeature<Limits> {
  const parsed = parseByFeature(text, limits);
  if (parsed) return parsed;
  throw new RangeError('one range a feature');
}
