import { GroupNorm, OptionError, ShapeError, StateError, tensor } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const precisely = { eps: 0, dtype: 'float64' } as const;

test('neighbouring channels of a sample share a statistic, over all positions', () => {
  const y = new GroupNorm(2, 4, precisely).forward(tensor([1, 1, 3, 3, 10, 10, 30, 30], [1, 4, 2]));
  expect(y.data).toEqual(Float64Array.of(-1, -1, 1, 1, -1, -1, 1, 1));
});

test('gamma and beta are one a channel', () => {
  const norm = new GroupNorm(1, 2, precisely);
  norm.gamma.set([2, 3]);
  norm.beta.set([10, 20]);
  expect(norm.forward(tensor([1, 3, 30, 10], [2, 2])).data).toEqual(Float64Array.of(8, 23, 12, 17));
});

test('a batch does not matter: each sample comes out as alone', () => {
  const norm = new GroupNorm(2, 4, { dtype: 'float64' });
  const data = Float64Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const whole = norm.forward(tensor(data, [3, 4, 2])).data;
  for (let i = 0; i < 3; i++)
    expect(norm.forward(tensor(data.slice(8 * i, 8 * (i + 1)), [1, 4, 2])).data).toEqual(
      whole.slice(8 * i, 8 * (i + 1)),
    );
});

describe('refused', () => {
  test('groups that do not divide the channels, saying both', () => {
    const error = thrownBy(() => new GroupNorm(4, 6));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'groups', value: 4 });
    expect((error as Error).message).toContain('6 channels');
  });

  test.each([
    [0, 4],
    [-1, 4],
    [1.5, 3],
    ['2', 4],
    [2, 0],
    [8, 4],
    [2, undefined],
  ])('groups %j of %j channels', (groups, channels) => {
    expect(() => new GroupNorm(groups as never, channels as never)).toThrow(OptionError);
  });

  test.each([[[2, 3]], [[4]], [[2, 2, 4]]])('a tensor %j for four channels', (shape) => {
    const x = tensor(new Float64Array(shape.reduce((a, b) => a * b)), shape);
    expect(() => new GroupNorm(2, 4).forward(x)).toThrow(ShapeError);
  });

  const good = () => JSON.parse(JSON.stringify(new GroupNorm(2, 4))) as Record<string, unknown>;
  test.each([
    ['groups that do not divide', { ...good(), groups: 3 }],
    ['no groups', { ...good(), groups: undefined }],
    ['other channels', { ...good(), channels: 8 }],
    ['another kind', { ...good(), kind: 'LayerNorm' }],
  ])('the state of %s', (_, json) => {
    expect(thrownBy(() => GroupNorm.fromJSON(json))).toBeInstanceOf(StateError);
  });
});
