import {
  type Batch,
  type FloatArray,
  minibatch,
  standardize,
  type Tensor,
  TensorPool,
  tensor,
} from 'evenkeel';
import { from, map, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import { thrownBy } from './thrown-by.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

/** What is emitted, as it was when it was, and the arrays it was in; each is given back at once. */
function consumed<T extends Tensor>(
  pool: TensorPool,
): {
  readonly values: number[][];
  readonly arrays: Set<FloatArray>;
  next(x: T): void;
} {
  const values: number[][] = [];
  const arrays = new Set<FloatArray>();
  const next = (x: T): void => {
    values.push([...x.data]);
    arrays.add(x.data);
    pool.give(x);
  };
  return { values, arrays, next };
}

describe('what is asked for is checked', () => {
  test.each<[() => unknown, string]>([
    [() => new TensorPool({ most: 0 }), 'most'],
    [() => new TensorPool({ size: 1 } as never), 'options.size'],
    [() => new TensorPool().take('int8' as never, 1), 'dtype'],
    [() => new TensorPool().take('float32', 0), 'length'],
    [() => minibatch({ size: 1, pool: {} as never }), 'pool'],
    [() => standardize({}, { pool: null as never }), 'pool'],
  ])('%# %s', (action, option) => {
    expect(thrownBy(action)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });

  test('what is not out is not taken back: a stranger, a copy, nothing, or once more', () => {
    const pool = new TensorPool();
    const data = pool.take('float64', 2);
    const others = [{ data: data.slice() }, { data: data.subarray() }, {}, null, { data: null }];
    for (const other of [...others, { data: new TensorPool().take('float64', 2) }])
      expect(thrownBy(() => pool.give(other as never))).toMatchObject({ option: 'tensor' });
    pool.give({ data });
    expect(thrownBy(() => pool.give({ data }))).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'tensor' });
    expect(pool.take('float64', 2)).toBe(data);
    expect(pool.take('float64', 2)).not.toBe(data);
  });
});

test('an array that was transferred away is never taken again', () => {
  const pool = new TensorPool();
  const data = pool.take('float32', 4);
  structuredClone(data, { transfer: [data.buffer] });
  pool.give({ data });
  expect(pool.take('float32', 4)).toHaveLength(4);
});

describe('minibatch', () => {
  const rows = Array.from({ length: 11 }, (_, i) => [i, -i]);

  test('emits the same with a pool as without, full or not, in few arrays', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const plain: number[][] = [];
      from(rows)
        .pipe(minibatch({ size: 2, dtype }))
        .subscribe(({ data }) => plain.push([...data]));
      const pool = new TensorPool();
      const { values, arrays, next } = consumed<Batch<number[]>>(pool);
      from(rows)
        .pipe(minibatch({ size: 2, dtype, pool }))
        .subscribe(next);
      expect(values).toEqual(plain);
      expect(arrays.size).toBe(2); // of the full ones, and of the last
    }
  });

  test('once a batch was full, the next has its array at once; a row that is refused costs none', () => {
    const pool = new TensorPool();
    const take = vi.spyOn(pool, 'take');
    const refused = [0, Number.NaN];
    from([...Array.from({ length: 2000 }, () => [1, 2]), refused, [3, 4], refused, [5, 6]])
      .pipe(minibatch({ size: 1000, pool, onInvalid: () => {} }))
      .subscribe(pool.give.bind(pool));
    expect(take.mock.calls.map(([, length]) => length)).toEqual([1024, 2000, 2000, 2000, 4]);
  });

  test('what is not given back is never written again', () => {
    const pool = new TensorPool();
    const kept: { x: Batch<number[]>; was: number[] }[] = [];
    from(rows)
      .pipe(minibatch({ size: 2, pool }))
      .subscribe((x) => {
        kept.push({ x, was: [...x.data] });
        if (kept.length % 2 === 0) pool.give(kept.splice(0, 1)[0]!.x);
      });
    for (const { x, was } of kept) expect([...x.data]).toEqual(was);
    expect(new Set(kept.map(({ x }) => x.data)).size).toBe(kept.length);
  });

  test('closed by time, and by what a row does while it is read', () => {
    const pool = new TensorPool();
    const { values, next } = consumed<Batch<readonly number[]>>(pool);
    const source = new Subject<readonly number[]>();
    source.pipe(minibatch({ size: 2, pool })).subscribe(next);
    source.next([1, 1]);
    source.next(
      Object.defineProperty([7, 8], 1, {
        get: () => {
          for (const x of [2, 3, 4, 5]) source.next([x, x]);
          return 8;
        },
      }),
    );
    source.complete();
    expect(values).toEqual([
      [1, 1, 2, 2],
      [3, 3, 4, 4],
      [5, 5, 7, 8],
    ]);
    scheduler().run(({ cold, expectObservable }) => {
      const batches = cold<number>('abc--d--e|', { a: 1, b: 2, c: 3, d: 4, e: 5 }).pipe(
        minibatch({ size: 3, maxWaitMs: 2, pool }),
        map((x) => {
          pool.give(x);
          return [...x.data].join(' ');
        }),
      );
      expectObservable(batches).toBe('--x----y-(z|)', { x: '1 2 3', y: '4', z: '5' });
    });
  });
});

describe('standardize', () => {
  test.each(['samples', 'rows', 'batches'])('%s: the same with a pool as without, in one array', (of) => {
    const samples = [2, 6, 4, 10, -3];
    const items = {
      samples,
      rows: samples.map((x) => tensor([x], [1])),
      batches: samples.map((x) => tensor(Float32Array.of(x, x + 1), [2, 1])),
    }[of] as Tensor[];
    for (const options of [{}, { order: 'transform-then-learn', warmup: 2 }] as const) {
      const plain: number[][] = [];
      from(items)
        .pipe(standardize({}, options))
        .subscribe(({ data }) => plain.push([...data]));
      const pool = new TensorPool();
      const take = vi.spyOn(pool, 'take');
      const { values, arrays, next } = consumed<Tensor>(pool);
      from(items)
        .pipe(standardize({}, { ...options, pool }))
        .subscribe(next);
      expect(values).toEqual(plain);
      expect([arrays.size, take.mock.calls.length]).toEqual([1, plain.length]);
    }
  });
});
