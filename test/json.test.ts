import { fc, test } from '@fast-check/vitest';
import { StateError } from 'evenkeel';
import { describe, expect } from 'vitest';
import {
  anyNumber,
  finite,
  fromZero,
  fromZeroToInfinity,
  numbersFromJSON,
  numbersToJSON,
  planesFromJSON,
  stateOf,
  wholeFromJSON,
  wholeFromZero,
} from '../src/json.js';

const words = (values: Float64Array): BigUint64Array => new BigUint64Array(values.slice().buffer);

test.prop([fc.float64Array()])('numbers come back bit for bit through JSON text', (values) => {
  const kept = values.map((x) => (Number.isNaN(x) ? Number.NaN : x)); // one NaN for all
  const json: unknown = JSON.parse(JSON.stringify(numbersToJSON(kept)));
  expect(words(numbersFromJSON('here', json, kept.length, anyNumber))).toEqual(words(kept));
});

describe('numbers', () => {
  test('infinities only where they are in range', () => {
    const both = ['Infinity', '-0'];
    expect(numbersFromJSON('m2', both, 2, fromZeroToInfinity)).toEqual(Float64Array.of(Infinity, -0));
    expect(() => numbersFromJSON('m2', ['Infinity'], 1, finite)).toThrow(StateError);
    expect(() => numbersFromJSON('m2', ['-Infinity'], 1, fromZeroToInfinity)).toThrow(StateError);
    expect(numbersToJSON(Float64Array.of(-0, Infinity, -Infinity, Number.NaN, 1.5))).toEqual([
      '-0',
      'Infinity',
      '-Infinity',
      'NaN',
      1.5,
    ]);
  });

  const unusable = [
    null,
    undefined,
    'NaN',
    '1',
    '',
    'toString',
    '__proto__',
    true,
    {},
    [1],
    -2,
    Number.NaN,
    1n,
  ];
  test.each(unusable)('not %s', (value) => {
    expect(() => numbersFromJSON('x', [value], 1, fromZero)).toThrow(StateError);
  });
  test.each([undefined, null, 5, 'a', {}, [], [1], [1, 2, 3], { 0: 1, 1: 2, length: 2 }])(
    'not %j for two',
    (json) => {
      expect(() => numbersFromJSON('x', json, 2, anyNumber)).toThrow(StateError);
    },
  );
});

describe('a low word', () => {
  const load = (high: number, low: number): Float64Array =>
    planesFromJSON(
      'K',
      [['mean', fromZeroToInfinity] as const, ['meanLow', 'low'] as const],
      { mean: [high], meanLow: [low] },
      1,
    );

  test.each([
    [1, 2 ** -53],
    [1, -(2 ** -53)],
    [1e300, 1e283],
    [0, 0],
    [5e-324, 0],
  ])('%d and %d', (high, low) => {
    expect(load(high, low)).toEqual(Float64Array.of(high, low));
  });
  test.each([
    [1, 1e-15],
    [0, 5e-324],
    [2, 1e6],
    [5e-324, 5e-324],
    [1, Number.NaN],
    [Infinity, 5],
  ])('not %d and %d', (high, low) => {
    expect(() => load(high, low)).toThrow(/K\.meanLow\[0\]/);
  });
});

test('whole numbers', () => {
  expect(numbersFromJSON('n', [0, 2 ** 53 - 1], 2, wholeFromZero)).toEqual(Float64Array.of(0, 2 ** 53 - 1));
  for (const n of [-1, 2.5, 2 ** 53, '1', 'Infinity', null])
    expect(() => numbersFromJSON('n', [n], 1, wholeFromZero)).toThrow(StateError);
  expect(wholeFromJSON('n', 3, 1)).toBe(3);
  for (const n of [0, -1, 1.5, '3', null, undefined, Number.NaN, 2 ** 53]) {
    expect(() => wholeFromJSON('n', n, 1)).toThrow(StateError);
  }
});

test('what a state inherits was not saved with it', () => {
  const inherited = Object.assign({}, JSON.parse('{"__proto__": {"a": 2, "kind": "K"}, "version": 1}'));
  expect(inherited.kind).toBe('K');
  expect(() => stateOf('K', 1, inherited)).toThrow(StateError);
  expect(stateOf('K', 1, Object.assign(inherited, { kind: 'K' }))['a']).toBeUndefined();
});

test('the state is of its kind and version', () => {
  expect(stateOf('K', 1, { kind: 'K', version: 1, a: 2 })['a']).toBe(2);
  for (const json of [
    null,
    undefined,
    5,
    'K',
    {},
    { kind: 'K' },
    { kind: 'K', version: 2 },
    { kind: 'k', version: 1 },
  ]) {
    expect(() => stateOf('K', 1, json)).toThrow(StateError);
  }
});
