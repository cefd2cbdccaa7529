import { from, map, mergeMap, Observable, of, repeat, retry, Subject, take, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import {
  BatchNorm,
  batchNorm,
  type Moments,
  minibatch,
  normalize,
  type Tensor,
  TensorPool,
  tensor,
} from '../../src/index.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const [a, b] = [tensor([1, 3], [2, 1]), tensor([10, 30], [2, 1])];
const data = map((x: Tensor) => [...x.data]);
const up = [-1, 1];

describe.each([
  ['normalize', () => normalize<Tensor>(new BatchNorm(1, { eps: 0 }))],
  ['batchNorm with options', () => batchNorm<Tensor>({ eps: 0 })],
  ['batchNorm with an instance', () => batchNorm<Tensor>(new BatchNorm(1, { eps: 0 }))],
])('%s: marbles', (_name, operator) => {
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-a-|', '-u-|'],
    ['many', 'a-b-(ab|)', 'u-u-(uu|)'],
    ['error', 'a--#', 'u--#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold<Tensor>(source, { a, b }).pipe(operator(), data)).toBe(expected, { u: up });
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Tensor>('a-b-a-b-|', { a, b });
      expectObservable(source.pipe(operator(), data), '---!').toBe('u-u', { u: up });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('a synchronous source stops under take', () => {
    let produced = 0;
    const endless = new Observable<Tensor>((out) => {
      while (!out.closed) {
        produced++;
        out.next(a);
      }
    });
    endless.pipe(operator(), take(3)).subscribe();
    expect(produced).toBe(3);
  });

  test('a re-entrant source keeps order', () => {
    const source = new Subject<Tensor & { id: number }>();
    const ids: number[] = [];
    source.pipe(operator() as never).subscribe((y: unknown) => {
      const { id } = y as { id: number };
      ids.push(id);
      if (id < 3) source.next({ ...a, id: id + 1 });
    });
    source.next({ ...a, id: 0 });
    expect(ids).toEqual([0, 1, 2, 3]);
  });

  test('a tensor that does not fit is an error notification', () => {
    const seen: unknown[] = [];
    of(a, tensor([1, 2], [1, 2]))
      .pipe(operator())
      .subscribe({ next: () => seen.push('y'), error: (e) => seen.push(e) });
    expect(seen).toEqual(['y', expect.objectContaining({ code: 'EVENKEEL_SHAPE' })]);
  });
});

describe('state', () => {
  test('options: fresh for each subscription', () => {
    const seen: number[] = [];
    const means = of(a, b).pipe(batchNorm({ eps: 0, minValues: 3 }));
    for (const _ of [1, 2]) means.subscribe((y) => seen.push(y.data[0]!));
    expect(seen.slice(2)).toEqual(seen.slice(0, 2));
    const bn = new BatchNorm(1, { eps: 0, minValues: 3 });
    const kept: number[] = [];
    for (const _ of [1, 2])
      of(a, b)
        .pipe(batchNorm(bn))
        .subscribe((y) => kept.push(y.data[0]!));
    expect(kept.slice(0, 2)).toEqual(seen.slice(0, 2));
    expect(kept.slice(2)).not.toEqual(kept.slice(0, 2));
    expect(bn.batches).toBe(4);
  });

  test('options: as they were when given', () => {
    const running = { momentum: 1 };
    const options = { eps: 0, running };
    const emitted: Float64Array[] = [];
    const norm = batchNorm(options);
    options.eps = 1e9;
    running.momentum = 7;
    of(a)
      .pipe(norm)
      .subscribe((y) => emitted.push(Float64Array.from(y.data)));
    expect(emitted).toEqual([Float64Array.from(up)]);
  });

  test('options: the channels are those of the first tensor', () => {
    const shapes: (readonly number[])[] = [];
    const norm = batchNorm<Tensor>();
    of(a)
      .pipe(norm)
      .subscribe((y) => shapes.push(y.shape));
    of(tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]))
      .pipe(norm)
      .subscribe((y) => shapes.push(y.shape));
    expect(shapes).toEqual([
      [2, 1],
      [2, 2, 2],
    ]);
  });

  test('an instance outlives retry, repeat and resubscription', () => {
    const bn = new BatchNorm(1);
    let lives = 0;
    const flaky = new Observable<Tensor>((out) => {
      out.next(a);
      if (lives++ < 2) out.error(new Error('gone'));
      else out.complete();
    });
    flaky.pipe(normalize(bn), retry(), repeat(2)).subscribe();
    flaky.pipe(normalize(bn)).subscribe();
    expect(bn.batches).toBe(5);
    expect(bn.runningMean[0]).toBe(2);
  });

  test('eval learns nothing; train and eval share what was learned', () => {
    const bn = new BatchNorm(1, { eps: 0, runningDdof: 0 });
    of(a).pipe(batchNorm(bn)).subscribe();
    const before = JSON.stringify(bn);
    const seen: number[][] = [];
    of(tensor([2, 4], [2, 1]))
      .pipe(batchNorm(bn, { mode: 'eval' }))
      .subscribe((y) => seen.push([...y.data]));
    expect(seen).toEqual([[0, 2]]);
    expect(JSON.stringify(bn)).toBe(before);
  });

  test('nothing is learned from a tensor at fault', () => {
    const bn = new BatchNorm(2);
    of(tensor([1, 2, 3, 4], [2, 2]))
      .pipe(normalize(bn))
      .subscribe();
    const before = JSON.stringify(bn);
    for (const x of [
      [1, Number.NaN, 2, 3],
      [1, 2, Infinity, 3],
    ]) {
      of(tensor(x, [2, 2]))
        .pipe(normalize(bn))
        .subscribe({ error: () => {} });
    }
    expect(JSON.stringify(bn)).toBe(before);
  });
});

