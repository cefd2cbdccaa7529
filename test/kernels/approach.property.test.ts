import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { approach, between } from '../../src/kernels/approach.js';
import { low } from '../../src/kernels/double-double.js';
import { anyFinite } from '../oracle/data.js';

/** In two words that do not overlap. */
const words = fc
  .tuple(anyFinite, fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([high, rest]) => [high, Math.abs(high) < 1e290 ? high * rest * 2 ** -54 : 0] as const);
const part = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.1, 0.5, 1));

test.prop([fc.array(fc.tuple(words, words, part), { minLength: 1, maxLength: 8 })], { numRuns: 2000 })(
  'written out, a step is what it is step by step, to the bit, on either side of infinity',
  (channels) => {
    const c = channels.length;
    const s = Float64Array.from([...channels.map(([a]) => a[0]), ...channels.map(([a]) => a[1])]);
    const to = Float64Array.from([...channels.map(([, b]) => b[1]), ...channels.map(([, b]) => b[0])]);
    const parts = Float64Array.from(channels, ([, , p]) => p);
    approach(s, 0, c, c, to, c, 0, parts, new Float64Array(c));
    channels.forEach(([[a, aLow], [b, bLow], p], i) => {
      const expected = between(a, aLow, b, bLow, p, 0);
      expect([s[i], s[c + i]]).toEqual([expected, low[0]]);
    });
  },
);

test('an infinite variance stays', () => {
  const s = Float64Array.of(Infinity, 0);
  approach(s, 0, 1, 1, Float64Array.of(3), 0, undefined, Float64Array.of(0.25), Float64Array.of(0));
  expect([...s]).toEqual([Infinity, 0]);
});
