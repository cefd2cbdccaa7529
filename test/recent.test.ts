import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Recent } from '../src/recent.js';

test('the oldest is the one put longest ago; put again, it is the latest', () => {
  const recent = new Recent<string, number>();
  expect([recent.oldest(), recent.size, recent.get('a')]).toEqual([undefined, 0, undefined]);
  recent.put('a', 1);
  recent.put('b', 2);
  expect(recent.oldest()).toEqual(['a', 1]);
  recent.put('a', 3);
  expect(recent.oldest()).toEqual(['b', 2]);
  recent.delete('b');
  recent.delete('c');
  expect([...recent]).toEqual([['a', 3]]);
});

type Act = readonly ['put' | 'delete' | 'takeOldest', number];
const act: fc.Arbitrary<Act> = fc.tuple(
  fc.constantFrom<Act[0][]>('put', 'put', 'put', 'delete', 'takeOldest'),
  fc.integer({ min: 0, max: 7 }),
);

test.prop([fc.array(act, { maxLength: 40 })], { numRuns: 10_000 })('it is a list of pairs', (acts) => {
  const recent = new Recent<number, number>();
  let list: (readonly [number, number])[] = [];
  acts.forEach(([what, key], value) => {
    const taken = what === 'takeOldest' ? (recent.oldest()?.[0] ?? -1) : key;
    list = list.filter(([other]) => other !== taken);
    if (what === 'put') {
      recent.put(key, value);
      list.push([key, value]);
    } else recent.delete(taken);
    if (recent.size !== list.length || recent.oldest()?.[0] !== list[0]?.[0])
      expect([...recent]).toEqual(list);
  });
  expect([...recent]).toEqual(list);
  for (const [key, value] of list) expect(recent.get(key)).toBe(value);
});
