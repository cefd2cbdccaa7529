import {
  batchNorm,
  GroupNorm,
  groupNorm,
  InstanceNorm,
  instanceNorm,
  LayerNorm,
  layerNorm,
  minibatch,
  OptionError,
  RMSNorm,
  rmsNorm,
  ShapeError,
  standardize,
  type Tensor,
  tensor,
} from 'evenkeel';
import { from, type OperatorFunction, of, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const x = tensor([1, 3, 10, 30, 2, 6, 50, 10], [2, 2, 2]);
const collect = <T>(operator: OperatorFunction<Tensor, T>, ...tensors: Tensor[]): T[] => {
  let seen: T[] = [];
  from(tensors)
    .pipe(operator, toArray())
    .subscribe((values) => {
      seen = values;
    });
  return seen;
};

describe.each([
  ['layerNorm', () => layerNorm({ eps: 0 }), () => new LayerNorm([2, 2], { eps: 0 }), layerNorm],
  ['rmsNorm', () => rmsNorm({ eps: 0 }), () => new RMSNorm([2, 2], { eps: 0 }), rmsNorm],
  ['groupNorm', () => groupNorm({ groups: 2, eps: 0 }), () => new GroupNorm(2, 2, { eps: 0 }), groupNorm],
  ['instanceNorm', () => instanceNorm({ eps: 0 }), () => new InstanceNorm(2, { eps: 0 }), instanceNorm],
] as const)('%s', (_, operator, instance, make) => {
  test('of options is what the norm of the first tensor gives', () => {
    const [y] = collect(operator(), x);
    expect(y).toEqual(instance().forward(x));
  });

  test('of an instance uses that instance, in either mode', () => {
    const norm = instance();
    norm.gamma.fill(2);
    expect(collect(make(norm as never), x)).toEqual([norm.forward(x)]);
    expect(collect(make(norm as never, { mode: 'eval' }), x)).toEqual([norm.infer(x)]);
  });

  test('what came in is kept; a tensor that does not fit is an error', () => {
    const tagged = { ...x, tag: 'a' };
    const [y] = collect<Tensor>(operator(), tagged);
    expect(y).toMatchObject({ tag: 'a' });
    let error: unknown;
    of(x, tensor([1, 2, 3], [1, 3]))
      .pipe(operator())
      .subscribe({
        error: (e: unknown) => {
          error = e;
        },
      });
    expect(error).toBeInstanceOf(ShapeError);
  });

  test.each([{ eps: -1 }, { momentun: 0.1 }, null, 5, [], { normalizedShape: 0 }, { groups: 0 }])(
    'options %j are refused at once',
    (options) => {
      expect(() => make(options as never)).toThrow(OptionError);
      expect(() => make(instance() as never, { mode: 'test' } as never)).toThrow(OptionError);
    },
  );
});

test.each([
  ['batchNorm', () => batchNorm(new LayerNorm(2) as never), 'a BatchNorm'],
  ['layerNorm', () => layerNorm(new RMSNorm(2) as never), 'a LayerNorm'],
  ['rmsNorm', () => rmsNorm(new LayerNorm(2) as never), 'an RMSNorm'],
  ['groupNorm', () => groupNorm(new LayerNorm(2) as never), 'a GroupNorm'],
  ['instanceNorm', () => instanceNorm(new LayerNorm(2) as never), 'an InstanceNorm'],
  ['standardize', () => standardize(new LayerNorm(2) as never), 'a scaler'],
])('%s says where another normalizer belongs', (_, action, expected) => {
  const error = thrownBy(action) as OptionError;
  expect(error).toBeInstanceOf(OptionError);
  expect(error.message).toContain(expected);
  expect(error.message).toContain('goes with normalize');
});

test('layerNorm normalizes whole samples of rows by default, or the shape that is asked for', () => {
  const rows: number[][] = [];
  from([
    [1, 3],
    [20, 10],
  ])
    .pipe(minibatch({ size: 2 }), layerNorm({ eps: 0 }))
    .subscribe((y) => rows.push([...y.data]));
  expect(rows).toEqual([[-1, 1, 1, -1]]);
  const [y] = collect(layerNorm({ eps: 0, normalizedShape: 2 }), x);
  expect([...y!.data]).toEqual([-1, 1, -1, 1, -1, 1, 1, -1]);
});

test.each([layerNorm, rmsNorm])(
  'the shape that was asked for cannot be changed behind its back',
  (operator) => {
    const normalizedShape = [2];
    const normalized = operator({ normalizedShape });
    normalizedShape[0] = 3;
    expect(collect(normalized, x)).toHaveLength(1);
  },
);

test('instanceNorm with trackRunningStats keeps them in the instance', () => {
  const norm = new InstanceNorm(2, { trackRunningStats: true, momentum: 1 });
  collect(instanceNorm(norm), x);
  expect(norm.runningMean).toEqual(Float64Array.of(3, 25));
});
