import { describe, expect, test } from 'vitest';
import { valuesOf } from '../src/row.js';
import { thrownBy } from './thrown-by.js';

/** A row of any kind that holds the values. */
const kinds: [string, (values: number[]) => ArrayLike<number>][] = [
  ['array', (values) => values],
  ['Float32Array', (values) => Float32Array.from(values)],
  ['Float64Array', (values) => Float64Array.from(values)],
  ['Float64Array behind a proxy', (values) => behindProxy(Float64Array.from(values))],
  ['array-like', (values) => ({ ...values, length: values.length })],
];
const behindProxy = (values: Float64Array): Float64Array =>
  new Proxy(values, { get: (target, key) => Reflect.get(target, key) });

describe.each(kinds)('%s', (kind, of) => {
  test('is its values, gaps too', () => {
    expect([...valuesOf(of([1, Number.NaN, -3]), 3)]).toEqual([1, Number.NaN, -3]);
  });

  test('is not written to, whatever is read after', () => {
    const row = of([1, 2]);
    valuesOf(row, 2);
    valuesOf([7, 8], 2);
    expect([row[0], row[1]]).toEqual([1, 2]);
  });

  test.each([Infinity, -Infinity])('%s is refused, by feature', (value) => {
    expect(thrownBy(() => valuesOf(of([1, value]), 2))).toMatchObject({
      code: 'EVENKEEL_NOT_FINITE',
      row: 0,
      feature: 1,
      value,
    });
  });

  test('of more or fewer values is refused', () => {
    for (const values of [[], [1], [1, 2, 3]])
      expect(thrownBy(() => valuesOf(of(values), 2))).toMatchObject({ code: 'EVENKEEL_ARITY' });
  });

  test('that says it has more than it does is refused', () => {
    const row = Object.defineProperty(kind.includes('proxy') ? Float64Array.of(1) : of([1]), 'length', {
      value: 2,
      writable: true,
    });
    // An array is as long as it says: the second is a hole.
    expect(thrownBy(() => valuesOf(row, 2))).toMatchObject({ code: 'EVENKEEL_NOT_A_NUMBER', feature: 1 });
  });
});

test('what is no row is refused', () => {
  for (const row of [null, undefined, 5, 'ab'])
    expect(thrownBy(() => valuesOf(row as never, 2))).toMatchObject({ code: 'EVENKEEL_ARITY', value: row });
});

test('reading one may read another, and each has its own', () => {
  const inner: number[][] = [];
  const row = {
    length: 2,
    0: 1,
    get 1() {
      inner.push([...valuesOf([7, 8], 2)]);
      return 2;
    },
  };
  expect([...valuesOf(row, 2)]).toEqual([1, 2]);
  expect(inner).toEqual([[7, 8]]);
});

test('rows one after the other are read in one place', () => {
  expect(valuesOf([1, 2], 2)).toBe(valuesOf(Float32Array.of(3, 4), 2));
  const own = Float64Array.of(5, 6);
  expect(valuesOf(own, 2)).toBe(own);
});
