import { RMSNorm, StateError, tensor } from 'evenkeel';
import { expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

test('by the root mean square, about 0: a constant sample keeps its sign', () => {
  const norm = new RMSNorm(2, { eps: 0, dtype: 'float64' });
  expect(norm.forward(tensor([5, 5, -5, -5, 3, 0], [3, 2])).data).toEqual(
    Float64Array.of(1, 1, -1, -1, 3 / Math.sqrt(4.5), 0),
  );
  norm.gamma.fill(2);
  norm.beta.set([0, 1]);
  expect(norm.forward(tensor([5, 5], [1, 2])).data).toEqual(Float64Array.of(2, 3));
});

test('zeros stay zeros', () => {
  expect([...new RMSNorm(2, { eps: 0 }).forward(tensor([0, 0], [1, 2])).data]).toEqual([0, 0]);
});

test('scaling a sample changes nothing, shifting it does', () => {
  const norm = new RMSNorm(3, { eps: 0, dtype: 'float64' });
  const y = norm.forward(tensor([1, 2, 4], [1, 3])).data;
  expect(norm.forward(tensor([8, 16, 32], [1, 3])).data).toEqual(y);
  expect(norm.forward(tensor([2, 3, 5], [1, 3])).data).not.toEqual(y);
});

test('it is not a layer norm, nor is its state', () => {
  const json = JSON.parse(JSON.stringify(new RMSNorm(2))) as object;
  expect(RMSNorm.fromJSON(json).normalizedShape).toEqual([2]);
  expect(thrownBy(() => RMSNorm.fromJSON({ ...json, kind: 'LayerNorm' }))).toBeInstanceOf(StateError);
});
