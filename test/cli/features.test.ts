/** Which columns are the features, however many there are. */
import { expect, test } from 'vitest';
import { featuresOf, knownFeaturesOf } from '../../src/cli/features.js';

test('of as many columns as a row may have, each is found at once', () => {
  const columns = Array.from({ length: 200_000 }, (_, i) => `c${i}`);
  const first = { place: 2, value: columns.map(() => '5'), columns };
  for (const features of [
    featuresOf(first),
    featuresOf(first, { wanted: columns }),
    knownFeaturesOf(first, columns),
  ])
    expect(features).toMatchObject({ names: columns });
});

test('a column that is there twice is refused only where it is a feature', () => {
  const first = { place: 2, value: ['1', '2', '3'], columns: ['a', 'b', 'a'] };
  expect(featuresOf(first)).toBe('has two columns named "a"');
  expect(featuresOf(first, { wanted: ['b'] })).toMatchObject({ names: ['b'] });
});
