import { describe, expect, test } from 'vitest';
import { placeOf, shared, sharesOf } from '../../bench/shares.js';

const frame = (url: string, functionName = '') => ({
  callFrame: { url, functionName, scriptId: '1', lineNumber: 0, columnNumber: 0 },
});

test.each([
  ['kernels/plain-sums', 'file:///somewhere/dist/kernels/plain-sums.js', 'addTo'],
  ['rxjs', 'file:///somewhere/node_modules/rxjs/dist/esm/internal/Subject.js', 'next'],
  ['@stdlib/stats-incr-meanvar', 'file:///a/node_modules/@stdlib/stats-incr-meanvar/lib/main.js', 'f'],
  ['the SIMD module', 'wasm://wasm/856322f6', 'wasm-function[2]'],
  ['the bench', 'file:///somewhere/bench/contender.ts', 'run'],
  ['collecting garbage', '', '(garbage collector)'],
  ['the engine and the system', '', '(program)'],
  ['the engine and the system', 'node:internal/process', 'run'],
])('%s', (place, url, functionName) => {
  expect(placeOf({ url, functionName })).toBe(place);
});

describe('shares', () => {
  test('are by file, the largest first; small ones are told together', () => {
    expect(
      shared([
        { ...frame('/dist/a.js', 'f'), hitCount: 30 },
        { ...frame('/dist/b.js'), hitCount: 59 },
        { ...frame('/dist/a.js', 'g'), hitCount: 8 },
        { ...frame('/dist/c.js'), hitCount: 1 },
        { ...frame('/dist/d.js'), hitCount: 2 },
        frame('/dist/e.js'),
      ]),
    ).toEqual([
      { name: 'b', value: 0.59 },
      { name: 'a', value: 0.38 },
      { name: 'd', value: 0.02 },
      { name: 'what has less than 2% each', value: expect.closeTo(0.01, 12) },
    ]);
  });

  test('there are none of nothing', () => {
    expect(shared([{ ...frame('/dist/a.js'), hitCount: 0 }])).toEqual([]);
  });

  test('add up to 1, of what really runs', async () => {
    const runs: number[] = [];
    const shares = await sharesOf(
      {
        name: 'busy',
        pieces: 1,
        result: () => [],
        run(times) {
          runs.push(times);
          let sum = 0;
          for (let i = 0; i < times; i++) sum += Math.sqrt(i);
          return sum;
        },
      },
      1e7,
    );
    expect(runs).toEqual([1e7]);
    expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 9);
  }, 60_000);
});
