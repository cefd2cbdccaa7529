import {
  BatchNorm,
  type BatchNormOptions,
  OptionError,
  SampleError,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
} from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const column = (...values: number[]): Tensor => tensor(values, [values.length, 1]);
const norm = (options: BatchNormOptions = {}): BatchNorm =>
  new BatchNorm(1, { eps: 0, dtype: 'float64', ...options });

describe('by hand', () => {
  test('forward, running statistics, infer', () => {
    const bn = new BatchNorm(2, { eps: 0, dtype: 'float64' });
    expect([[...bn.runningMean], [...bn.runningVariance], bn.batches]).toEqual([[0, 0], [1, 1], 0]);
    const y = bn.forward(tensor([1, 10, 3, 30], [2, 2]));
    expect([...y.data]).toEqual([-1, -1, 1, 1]);
    expect([...y.moments.mean]).toEqual([2, 20]);
    expect([[...bn.runningMean], [...bn.runningVariance], bn.batches]).toEqual([[2, 20], [2, 200], 1]);
    expect([...bn.infer(tensor([2, 20], [1, 2])).data]).toEqual([0, 0]);
    expect(bn.batches).toBe(1);
  });

  test('what is emitted is float32 unless asked otherwise, whatever came in', () => {
    for (const data of [Float32Array.of(1, 3), Float64Array.of(1, 3)]) {
      expect(new BatchNorm(1).forward(tensor(data, [2, 1])).data).toBeInstanceOf(Float32Array);
      expect(norm().forward(tensor(data, [2, 1])).data).toBeInstanceOf(Float64Array);
    }
  });

  test('gamma and beta as the user wrote them are used, at once', () => {
    const bn = norm();
    bn.gamma[0] = 10;
    bn.beta[0] = 1;
    expect([...bn.forward(column(1, 3)).data]).toEqual([-9, 11]);
    bn.beta[0] = 0;
    expect([...bn.forward(column(1, 3)).data]).toEqual([-10, 10]);
    expect([...bn.infer(column(2)).data]).toEqual([0]);
  });

  test('affine: false knows no gamma and beta', () => {
    const bn = norm({ affine: false });
    bn.gamma[0] = 10;
    bn.beta[0] = 1;
    expect([...bn.forward(column(1, 3)).data]).toEqual([-1, 1]);
  });

  test.each([Number.NaN, Infinity])('gamma of %s is refused, by name, and nothing is learned', (value) => {
    const bn = new BatchNorm(2);
    const before = bn.runningMean;
    bn.gamma[1] = value;
    expect(thrownBy(() => bn.forward(tensor([1, 2], [1, 2])))).toMatchObject({
      code: 'EVENKEEL_OPTION',
      option: 'gamma[1]',
    });
    expect([bn.batches, bn.runningMean]).toEqual([0, before]);
  });

  test('a sine that is slow beside the batches: halfLifeRows knows its spread, momentum only the noise', () => {
    const right = norm({ running: { halfLifeRows: 20_000 } });
    const small = norm({ running: { momentum: 0.1 } });
    const period = 10_000;
    for (let row = 0; row < 20 * period; row += 50) {
      const data = Float64Array.from({ length: 50 }, (_, i) => {
        const at = row + i;
        return Math.sin((2 * Math.PI * at) / period) + (at % 2 === 0 ? 0.1 : -0.1);
      });
      for (const bn of [right, small]) bn.forward(tensor(data, [50, 1]));
    }
    const sd = Math.sqrt(0.5 + 0.01);
    expect(Math.abs(Math.sqrt(right.runningVariance[0]!) - sd)).toBeLessThan(0.1 * sd);
    expect(Math.sqrt(small.runningVariance[0]!)).toBeLessThan(sd / 5);
  });
});

