import { describe, expect, test } from 'vitest';
import { parseByFeature, settingsOf } from '../../src/cli/by-feature.js';

const parse = (text: string) => parseByFeature(text, (setting) => setting)!;

describe('settings by feature', () => {
  test('in the order of the features; the others have the one that names none', () => {
    expect(settingsOf(parse('x, a=1 ,c=2'), ['a', 'b', 'c'])).toEqual(['1', 'x', '2']);
    expect(settingsOf(parse('a=1'), ['a', 'b'])).toEqual(['1', undefined]);
  });

  test('a name of no feature is told', () => {
    expect(settingsOf(parse('a=1,z=2'), ['a'])).toBe('z');
  });

  test('two for one feature, or for all others, are none', () => {
    expect(parseByFeature('a=1,a=2', String)).toBeUndefined();
    expect(parseByFeature('1,2', String)).toBeUndefined();
  });
});
