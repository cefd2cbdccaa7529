import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { handedOut, kept } from '../src/block.js';

const lengths = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 128 }), fc.constantFrom(127, 128, 129, 1024, 1025)),
  {
    minLength: 1,
    maxLength: 60,
  },
);

describe.each([
  ['kept', kept],
  ['handed out', handedOut],
])('%s', (_, cut) => {
  test.prop([lengths])('zeros, as many as were asked for, that are nobody else’s', (lengths) => {
    const arrays = lengths.map((length, i) => {
      const array = cut(length);
      expect(array).toHaveLength(length);
      expect(array.every((value) => Object.is(value, 0))).toBe(true);
      return array.fill(i + 1);
    });
    arrays.forEach((array, i) => {
      expect(array.every((value) => value === i + 1)).toBe(true);
    });
  });

  test.prop([lengths])('small ones share 8 KiB, large ones have a buffer of their own', (lengths) => {
    const arrays = lengths.map(cut);
    const small = arrays.filter(({ length }) => length <= 128);
    const large = arrays.filter(({ length }) => length > 128);
    for (const { buffer } of small) expect(buffer.byteLength).toBe(8192);
    for (const { buffer, byteLength } of large) expect(buffer.byteLength).toBe(byteLength);
    expect(new Set(large.map(({ buffer }) => buffer)).size).toBe(large.length);
    // A block is left for the next with room for less than the one that did not fit: 7/8 of it is full, or more.
    const values = small.reduce((sum, { length }) => sum + length, 0);
    const buffers = new Set(small.map(({ buffer }) => buffer)).size;
    expect(buffers).toBeLessThanOrEqual(2 + Math.floor(values / (1024 - 127)));
  });
});

test('what is handed out keeps nothing alive that is kept, nor the other way round', () => {
  const buffers = new Set(Array.from({ length: 300 }, () => kept(8).buffer));
  for (let i = 0; i < 300; i++) expect(buffers.has(handedOut(8).buffer)).toBe(false);
});