describe('minValues', () => {
  test('a batch of fewer values is normalized with the running statistics, itself included where they pool', () => {
    const bn = norm({ runningDdof: 0 });
    bn.forward(column(1, 3));
    expect([...bn.forward(column(2)).data]).toEqual([0]);
    expect([bn.runningMean[0], bn.runningVariance[0]]).toEqual([2, 2 / 3]);
  });

  test('an average learns from it what it has a variance of: nothing from a single value', () => {
    for (const running of ['average', { momentum: 0.5 }] as const) {
      const bn = norm({ running, minValues: 9, runningDdof: 0 });
      const before = [bn.runningMean, bn.runningVariance];
      expect([...bn.forward(column(5)).data]).toEqual([5]); // mean 0, variance 1
      expect([bn.runningMean, bn.runningVariance]).toEqual(before);
      const { data } = bn.forward(column(4, 8));
      expect(data).toEqual(bn.infer(column(4, 8)).data);
      const [mean, variance] = running === 'average' ? [6, 4] : [3, 2.5];
      expect([bn.runningMean[0], bn.runningVariance[0], bn.batches]).toEqual([mean, variance, 1]);
    }
  });

  test('it is counted by channel: one may have just enough where another has too few', () => {
    const bn = new BatchNorm(2, { eps: 0, missing: 'keep' });
    expect([...bn.forward(tensor([1, 5, Number.NaN, 7], [2, 2])).data]).toEqual([0, -1, Number.NaN, 1]);
  });

  test('positions are values too', () => {
    expect([...norm().forward(tensor([1, 3], [1, 1, 2])).data]).toEqual([-1, 1]);
  });

  test('1: a single value is its own mean', () => {
    expect([...norm({ minValues: 1 }).forward(column(7)).data]).toEqual([0]);
  });
});

test('what was constant so far maps anything to beta with eps 0', () => {
  const bn = norm();
  bn.beta[0] = 3;
  bn.forward(column(5, 5, 5));
  expect([...bn.infer(column(5, 7, -1e300)).data]).toEqual([3, 3, 3]);
});

test.each([0.1, 0.5, 0.7])('a channel that gets stuck goes to beta with eps 0: momentum %d', (momentum) => {
  for (const at of [21.7, 1.7e12 + 0.3]) {
    const bn = norm({ running: { momentum }, dtype: 'float64' });
    for (let i = 0; i < 50; i++) bn.forward(column(at + Math.sin(i), at + 1));
    for (let i = 1; i <= 8000; i++) {
      bn.forward(column(at, at));
      if (i > 1000) expect(Math.abs(bn.infer(column(at)).data[0]!)).toBeLessThan(1e-12);
    }
  }
});

describe('missing', () => {
  const holes = (): Tensor => tensor([1, Number.NaN, 3, 10, Number.NaN, 30], [3, 2]);

  test('error: refused, named, and nothing learned', () => {
    const bn = new BatchNorm(2);
    const before = JSON.stringify(bn);
    for (const action of [() => bn.forward(holes()), () => bn.infer(holes())]) {
      const error = thrownBy(action);
      expect(error).toBeInstanceOf(SampleError);
      expect(error).toMatchObject({ code: 'EVENKEEL_MISSING', row: 0, feature: 1, value: Number.NaN });
    }
    expect(JSON.stringify(bn)).toBe(before);
  });

  test('keep: NaN out, and of no account', () => {
    const bn = new BatchNorm(2, { eps: 0, missing: 'keep' });
    expect([...bn.forward(holes()).data]).toEqual([-1, Number.NaN, 1, -1, Number.NaN, 1]);
    expect([...bn.runningMean]).toEqual([2, 20]);
  });

  test('mean: beta out', () => {
    const bn = new BatchNorm(2, { eps: 0, missing: 'mean' });
    bn.beta.set([5, 7]);
    expect([...bn.forward(holes()).data]).toEqual([4, 7, 6, 6, 5, 8]);
    expect([...bn.infer(tensor([Number.NaN, Number.NaN], [1, 2])).data]).toEqual([5, 7]);
  });

  test('a channel with no value at all is left to the running statistics', () => {
    const bn = norm({ missing: 'keep' });
    const nothing = (): Tensor => column(Number.NaN, Number.NaN);
    expect([...bn.forward(nothing()).data]).toEqual([Number.NaN, Number.NaN]);
    expect([bn.runningMean[0], bn.runningVariance[0]]).toEqual([0, 1]);
  });

  test.each(['error', 'keep', 'mean'] as const)('%s: an infinity is refused', (missing) => {
    const bn = norm({ missing });
    const before = JSON.stringify(bn);
    const error = thrownBy(() => bn.forward(column(1, Infinity)));
    expect(error).toMatchObject({ code: 'EVENKEEL_NOT_FINITE', row: 1, feature: 0, value: Infinity });
    expect(JSON.stringify(bn)).toBe(before);
  });
});

