import { describe, expect, test } from 'vitest';
import { SeenValues } from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

const gap = Number.NaN;
function seenOf(): SeenValues {
  const seen = new SeenValues(2);
  seen.update([20, gap], 1000);
  seen.update([22, gap], 2000);
  return seen;
}

test('mean and last value of each feature; of none seen NaN', () => {
  const seen = seenOf();
  expect([seen.features, seen.moments.mean[0], [...seen.moments.count]]).toEqual([2, 21, [2, 0]]);
  expect([[...seen.last], [...seen.times]]).toEqual([
    [22, gap],
    [2000, gap],
  ]);
  seen.update([gap, -0], -5);
  expect([[...seen.last], [...seen.times]]).toEqual([
    [22, -0],
    [2000, -5],
  ]);
});

test.each<[string, ArrayLike<number>, number, string]>([
  ['an infinity', [1, Infinity], 0, 'EVENKEEL_NOT_FINITE'],
  ['no number', [1, '2' as never], 0, 'EVENKEEL_NOT_A_NUMBER'],
  ['too few', [1], 0, 'EVENKEEL_ARITY'],
  ['no time', [1, 2], gap, 'EVENKEEL_OPTION'],
])('%s is refused, and nothing seen', (_, row, time, code) => {
  const seen = seenOf();
  const before = JSON.stringify(seen);
  expect(thrownBy(() => seen.update(row, time))).toMatchObject({ code });
  expect(JSON.stringify(seen)).toBe(before);
});

test('no features', () => {
  expect(thrownBy(() => new SeenValues(0))).toMatchObject({
    code: 'EVENKEEL_OPTION',
    option: 'features',
  });
});

describe('saved', () => {
  const saved = (): Record<string, unknown> => JSON.parse(JSON.stringify(seenOf()));
  test('it comes back to the bit, negative zero and gaps too', () => {
    const seen = seenOf();
    seen.update([-0, 0.1], 3000);
    const back = SeenValues.fromJSON(JSON.parse(JSON.stringify(seen)));
    for (const one of [seen, back]) one.update([0.2, gap], 4000);
    expect(JSON.stringify(back)).toBe(JSON.stringify(seen));
    expect(Object.is(back.last[1], 0.1) && back.times[0] === 4000).toBe(true);
  });

  test.each<[string, object, string]>([
    ['of another kind', { kind: 'Moments' }, 'kind'],
    ['of another version', { version: 2 }, 'SeenValues.version'],
    ['no moments', { moments: {} }, 'kind'],
    ['too few values', { last: [1] }, 'SeenValues.last.length'],
    ['an infinity', { last: ['Infinity', 'NaN'] }, 'SeenValues.last[0]'],
    ['no time', { times: [1e300, 'NaN'] }, 'SeenValues.times[0]'],
    ['a time of nothing', { times: [0, 0] }, 'SeenValues.times[1]'],
    ['a value of nothing', { last: [22, 1] }, 'SeenValues.last[1]'],
  ])('%s: refused', (_, other, where) => {
    expect(thrownBy(() => SeenValues.fromJSON({ ...saved(), ...other }))).toMatchObject({
      code: 'EVENKEEL_STATE',
      message: expect.stringContaining(where),
    });
  });
});