describe('what comes out', () => {
  test('keeps what came in, and adds the moments of the batch', () => {
    const seen: unknown[] = [];
    from([1, 3, 5])
      .pipe(
        minibatch({ size: 2 }),
        map((x, index) => ({ ...x, index })),
        batchNorm({ eps: 0 }),
      )
      .subscribe(({ samples, index, moments }) =>
        seen.push([samples, index, moments.mean[0], moments.count[0]]),
      );
    expect(seen).toEqual([
      [[1, 3], 0, 2, 2],
      [[5], 1, 5, 1],
    ]);
  });

  test('the moments emitted are not touched by later batches', () => {
    const kept: Moments[] = [];
    of(a, b, a)
      .pipe(batchNorm())
      .subscribe((y) => kept.push(y.moments));
    expect(kept.map((m) => m.mean[0])).toEqual([2, 20, 2]);
  });

  test('a key named __proto__ is carried as data', () => {
    const x = Object.assign(JSON.parse('{"__proto__": {"polluted": true}}'), a) as Tensor;
    of(x)
      .pipe(batchNorm())
      .subscribe((y) => {
        expect(Object.getPrototypeOf(y)).toBe(Object.prototype);
        expect((y as { polluted?: unknown }).polluted).toBeUndefined();
      });
  });

  test('errors of the source pass through', () => {
    const gone = new Error('gone');
    throwError(() => gone)
      .pipe(
        mergeMap(() => of(a)),
        batchNorm(),
      )
      .subscribe({ error: (e) => expect(e).toBe(gone) });
    expect.assertions(1);
  });
});

test.each([
  [() => batchNorm({ momentum: 0.1 } as never), 'options.momentum'],
  [() => batchNorm({ eps: -1 }), 'eps'],
  [() => batchNorm({}, { mode: 'test' } as never), 'mode'],
  [() => normalize(new BatchNorm(1), { made: 'eval' } as never), 'options.made'],
  [() => normalize(undefined as never), 'normalizer'],
  [() => normalize({} as never), 'normalizer'],
  [() => normalize('BatchNorm' as never), 'normalizer'],
  [() => normalize(BatchNorm as never), 'normalizer'],
])('%# options are checked at once', (make, option) => {
  expect(make).toThrow(expect.objectContaining({ code: 'EVENKEEL_OPTION', option }));
});

test('a function that makes no normalizer is an error notification', () => {
  for (const made of [undefined, {}, { forward: () => a }, BatchNorm]) {
    const seen: unknown[] = [];
    of(a)
      .pipe(normalize(() => made as never))
      .subscribe({ error: (e) => seen.push(e) });
    expect(seen).toEqual([
      expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'normalizer(first)', value: made }),
    ]);
  }
});

test.each([
  ['nothing', () => undefined],
  ['a promise', async (x: Tensor) => x],
  ['no shape', ({ data }: Tensor) => ({ data })],
  ['an array', () => [1, 2]],
])('a normalizer that gives %s is an error: what came in must not pass as normalized', (_, step) => {
  const normalizer = { forward: step, infer: step, toJSON: () => ({}) } as unknown as BatchNorm;
  for (const mode of ['train', 'eval'] as const) {
    const emitted: unknown[] = [];
    let error: unknown;
    of(a)
      .pipe(normalize(normalizer, { mode }))
      .subscribe({ next: (y) => emitted.push(y), error: (e: unknown) => (error = e) });
    expect(emitted).toEqual([]);
    expect(error).toMatchObject({ code: 'EVENKEEL_OPTION', option: expect.stringContaining('normalizer.') });
  }
});

describe('a pool', () => {
  test('is where what is emitted comes from, in either mode', () => {
    for (const mode of ['train', 'eval'] as const) {
      const pool = new TensorPool();
      const arrays = new Set<unknown>();
      const values: number[][] = [];
      of(a, b, a)
        .pipe(batchNorm({ eps: 0 }, { mode, pool }))
        .subscribe((batch) => {
          arrays.add(batch.data);
          values.push([...batch.data]);
          pool.give(batch);
        });
      expect(arrays.size).toBe(1);
      expect(values).toEqual(
        mode === 'train'
          ? [up, up, up]
          : [
              [1, 3],
              [10, 30],
              [1, 3],
            ],
      );
    }
  });

  test('what is not given back is not written again', () => {
    const pool = new TensorPool();
    const kept: Tensor[] = [];
    of(a, tensor([5, 5], [2, 1]))
      .pipe(batchNorm({ eps: 0 }, { pool }))
      .subscribe((batch) => kept.push(batch));
    expect(kept.map(({ data }) => [...data])).toEqual([up, [0, 0]]);
  });

  test('must be one', () => {
    expect(() => batchNorm({}, { pool: {} as never })).toThrow(
      expect.objectContaining({ code: 'EVENKEEL_OPTION' }),
    );
  });
});

describe('a mode for each item', () => {
  test('as the function says', () => {
    const bn = new BatchNorm(1);
    const seen: Tensor[] = [];
    const mode = (x: Tensor): 'train' | 'eval' => {
      seen.push(x);
      return x === a ? 'train' : 'eval';
    };
    of(a, b, a).pipe(normalize(bn, { mode })).subscribe();
    expect([seen, bn.batches, bn.runningMean[0]]).toEqual([[a, b, a], 2, 2]);
  });

  test('another than there are is an error, and nothing is learned', () => {
    const bn = new BatchNorm(1);
    const errors: unknown[] = [];
    of(a)
      .pipe(normalize(bn, { mode: () => 'learn' as never }))
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toMatchObject([{ code: 'EVENKEEL_OPTION', option: 'mode(item)', value: 'learn' }]);
    expect(bn.batches).toBe(0);
  });
});
