/** Rows that one operator emits are samples to the next, whatever their features are called. */
import { from, map, type Observable, type OperatorFunction, pipe } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  drift,
  eventTimeWindow,
  impute,
  minibatch,
  minibatchBy,
  normalizeBy,
  quarantine,
  sequences,
  slidingWindow,
  standardize,
  type Tensor,
  unbatch,
  windowMoments,
} from '../../src/index.js';

interface Reading {
  readonly id: string;
  readonly t: number;
  readonly x: number;
}
type Cleaned = Tensor & { readonly sample: Reading };
const readings: Reading[] = [1, 3, 5].map((x, t) => ({ id: 'a', t, x }));
const features = ['x'];

const cleaned: [string, OperatorFunction<Reading, Cleaned>][] = [
  ['quarantine', quarantine<Reading>({ features })],
  ['impute', impute<Reading>({ features, missing: 'keep' })],
  ['unbatch', pipe(minibatch<Reading>({ size: 2, features }), unbatch())],
];
const data = map(({ data }: Tensor) => [...data]);
const takers: [string, (missing: 'error' | 'keep') => OperatorFunction<Cleaned, number[]>, number[][]][] = [
  ['minibatch', (missing) => pipe(minibatch({ size: 3, features, missing }), data), [[1, 3, 5]]],
  [
    'minibatchBy',
    (missing) => pipe(minibatchBy('id', { size: 3, maxKeys: 1, features, missing }), data),
    [[1, 3, 5]],
  ],
  ['slidingWindow', (missing) => pipe(slidingWindow({ size: 3, features, missing }), data), [[1, 3, 5]]],
  ['sequences', (missing) => pipe(sequences({ length: 3, features, missing }), data), [[1, 3, 5]]],
  [
    'eventTimeWindow',
    (missing) => pipe(eventTimeWindow({ timestamp: 't', sizeMs: 10, features, missing }), data),
    [[1, 3, 5]],
  ],
  [
    'windowMoments',
    (missing) =>
      pipe(
        windowMoments({ size: 3, stride: 3, features, missing }),
        map(({ moments }) => [...moments.mean]),
      ),
    [[3]],
  ],
  ['impute', (missing) => pipe(impute({ features, missing }), data), [[1], [3], [5]]],
  ['quarantine', () => pipe(quarantine({ features }), data), [[1], [3], [5]]],
  [
    'drift',
    (missing) => pipe(drift({ reference: { rows: 2 }, size: 1, features, missing }), data),
    [[1], [3], [5]],
  ],
  ['standardize', () => pipe(standardize<Cleaned>({ withStd: false }, { features }), data), [[0], [1], [2]]],
  [
    'normalizeBy',
    () =>
      pipe(normalizeBy<Cleaned>('id', { maxKeys: 1, normalizer: { withStd: false } }, { features }), data),
    [[0], [1], [2]],
  ],
];

describe.each(cleaned)('%s, then', (_, clean) => {
  describe.each(['error', 'keep'] as const)('missing: %s', (missing) => {
    test.each(takers)('%s', (_name, take, expected) => {
      const seen: number[][] = [];
      const rows$: Observable<number[]> = from(readings).pipe(clean, take(missing));
      rows$.subscribe((values) => seen.push(values));
      expect(seen).toEqual(expected);
    });
  });
});

test('a key of the row itself comes first', () => {
  const seen: unknown[] = [];
  from(readings)
    .pipe(
      normalizeBy<Reading>(({ t }) => t, { maxKeys: 9 }, { features }),
      minibatchBy('key', { size: 1, maxKeys: 9 }),
    )
    .subscribe(({ key }) => seen.push(key));
  expect(seen).toEqual([0, 1, 2]);
});

test.each<[string, (features: (row: Cleaned) => number[]) => OperatorFunction<Cleaned, Tensor>]>([
  ['standardize', (features) => standardize({ withStd: false }, { features })],
  ['drift', (features) => drift<Cleaned>({ features, reference: { rows: 1 }, size: 1 })],
  ['quarantine', (features) => quarantine<Cleaned>({ features })],
  ['slidingWindow', (features) => slidingWindow({ features, size: 1 })],
])('what a function makes of a row is what %s goes by', (_, take) => {
  const asked: number[] = [];
  const features = ({ sample: { t }, data }: Cleaned): number[] => {
    asked.push(t);
    return [...data, 10];
  };
  let last: Tensor | undefined;
  from(readings)
    .pipe(quarantine<Reading>({ features: ['x'] }), take(features))
    .subscribe((item) => {
      last = item;
    });
  expect(asked).toEqual([0, 1, 2]);
  const { drift, data } = last as Tensor & { drift?: { shift: ArrayLike<number> } };
  expect(drift?.shift.length ?? data.length).toBe(2);
});