describe('options', () => {
  const bad: [option: string, options: object][] = [
    ...[-1e-9, Number.NaN, Infinity, '1e-5', null, {}].map((eps): [string, object] => ['eps', { eps }]),
    ...['ema', 0.1, null, {}, [], { momentum: 0.1, halfLifeRows: 3 }, () => 0].map(
      (running): [string, object] => ['running', { running }],
    ),
    ['running.decay', { running: { decay: 0.1 } }],
    ...[-0.1, 1.1, Number.NaN, '0.1', undefined].map((momentum): [string, object] => [
      'running.momentum',
      { running: { momentum } },
    ]),
    ...[0, -1, Infinity, Number.NaN, '9', undefined].map((halfLifeRows): [string, object] => [
      'running.halfLifeRows',
      { running: { halfLifeRows } },
    ]),
    ...[2, -1, '1', true, null].map((runningDdof): [string, object] => ['runningDdof', { runningDdof }]),
    ...[0, -1, 1.5, Number.NaN, '2', null].map((minValues): [string, object] => ['minValues', { minValues }]),
    ...[0, 1, 'yes', null].map((affine): [string, object] => ['affine', { affine }]),
    ...['float16', 'int8', 32, null].map((dtype): [string, object] => ['dtype', { dtype }]),
    ...['skip', 0, false, null].map((missing): [string, object] => ['missing', { missing }]),
    ['options.momentum', { momentum: 0.1 }],
    ['options.epsilon', { epsilon: 1e-3 }],
    ['options.__proto__', JSON.parse('{"__proto__":{"eps":1}}') as object],
    ['options', []],
  ];

  test.each(bad)('%s: %j', (option, options) => {
    expect(thrownBy(() => new BatchNorm(1, options))).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });
  test.each([null, 5, 'pooled', true])('no object: %s', (options) => {
    expect(thrownBy(() => new BatchNorm(1, options as never))).toMatchObject({ option: 'options' });
  });
  test('undefined is the default', () => {
    const options = { eps: undefined, running: undefined, dtype: undefined } as never;
    expect(JSON.stringify(new BatchNorm(1, options))).toBe(JSON.stringify(new BatchNorm(1)));
  });
  test('later changes to what was given, or handed out, change nothing', () => {
    const running = { momentum: 0.5 };
    const options = { eps: 0, running };
    const bn = new BatchNorm(1, options);
    const before = JSON.stringify(bn);
    options.eps = 5;
    running.momentum = 1;
    const saved = bn.toJSON() as { options: { eps: number; running: { momentum: number } } };
    saved.options.eps = 9;
    saved.options.running.momentum = 0;
    expect(JSON.stringify(bn)).toBe(before);
  });
});

