/** What `--timestamp` takes for a time. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { EventClock, parseTimestamp } from '../../src/cli/event-time.js';

const read = (value: unknown, timestamp = 't'): number | string =>
  new EventClock(parseTimestamp(timestamp)).read({ place: 1, value: { t: value } });

describe('a time', () => {
  test.each([
    [1626916403871, 't', 1626916403871],
    ['1626916403871', 't', 1626916403871],
    [1626916403.5, 't:s', 1626916403500],
    ['1626916403.5', 't:s', 1626916403500],
    [1626916403871000, 't:us', 1626916403871],
    [1626916403871, 't:ms', 1626916403871],
    [0, 't', 0],
    [-1, 't:s', -1000],
  ])('%j of %s is %d', (value, timestamp, time) => {
    expect(read(value, timestamp)).toBe(time);
  });

  test.each([
    ['2012-01-01', '2012-01-01T00:00:00Z'],
    ['2013-12-02 21:15:00', '2013-12-02T21:15:00Z'],
    ['2013-12-02 21:15', '2013-12-02T21:15:00Z'],
    ['2013-12-02T21:15:00', '2013-12-02T21:15:00Z'],
    ['2013-12-02T21:15:00.25Z', '2013-12-02T21:15:00.250Z'],
    ['2013-12-02T21:15:00,25Z', '2013-12-02T21:15:00.250Z'],
    ['2013-12-02T21:15:00+02:00', '2013-12-02T19:15:00Z'],
    ['2013-12-02T21:15:00-0330', '2013-12-03T00:45:00Z'],
    ['2012-02-29', '2012-02-29T00:00:00Z'],
  ])('%s is %s, without a zone in UTC, whatever the unit', (text, iso) => {
    expect(read(text)).toBe(Date.parse(iso));
    expect(read(` ${text} `, 't:s')).toBe(Date.parse(iso));
  });

  test.prop([fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })])(
    'each that a Date writes',
    (date) => {
      expect(read(date.toISOString())).toBe(date.getTime());
    },
  );
});

describe('no time', () => {
  test.each([
    ['2013-02-30', 't is not a time: "2013-02-30"'],
    ['2013-13-01', 't is not a time: "2013-13-01"'],
    ['2013-12-02 24:00:00', 't is not a time: "2013-12-02 24:00:00"'],
    ['2013-12-02 21:60:00', 't is not a time: "2013-12-02 21:60:00"'],
    ['12/02/2013', 't is not a time: "12/02/2013"'],
    ['Dec 2, 2013', 't is not a time: "Dec 2, 2013"'],
    ['2013', undefined], // milliseconds
    ['1e999', 't is not a time: "1e999"'],
    [1.7e18, 't is not a time: 1700000000000000000'],
    ['', 't is missing'],
    [null, 't is missing'],
    [undefined, 't is missing'],
    [true, 't is not a time: true'],
    [[1], 't is not a time: an array'],
  ])('%j: %s', (value, why) => {
    expect(read(value)).toEqual(why ?? expect.any(Number));
  });
});

test('its name may have a colon; the last unit after one is the unit', () => {
  expect(parseTimestamp('a:b')).toEqual({ name: 'a:b', unit: 1 });
  expect(parseTimestamp('a:s:ms')).toEqual({ name: 'a:s', unit: 1 });
  expect(parseTimestamp(':s')).toEqual({ name: '', unit: 1000 });
});

test('a column of a header, or the place in an array', () => {
  const at = (name: string) => new EventClock(parseTimestamp(name));
  expect(at('b').read({ place: 2, value: ['1', '2'], columns: ['a', 'b'] })).toBe(2);
  expect(at('f1').read({ place: 1, value: [1, 2] })).toBe(2);
  expect(at('f2').read({ place: 1, value: [1, 2] })).toBe('f2 is missing');
  expect(() => at('c').read({ place: 2, value: ['1', '2'], columns: ['a', 'b'] })).toThrow(
    '--timestamp: there is no "c"; there is "a", "b"',
  );
  expect(() => at('a').read({ place: 2, value: ['1', '2'], columns: ['a', 'a'] })).toThrow(
    '--timestamp: there are two columns named "a"',
  );
});
