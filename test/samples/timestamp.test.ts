import { OptionError } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { clockOf, timeOf } from '../../src/samples/timestamp.js';

describe('a timestamp', () => {
  test('is a property, or what a function gets, and is named in errors', () => {
    const named = clockOf<{ at: number }>('at');
    expect([named.name, named.read({ at: 5 })]).toEqual(['at', 5]);
    const got = clockOf<{ at: string }>(({ at }) => new Date(at));
    expect([got.name, got.read({ at: '2026-01-01T00:00:00Z' })]).toEqual([
      'timestamp',
      new Date('2026-01-01T00:00:00Z'),
    ]);
  });

  test('is a tensor’s own, or that of the sample that it carries', () => {
    const tensor = { data: new Float64Array(1), shape: [1] };
    expect(clockOf('at').read({ ...tensor, sample: { at: 5 } })).toBe(5);
    expect(clockOf('at').read({ ...tensor, at: 7, sample: { at: 5 } })).toBe(7);
    expect(clockOf('at').read(tensor)).toBeUndefined();
  });

  test.each([null, undefined, 3])('of what has no properties (%j) is nothing', (sample) => {
    expect(clockOf('at').read(sample)).toBeUndefined();
  });

  test.each([undefined, null, '', 3, {}])('%j is no such option', (timestamp) => {
    expect(() => clockOf(timestamp as never)).toThrow(OptionError);
  });

  test.each([
    [0, 0],
    [-1.5, -1.5],
    [new Date(1e12), 1e12],
    [new Date(Number.NaN), Number.NaN],
    [Number.NaN, Number.NaN],
    [Infinity, Number.NaN],
    ['2026-01-01', Number.NaN],
    [null, Number.NaN],
    [undefined, Number.NaN],
    [5n, Number.NaN],
  ])('%s tells %s', (read, time) => {
    expect(timeOf(read)).toBe(time);
  });
});
