import { runInNewContext } from 'node:vm';
import { OptionError } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { knownOptions, numberBetween, oneOf, positiveInteger } from '../src/options.js';

test('what is fine is returned as it was', () => {
  const options = { size: 3 };
  expect(knownOptions('options', options, ['size'])).toBe(options);
  expect(positiveInteger('n', 3)).toBe(3);
  expect(numberBetween('x', -0, 0, 1)).toBe(-0);
  expect(numberBetween('x', 1, 0, 1)).toBe(1);
  expect(oneOf('x', null, [null, 1])).toBe(null);
});

describe('what is not is refused, by name', () => {
  test.each([0, -1, 0.5, 2 ** 53, Number.NaN, Infinity, '1', 1n, true, null, undefined])(
    'positive integer: %s',
    (n) => {
      expect(() => positiveInteger('n', n)).toThrow(OptionError);
    },
  );
  test.each([-1e-9, 1.1, Number.NaN, Infinity, '0.5', null, undefined])('number from 0 to 1: %s', (x) => {
    expect(() => numberBetween('x', x, 0, 1)).toThrow('x must be a finite number from 0 to 1');
  });
  test('number from 0 up', () => {
    expect(() => numberBetween('x', -1, 0, Infinity)).toThrow('x must be a finite number from 0 up, got -1');
    expect(() => numberBetween('x', Infinity, 0, Infinity)).toThrow(OptionError);
  });
  test('choice', () => {
    expect(() => oneOf('x', 'c', ['a', 'b'])).toThrow('x must be one of a, b, got "c"');
  });
  test.each([null, undefined, 5, 'size', [], () => 0])('options: %s', (options) => {
    expect(() => knownOptions('options', options as object, [])).toThrow(OptionError);
  });
  test('what holds options where its keys do not show them', () => {
    class Options {
      readonly size = 3;
    }
    for (const options of [Object.create({ size: 3 }), new Map([['size', 3]]), new Options(), new Date()])
      expect(() => knownOptions<{ size?: number }>('options', options, ['size'])).toThrow(
        'options must be a plain object of options',
      );
    for (const options of [runInNewContext('({ size: 3 })'), Object.assign(Object.create(null), { size: 3 })])
      expect(knownOptions<{ size?: number }>('options', options, ['size'])).toBe(options);
  });
  test('unknown options', () => {
    expect(() => knownOptions('options', { sise: 3 } as object, ['size' as never])).toThrow('options.sise');
    expect(() => knownOptions('options', JSON.parse('{"__proto__":1}') as object, [])).toThrow(
      'options.__proto__',
    );
  });
});
