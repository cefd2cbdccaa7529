/** The options that rows depend on, as one would write them. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Arguments } from '../../src/cli/arguments.js';
import { showDuration } from '../../src/cli/durations.js';
import { parseTimestamp } from '../../src/cli/event-time.js';
import { parseLimits } from '../../src/cli/limits-option.js';
import { parseOnMissing, withoutDefault } from '../../src/cli/missing-option.js';
import { differences, rowOptionsOf } from '../../src/cli/row-options.js';

const shown = (given: Partial<Arguments>) => rowOptionsOf({ from: '-', size: 1, ...given });

describe('what is shown is read as the same', () => {
  test.prop([
    fc.constantFrom('t', 'a:b', 'a:ms', 's', ':s', 'x:us:ns'),
    fc.constantFrom('', ':s', ':ms', ':us', ':ns'),
  ])('--timestamp', (name, unit) => {
    const timestamp = parseTimestamp(name + unit);
    expect(parseTimestamp(shown({ timestamp })['--timestamp']!)).toEqual(timestamp);
  });

  const duration = fc.integer({ min: 1, max: 1e9 }).map((tenths) => tenths / 10);
  const byFeature = (setting: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(
        fc.option(setting),
        fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b=c', 'é'), setting), { selector: ([name]) => name }),
      )
      .map(([others, each]) =>
        [...(others === null ? [] : [others]), ...each.map((one) => one.join('='))].join(','),
      )
      .filter((text) => text !== '');

  const policy = fc.oneof(
    fc.constantFrom('error', 'skip', 'keep', 'mean', 'last'),
    duration.map((ms) => `last:${showDuration(ms)}`),
  );
  test.prop([byFeature(policy)])('--on-missing', (given) => {
    const onMissing = parseOnMissing(given);
    const text = shown({ onMissing })['--on-missing'];
    expect(text && parseOnMissing(text)).toEqual(withoutDefault(onMissing));
  });

  const end = fc.option(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0 || 0),
    { nil: '' },
  );
  const limits = fc.tuple(end, end).map(([one, other]) => {
    const [least, greatest] = one !== '' && other !== '' && one > other ? [other, one] : [one, other];
    return `${least}..${greatest}`;
  });
  test.prop([byFeature(limits)])('--limits', (text) => {
    const given = parseLimits(text);
    expect(parseLimits(shown({ limits: given })['--limits']!)).toEqual(given);
  });
});

test('each that is not as it was is named, with what it was and what it is', () => {
  const was = shown({ lateness: 5000, key: 'id', onMissing: parseOnMissing('last') });
  const is = shown({ lateness: 60_000, key: 'id', onMissing: parseOnMissing('last'), maxKeys: 5 });
  expect(differences(was, was)).toEqual([]);
  expect(differences(was, is)).toEqual(['with --lateness 5s, not 1m', 'with --max-keys 1000, not 5']);
  expect(differences({}, { '--key': 'id' })).toEqual(['without --key, not with --key id']);
  expect(differences({ '--key': 'id' }, {})).toEqual(['with --key id, not without --key']);
});

test('how many keys are kept decides what rows are only where values are filled in by them', () => {
  expect(shown({ key: 'id', maxKeys: 5 })).toEqual({ '--key': 'id' });
});