describe('shapes', () => {
  test.each([
    ['rank 1', { data: Float64Array.of(1, 2), shape: [2] }],
    ['other channels', { data: Float64Array.of(1, 2, 3), shape: [1, 3] }],
    ['too little data', { data: Float64Array.of(1, 2, 3), shape: [2, 2] }],
    ['no rows', { data: new Float64Array(0), shape: [0, 2] }],
    ['a fraction', { data: Float64Array.of(1, 2), shape: [0.5, 4] }],
    ['a plain array', { data: [1, 2], shape: [1, 2] }],
    ['integers', { data: Int32Array.of(1, 2), shape: [1, 2] }],
    ['no shape', { data: Float64Array.of(1, 2) }],
    ['nothing', undefined],
    ['null', null],
  ])('%s', (_, x) => {
    const bn = new BatchNorm(2);
    const before = JSON.stringify(bn);
    for (const action of [() => bn.forward(x as Tensor), () => bn.infer(x as Tensor)]) {
      const error = thrownBy(action);
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ code: 'EVENKEEL_SHAPE' });
    }
    expect(JSON.stringify(bn)).toBe(before);
  });
});

test('a channel of too few values is where the running statistics are, to the last bit, at a large offset', () => {
  const bn = new BatchNorm(1, { dtype: 'float64', eps: 0 });
  bn.forward(tensor([1e9 + 1 / 3, 1e9 + 2 / 3, 1e9 + 2], [3, 1]));
  const x = tensor([1e9 + 5], [1, 1]);
  expect(bn.forward(x)).toMatchObject(bn.infer(x));
});

test('with a half-life, rows fade, not the values at their positions', () => {
  const bn = new BatchNorm(1, { running: { halfLifeRows: 2 } });
  bn.forward(tensor([0, 0, 0, 0, 0, 0], [2, 1, 3]));
  bn.forward(tensor([10, 10, 10, 10, 10, 10], [2, 1, 3])); // two rows on, the first six values weigh as three
  expect(bn.runningMean[0]).toBe(60 / 9);
});

test('setRunning says how many batches there were', () => {
  const bn = new BatchNorm(1, { running: 'average' });
  bn.setRunning({ mean: [4], variance: [9], batches: 3 });
  expect(bn.batches).toBe(3);
  bn.forward(tensor([7, 9], [2, 1]));
  expect([bn.runningMean[0], bn.runningVariance[0], bn.batches]).toEqual([5, 7.25, 4]);
  expect(() => new BatchNorm(1).setRunning({ mean: [0], variance: [1] })).toThrow(OptionError);
});

