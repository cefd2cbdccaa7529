import { describe, expect, test } from 'vitest';
import { carry } from '../../src/operators/carry.js';

const name = Symbol('name');
const [x, y] = [Float64Array.of(1, 2), Float32Array.of(3)];

describe('a tensor in the place of another', () => {
  test('has its own data and shape, what the other carried, and what it carries itself', () => {
    const other = { samples: [7], data: x, shape: [2, 1], kept: 1, [name]: 'a' };
    const tensor = { moments: 5, data: y, kept: 2, shape: [1] };
    const both: object = carry(other, tensor);
    expect(both).toStrictEqual({ ...other, ...tensor });
    expect(Reflect.get(both, name)).toBe('a');
    expect(other).toStrictEqual({ samples: [7], data: x, shape: [2, 1], kept: 1, [name]: 'a' });
  });

  test('a property of any name is its own', () => {
    const other = JSON.parse('{ "__proto__": { "polluted": true }, "shape": [1] }');
    const both: object = carry({ ...other, data: x }, { data: y, shape: [1] });
    expect(Object.getPrototypeOf(both)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(both, '__proto__')?.value).toEqual({ polluted: true });
  });

  test('takes nothing that is inherited', () => {
    const heir = Object.assign(Object.create({ inherited: 1 }), { data: x, shape: [2] });
    expect(Object.keys(carry(heir, { data: y, shape: [1] }))).toEqual(['data', 'shape']);
  });
});
