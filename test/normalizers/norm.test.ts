/** Gamma and beta, which norms have for themselves, though they are made only once they are asked for. */
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, type Norm, RMSNorm, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';

const x = tensor([1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233], [2, 3, 2]);
const norms: [string, (affine: boolean) => Norm][] = [
  ['BatchNorm', (affine) => new BatchNorm(3, { affine })],
  ['LayerNorm', (affine) => new LayerNorm([3, 2], { affine })],
  ['RMSNorm', (affine) => new RMSNorm([3, 2], { affine })],
  ['GroupNorm', (affine) => new GroupNorm(1, 3, { affine })],
  ['InstanceNorm', (affine) => new InstanceNorm(3, { affine })],
];

describe.each(norms)('%s', (_, make) => {
  test('what is written to one is of no other, made before or after', () => {
    const [one, other] = [make(true), make(true)];
    const before = other.forward(x).data;
    one.gamma.fill(3);
    one.beta.fill(-1);
    expect([...one.forward(x).data]).toEqual([...before].map((y) => expect.closeTo(3 * y - 1, 5)));
    expect(make(true).forward(x).data).toEqual(before);
    expect([...other.gamma, ...other.beta]).toEqual([...make(true).gamma, ...make(true).beta]);
  });

  test('they are the same arrays each time, and used whenever they were first asked for', () => {
    const norm = make(true);
    norm.forward(x);
    const { gamma, beta } = norm;
    expect(norm.gamma).toBe(gamma);
    expect(norm.beta).toBe(beta);
    gamma.fill(0);
    beta.fill(7);
    expect([...norm.forward(x).data]).toEqual(Array.from(x.data, () => 7));
  });

  test.each([true, false])('affine: %s: saved the same whether they were asked for or not', (affine) => {
    const [asked, not] = [make(affine), make(affine)];
    for (const norm of [asked, not]) norm.forward(x);
    expect(asked.gamma.every((value) => value === 1) && asked.beta.every((value) => value === 0)).toBe(true);
    expect(JSON.stringify(asked)).toBe(JSON.stringify(not));
  });

  test('affine: false: written to, they are saved, and do nothing to what is normalized', () => {
    const [written, not] = [make(false), make(false)];
    written.gamma.fill(5);
    written.beta.fill(5);
    expect(written.forward(x).data).toEqual(not.forward(x).data);
    expect(JSON.stringify(written)).not.toBe(JSON.stringify(not));
  });
});
