import { tensor } from 'evenkeel';
import { expect, test } from 'vitest';
import { convolve } from './convolution.js';

const plain = { transposed: false, groups: 1, stride: [1], padding: [0], dilation: [1] };

test('by hand', () => {
  const x = tensor([1, 2, 3, 4], [1, 1, 4]);
  const weight = tensor([1, 10, 100], [1, 1, 3]);
  expect(convolve(x, weight, [0.5], plain)).toEqual(tensor([321.5, 432.5], [1, 1, 2]));
  expect(convolve(x, weight, null, { ...plain, padding: [1], stride: [2] }).data).toEqual(
    Float64Array.of(210, 432),
  );
  expect(convolve(x, tensor([1, 10], [1, 1, 2]), null, { ...plain, dilation: [3] }).data).toEqual(
    Float64Array.of(41),
  );
});

test('transposed, by hand', () => {
  const x = tensor([1, 2], [1, 1, 2]);
  const weight = tensor([1, 10, 100], [1, 1, 3]);
  const transposed = { ...plain, transposed: true };
  expect(convolve(x, weight, null, transposed).data).toEqual(Float64Array.of(1, 12, 120, 200));
  expect(convolve(x, weight, null, { ...transposed, stride: [2], padding: [1] }).data).toEqual(
    Float64Array.of(10, 102, 20),
  );
});

test('groups keep to themselves, by hand', () => {
  const x = tensor([1, 2, 3, 4], [1, 4, 1]);
  const groups = { ...plain, groups: 2 };
  expect(convolve(x, tensor([1, 10, 1, 10], [2, 2, 1]), null, groups).data).toEqual(Float64Array.of(21, 43));
  expect(
    convolve(x, tensor([1, 10, 1, 10, 1, 10, 1, 10], [4, 2, 1]), null, { ...groups, transposed: true }).data,
  ).toEqual(Float64Array.of(3, 30, 7, 70));
});

test('two axes, by hand', () => {
  const x = tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
  const square = { ...plain, stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
  expect(convolve(x, tensor([1, 10, 100, 1000], [1, 1, 2, 2]), null, square)).toEqual(
    tensor([5421, 6532], [1, 1, 1, 2]),
  );
});
