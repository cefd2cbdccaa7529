import { fc, test } from '@fast-check/vitest';
import { Extrema, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { anyFinite } from '../oracle/data.js';
import { thrownBy } from '../thrown-by.js';

const state = (extrema: Extrema): string => JSON.stringify(extrema);
const restored = (extrema: Extrema): Extrema => Extrema.fromJSON(JSON.parse(state(extrema)));
const value = fc.oneof({ weight: 5, arbitrary: anyFinite }, fc.constant(Number.NaN));
const rows = fc.array(fc.tuple(value, value, value), { minLength: 0, maxLength: 15 });

function byRows(rows: readonly (readonly number[])[]): Extrema {
  const extrema = new Extrema(3);
  for (const row of rows) extrema.update(row);
  return extrema;
}

/** By sorting, where -0 is below 0. */
function expectExtrema(extrema: Extrema, rows: readonly (readonly number[])[]): void {
  for (let channel = 0; channel < 3; channel++) {
    const values = rows.map((row) => row[channel]!).filter((x) => !Number.isNaN(x));
    const sorted = values.sort((a, b) => a - b || (Object.is(a, -0) ? -1 : 1) - (Object.is(b, -0) ? -1 : 1));
    expect(extrema.count[channel]).toBe(values.length);
    expect(extrema.min[channel]).toBe(sorted.at(0) ?? Infinity);
    expect(extrema.max[channel]).toBe(sorted.at(-1) ?? -Infinity);
  }
}

describe('the least, the greatest and how many', () => {
  test.prop([rows])('of rows, exactly, channel by channel without what is missing', (rows) => {
    expectExtrema(byRows(rows), rows);
  });

  test.prop([rows, fc.integer({ min: 1, max: 3 })])('of batches of any rank', (rows, l) => {
    const whole = rows.slice(0, rows.length - (rows.length % l));
    fc.pre(whole.length > 0);
    const n = whole.length / l;
    // [n, 3, l]: position p of sample s is row s * l + p
    const data = Float64Array.from({ length: n * 3 * l }, (_, at) => {
      const [sample, channel, position] = [Math.floor(at / (3 * l)), Math.floor(at / l) % 3, at % l];
      return whole[sample * l + position]![channel]!;
    });
    const extrema = new Extrema(3);
    extrema.updateBatch(tensor(data, l === 1 ? [n, 3] : [n, 3, l]));
    expect(state(extrema)).toBe(state(byRows(whole)));
  });

  test.each([
    [0, -0],
    [-0, 0],
  ])('a -0 is below a 0: %d, %d', (...values) => {
    const extrema = new Extrema(1);
    extrema.updateBatch(tensor(values, [2, 1]));
    expect([extrema.min[0], extrema.max[0]]).toEqual([-0, 0]);
  });

  test('a weight is no matter, unless it is 0', () => {
    const extrema = new Extrema(1);
    extrema.update([5], 0.25);
    extrema.update([9], 0);
    extrema.update([4], 1e9);
    expect([extrema.count[0], extrema.min[0], extrema.max[0]]).toEqual([2, 4, 5]);
  });
});

describe('the laws', () => {
  test.prop([rows, rows, rows])('merged in any tree and order: the same, bit for bit', (a, b, c) => {
    const whole = state(byRows([...a, ...b, ...c]));
    const left = byRows(a);
    left.merge(byRows(b));
    left.merge(byRows(c));
    const right = byRows(c);
    right.merge(byRows(a));
    const last = byRows(b);
    last.merge(right);
    expect([state(left), state(last)]).toEqual([whole, whole]);
  });

  test.prop([rows, rows])('a clone goes its own way; the one merged is left alone', (a, b) => {
    const [first, second] = [byRows(a), byRows(b)];
    const copy = first.clone();
    first.merge(second);
    expect([state(copy), state(second)]).toEqual([state(byRows(a)), state(byRows(b))]);
  });

  test.prop([rows, rows])('saved and continued is never having stopped, bit for bit', (a, b) => {
    const extrema = restored(byRows(a));
    for (const row of b) extrema.update(row);
    expect(state(extrema)).toBe(state(byRows([...a, ...b])));
  });

  test('its revision grows with what changes it, and is not saved', () => {
    const extrema = new Extrema(1);
    const seen = [extrema.revision];
    extrema.update([1]);
    seen.push(extrema.revision);
    extrema.updateBatch(tensor([1], [1, 1]));
    seen.push(extrema.revision);
    extrema.merge(new Extrema(1));
    seen.push(extrema.revision);
    expect(new Set(seen).size).toBe(4);
    expect(state(restored(extrema))).toBe(state(extrema));
  });
});

describe('what is refused changes nothing', () => {
  test.each<[unknown, string]>([
    [[1], 'EVENKEEL_ARITY'],
    [[1, 2, 3, 4], 'EVENKEEL_ARITY'],
    [null, 'EVENKEEL_ARITY'],
    [[1, Infinity, 3], 'EVENKEEL_NOT_FINITE'],
    [[1, '2', 3], 'EVENKEEL_NOT_A_NUMBER'],
  ])('row %j: %s', (row, code) => {
    const extrema = byRows([[1, 2, 3]]);
    expect(thrownBy(() => extrema.update(row as number[]))).toMatchObject({ name: 'SampleError', code });
    expect(thrownBy(() => extrema.update(row as number[], 0))).toMatchObject({ code });
    expect(state(extrema)).toBe(state(byRows([[1, 2, 3]])));
  });

  test('a weight, a tensor, another', () => {
    const extrema = byRows([[1, 2, 3]]);
    const refusals: [() => void, object][] = [
      [() => extrema.update([1, 2, 3], -1), { code: 'EVENKEEL_OPTION', option: 'weight' }],
      [() => extrema.updateBatch(tensor([9, 9, 9, 9, -Infinity, 9], [2, 3])), { row: 1, feature: 1 }],
      [
        () => extrema.updateBatch(tensor([9, 9, 9, 9, Number.NaN, 9], [2, 3]), 'error'),
        { code: 'EVENKEEL_MISSING', row: 1, feature: 1, value: Number.NaN },
      ],
      [
        () => extrema.updateBatch(tensor([9, 9, 9], [1, 3]), 'keep' as never),
        { code: 'EVENKEEL_OPTION', option: 'missing' },
      ],
      [() => extrema.updateBatch(tensor([1, 2], [1, 2])), { code: 'EVENKEEL_SHAPE' }],
      [() => extrema.merge(new Extrema(2)), { code: 'EVENKEEL_SHAPE' }],
      [() => extrema.merge({} as Extrema), { code: 'EVENKEEL_OPTION' }],
      [() => new Extrema(0), { code: 'EVENKEEL_OPTION', option: 'channels' }],
    ];
    for (const [action, expected] of refusals) expect(thrownBy(action)).toMatchObject(expected);
    expect(state(extrema)).toBe(state(byRows([[1, 2, 3]])));
  });

  const good = { kind: 'Extrema', version: 1, channels: 1, count: [2], min: [-1], max: [3] };
  const empty = { ...good, count: [0], min: ['Infinity'], max: ['-Infinity'] };
  test('good state is taken', () => {
    for (const json of [good, empty]) expect(JSON.parse(state(Extrema.fromJSON(json)))).toEqual(json);
  });
  test.each<[string, object]>([
    ['kind', { ...good, kind: 'Moments' }],
    ['Extrema.version', { ...good, version: 2 }],
    ['Extrema.channels', { ...good, channels: 0 }],
    ['Extrema.count.length', { ...good, channels: 2 }],
    ['Extrema.count[0]', { ...good, count: [1.5] }],
    ['Extrema.min[0]', { ...good, min: ['NaN'] }],
    ['Extrema.min[0]', { ...good, min: ['-Infinity'] }],
    ['Extrema.min[0]', { ...good, max: [-2] }],
    ['Extrema.min[0]', { ...good, max: ['Infinity'] }],
    ['Extrema.min[0]', { ...empty, min: [0] }],
    ['Extrema.min[0]', { ...empty, max: [0] }],
  ])('%s', (where, json) => {
    const error = thrownBy(() => Extrema.fromJSON(json)) as Error;
    expect(error).toMatchObject({ code: 'EVENKEEL_STATE' });
    expect(error.message).toContain(`state: ${where} must be`);
  });
});
