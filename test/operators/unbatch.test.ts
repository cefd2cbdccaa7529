import { from, map, Observable, Subject, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { batchNorm, minibatch, type Tensor, tensor, unbatch } from '../../src/index.js';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const a = tensor([1, 2, 3, 4], [2, 2]);
const b = tensor([5, 6], [1, 2]);
const rows = { p: [1, 2], q: [3, 4], r: [5, 6] };
const data = map((row: Tensor) => [...row.data]);

describe('unbatch: marbles', () => {
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-b-|', '-r-|'],
    ['many', 'a----b---(ba|)', '(pq)-r---(rpq|)'],
    ['error', 'a----#', '(pq)-#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold<Tensor>(source, { a, b }).pipe(unbatch(), data)).toBe(expected, rows);
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Tensor>('a-----b-|', { a, b });
      expectObservable(source.pipe(unbatch(), data), '----!').toBe('(pq)', rows);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });
});

test('a synchronous source stops under take, in the middle of a batch', () => {
  let produced = 0;
  const endless = new Observable<Tensor>((out) => {
    while (!out.closed) {
      produced++;
      out.next(a);
    }
  });
  const seen: number[] = [];
  endless.pipe(unbatch(), take(3)).subscribe((row) => seen.push(row.data[0]!));
  expect(seen).toEqual([1, 3, 1]);
  expect(produced).toBe(2);
});

test('re-entrant batches wait for their turn', () => {
  const source = new Subject<Tensor>();
  const seen: number[] = [];
  source.pipe(unbatch()).subscribe((row) => {
    seen.push(row.data[0]!);
    if (row.data[0] === 1) source.next(b);
  });
  source.next(a);
  expect(seen).toEqual([1, 3, 5]);
});

test.each(['complete', 'error'] as const)('a re-entrant %s comes after the rows still waiting', (end) => {
  const source = new Subject<Tensor>();
  const seen: unknown[] = [];
  source.pipe(unbatch()).subscribe({
    next: (row) => {
      seen.push(row.data[0]);
      if (row.data[0] === 1) {
        source.next(b);
        source[end]('e');
      }
    },
    error: () => seen.push('error'),
    complete: () => seen.push('complete'),
  });
  source.next(a);
  expect(seen).toEqual([1, 3, 5, end]);
});

test('unsubscribing within a row stops there', () => {
  const source = new Subject<Tensor>();
  const seen: number[] = [];
  const subscription = source.pipe(unbatch()).subscribe((row) => {
    seen.push(row.data[0]!);
    subscription.unsubscribe();
  });
  source.next(a);
  source.next(b);
  expect(seen).toEqual([1]);
});

test('rows keep positions, type and sample, and are copies', () => {
  const seen: unknown[] = [];
  const x = tensor(
    Float32Array.from({ length: 12 }, (_, i) => i),
    [2, 3, 2],
  );
  from([x])
    .pipe(unbatch())
    .subscribe((row) => {
      seen.push([row.shape, row.data.constructor, row.data[0], 'sample' in row]);
      row.data.fill(-1);
    });
  expect(seen).toEqual([
    [[3, 2], Float32Array, 0, false],
    [[3, 2], Float32Array, 6, false],
  ]);
  expect(x.data[11]).toBe(11);
  const samples: unknown[] = [];
  from([{ v: 1 }, { v: 3 }, { v: 9 }])
    .pipe(minibatch({ size: 2, features: ['v'] }), batchNorm(), unbatch())
    .subscribe((row) => samples.push(row.sample.v));
  expect(samples).toEqual([1, 3, 9]);
});

test('what is not a batch is an error notification', () => {
  const errors: unknown[] = [];
  for (const bad of [{ data: [1], shape: [1, 1] }, null, tensor([1], [1])]) {
    from([bad as Tensor])
      .pipe(unbatch())
      .subscribe({ error: (e) => errors.push(e.code) });
  }
  expect(errors).toEqual(['EVENKEEL_SHAPE', 'EVENKEEL_SHAPE', 'EVENKEEL_SHAPE']);
});

test('samples that are not one a row are an error notification, after the batches before', () => {
  for (const samples of [['a'], ['a', 'b', 'c'], null, 'ab', { length: 2 }]) {
    const seen: unknown[] = [];
    from([b, { ...a, samples }, b])
      .pipe(unbatch())
      .subscribe({ next: (row) => seen.push(row.data[0]), error: (e) => seen.push(e) });
    expect(seen).toEqual([5, expect.objectContaining({ code: 'EVENKEEL_SHAPE', value: samples })]);
  }
});

test('samples are read once, before the first row: a getter that throws costs the whole batch, no row in between', () => {
  const seen: unknown[] = [];
  const oops = new Error('oops');
  const x = Object.defineProperty({ ...a }, 'samples', {
    get: () => {
      throw oops;
    },
  });
  from([b, x])
    .pipe(unbatch())
    .subscribe({ next: (row) => seen.push(row.data[0]), error: (e) => seen.push(e) });
  expect(seen).toEqual([5, oops]);
});