describe('saved state', () => {
  const good = (options: BatchNormOptions = {}): Record<string, unknown> => {
    const bn = new BatchNorm(2, options);
    bn.forward(tensor([1, 2, 3, 5], [2, 2]));
    return JSON.parse(JSON.stringify(bn)) as Record<string, unknown>;
  };
  const average = good({ running: 'average' });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an array', []],
    ['another kind', { ...good(), kind: 'Moments' }],
    ['another version', { ...good(), version: '1' }],
    ['other channels', { ...good(), channels: 3 }],
    ['far too many channels', { ...good(), channels: 2 ** 52 }],
    ['fractional channels', { ...good(), channels: 2.5 }],
    ['negative batches', { ...good(), batches: -1 }],
    ['fractional batches', { ...good(), batches: 0.5 }],
    ['no gamma', { ...good(), gamma: [null, 1] }],
    ['short beta', { ...good(), beta: [1] }],
    ['no running', { ...good(), running: undefined }],
    ['running statistics of another mode', { ...good(), running: average['running'] }],
    ['running statistics of other channels', { ...good(), running: new BatchNorm(3).toJSON() }],
    [
      'a pool of other channels',
      { ...good(), running: (new BatchNorm(3).toJSON() as Record<string, unknown>)['running'] },
    ],
    [
      'a negative variance',
      { ...average, running: { ...(average['running'] as object), variance: [-1, 1] } },
    ],
    ['a damaged mean', { ...average, running: { ...(average['running'] as object), mean: [null, 1] } }],
  ])('%s is refused', (_, json) => {
    const error = thrownBy(() => BatchNorm.fromJSON(json));
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ code: 'EVENKEEL_STATE' });
  });

  test.each([1e300, 2 ** 53 + 2])(
    'a half-life’s weights of %d, whose products could leave float64, are refused',
    (count) => {
      const bn = new BatchNorm(1, { running: { halfLifeRows: 2 } });
      bn.forward(column(1, 2));
      const json = JSON.parse(JSON.stringify(bn)) as {
        running: { paired: number[]; moments: { count: number[] } };
      };
      json.running.paired[0] = count;
      expect(thrownBy(() => BatchNorm.fromJSON(json))).toBeInstanceOf(StateError);
      json.running.paired[0] = 2;
      expect(BatchNorm.fromJSON(json).runningMean[0]).toBe(1.5);
      json.running.moments.count[0] = count;
      expect(thrownBy(() => BatchNorm.fromJSON(json))).toBeInstanceOf(StateError);
    },
  );

  test.each([
    ['options must be', undefined],
    ['options must be', 5],
    ['eps must be', { eps: -1 }],
    ['options.momentum must be', { momentum: 0.1 }],
    ['affine must be there', { eps: 1e-5 }],
    ['options.__proto__ must be', JSON.parse('{"__proto__":{"eps":1}}')],
  ])('options: %s (%j)', (reason, options) => {
    const error = thrownBy(() => BatchNorm.fromJSON({ ...good(), options }));
    expect(error).toBeInstanceOf(StateError);
    expect((error as Error).message).toContain(reason);
  });

  test.each([Number.NaN, -Infinity, 1e200])('a gamma of %s comes back, for forward to refuse', (value) => {
    for (const affine of [true, false]) {
      const bn = new BatchNorm(1, { affine });
      bn.gamma[0] = value;
      const back = BatchNorm.fromJSON(JSON.parse(JSON.stringify(bn)));
      expect(back.gamma[0]).toBe(value);
      if (affine) expect(thrownBy(() => back.forward(column(1, 3)))).toMatchObject({ option: 'gamma[0]' });
      else
        expect([...back.forward(column(1, 3)).data]).toEqual([
          ...new BatchNorm(1).forward(column(1, 3)).data,
        ]);
    }
  });

  test('__proto__ keys borne by JSON change nothing', () => {
    const text = JSON.stringify(good());
    const poison = '"__proto__":{"polluted":true,"kind":"Evil","channels":9,"options":{"eps":9}}';
    const poisoned = text.replaceAll('{"kind"', `{${poison},"kind"`);
    expect(poisoned.split('polluted').length).toBeGreaterThan(3); // BatchNorm, Pooled and Moments
    const bn = BatchNorm.fromJSON(JSON.parse(poisoned));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(bn)).toBe(text);
    const x = tensor([1, 2, 3, 7], [2, 2]);
    expect(bn.forward(x).data).toEqual(BatchNorm.fromJSON(good()).forward(x).data);
  });
});

describe('the far end of float64', () => {
  test('a gamma at which a scale could overflow is refused before anything is learned', () => {
    const bn = new BatchNorm(1, { eps: 0 });
    const before = JSON.stringify(bn).replace('"gamma":[1]', '"gamma":[1e+308]');
    bn.gamma[0] = 1e308;
    const error = thrownBy(() => bn.forward(tensor([0, 1e-10], [2, 1])));
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'gamma[0]', value: 1e308 });
    expect(JSON.stringify(bn)).toBe(before);
    bn.gamma[0] = 1e100;
    expect(bn.forward(tensor([0, 5e-162], [2, 1])).data).not.toContain(Number.NaN);
  });

  test('values further apart than float64 reaches map to beta, never to NaN', () => {
    const bn = new BatchNorm(1, { eps: 0, dtype: 'float64' });
    expect([...bn.forward(tensor([-1.7e308, 1.7e308, 1.7e308], [3, 1])).data]).toEqual([0, 0, 0]);
  });
});
