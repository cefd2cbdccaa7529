import { from, Observable, Subject, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  Adwin,
  changePoints,
  type Detector,
  minibatch,
  PageHinkley,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { gaussian } from '../oracle/hard-data.js';
import { thrownBy } from '../thrown-by.js';

/** Finds a change wherever a value is 9; and keeps what it was given. */
class Nines implements Detector {
  readonly given: number[] = [];
  update(value: number): boolean {
    this.given.push(value);
    return value === 9;
  }
}
const nines = (): Nines => new Nines();

describe('marbles', () => {
  const values = { a: 1, b: 9 };
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['many', 'a-b-(ab|)', 'n-y-(ny|)'],
    ['error', 'b-#', 'y-#'],
  ])('%s', (_case, source, expected) => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
      ({ cold, expectObservable }) => {
        const row = (x: number, changes: number[]) => ({
          data: Float64Array.of(x),
          shape: [1],
          sample: x,
          changes,
        });
        expectObservable(cold(source, values).pipe(changePoints(nines))).toBe(expected, {
          n: row(1, []),
          y: row(9, [0]),
        });
      },
    );
  });

  test('a synchronous source stops under take; a re-entrant one keeps its order', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    endless.pipe(changePoints(nines), take(3)).subscribe();
    expect(produced).toBe(3);
    const source = new Subject<number>();
    const seen: number[] = [];
    source.pipe(changePoints(nines)).subscribe(({ sample }) => {
      seen.push(sample);
      if (sample < 3) source.next(sample + 1);
    });
    source.next(0);
    expect(seen).toEqual([0, 1, 2, 3]);
  });
});

test('a detector a feature, by name, made anew for each subscription', () => {
  const detector = vi.fn(nines);
  const operator = changePoints<{ a: number; b: number }>(detector, { features: ['b', 'a'] });
  const seen: unknown[] = [];
  for (const _ of [1, 2])
    from([
      { a: 9, b: 0 },
      { a: 9, b: 9 },
    ])
      .pipe(operator)
      .subscribe(({ changes }) => seen.push(changes));
  expect(seen).toEqual([['a'], ['b', 'a'], ['a'], ['b', 'a']]);
  expect(detector.mock.calls).toEqual([['b'], ['a'], ['b'], ['a']]);
  expect(operator.stats).toEqual({ rows: 4, invalid: 0, changes: 6, changesOf: { a: 4, b: 2 } });
});

test('batches: their values row by row, positions in order; what they carried stays', () => {
  const made: Nines[] = [];
  const detector = (): Nines => {
    made.push(new Nines());
    return made.at(-1)!;
  };
  const seen: unknown[] = [];
  from([tensor([1, 2, 3, 9, 5, 9, 7, 8], [2, 2, 2])])
    .pipe(changePoints<Tensor>(detector))
    .subscribe(({ changes, shape }) => seen.push(changes, shape));
  expect(seen).toEqual([
    [0, 1],
    [2, 2, 2],
  ]);
  expect(made.map(({ given }) => given)).toEqual([
    [1, 2, 5, 9],
    [3, 9, 7, 8],
  ]);
  from([1, 9])
    .pipe(minibatch({ size: 2 }), changePoints(nines))
    .subscribe(({ samples, changes }) => seen.push(samples, changes));
  expect(seen.slice(2)).toEqual([[1, 9], [0]]);
});

test('what cannot be used ends the stream; or is told, counted, and left out', () => {
  const items = [1, 'x', Number.NaN, 9] as number[];
  const errors: unknown[] = [];
  from(items)
    .pipe(changePoints(nines))
    .subscribe({ error: (error) => errors.push(error) });
  expect(errors).toMatchObject([{ code: 'EVENKEEL_NOT_A_NUMBER', row: 1 }]);
  const onInvalid = vi.fn();
  const operator = changePoints<number>(nines, { onInvalid });
  const seen: number[] = [];
  const watched: unknown[] = [];
  operator.stats$.subscribe(({ rows, invalid, changes }) => watched.push([rows, invalid, changes]));
  from(items)
    .pipe(operator)
    .subscribe(({ sample }) => seen.push(sample));
  expect(seen).toEqual([1, 9]);
  expect(onInvalid).toHaveBeenCalledTimes(2);
  expect(watched).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [1, 1, 0],
    [1, 2, 0],
    [2, 2, 1],
  ]);
});

test('batches of other channels, and other arities, are errors', () => {
  const errors: unknown[] = [];
  const error = (e: unknown): unknown => errors.push(e);
  from([tensor([1], [1, 1]), tensor([1, 2], [1, 2])])
    .pipe(changePoints<Tensor>(nines))
    .subscribe({ error });
  from([[1], [1, 2]])
    .pipe(changePoints<number[]>(nines))
    .subscribe({ error });
  expect(errors).toMatchObject([{ code: 'EVENKEEL_SHAPE' }, { code: 'EVENKEEL_ARITY', row: 1 }]);
});

test.each([
  ['Adwin', () => new Adwin()],
  ['PageHinkley', () => new PageHinkley({ delta: 0.25, threshold: 25, alpha: 1 })],
])('%s: the change is found in the feature that has it, soon after', (_name, make) => {
  const noise = gaussian(3);
  const found: unknown[] = [];
  const rows = Array.from({ length: 3000 }, (_, i) => [noise(), noise() + (i < 2000 ? 0 : 1)]);
  from(rows)
    .pipe(changePoints<number[]>(make))
    .subscribe(({ changes, sample }) => {
      if (changes.length > 0) found.push([changes, rows.indexOf(sample)]);
    });
  const [first] = found as [[number[], number]];
  expect(first[0]).toEqual([1]);
  expect(first[1]).toBeGreaterThan(2000);
  expect(first[1]).toBeLessThan(2100);
});

test('what is asked for is checked', () => {
  expect(thrownBy(() => changePoints(new Adwin() as never))).toMatchObject({ option: 'detector' });
  expect(thrownBy(() => changePoints(nines, { size: 1 } as never))).toMatchObject({ option: 'options.size' });
  expect(thrownBy(() => changePoints(nines, { missing: 'drop' } as never))).toMatchObject({
    option: 'missing',
  });
  const errors: unknown[] = [];
  from([1])
    .pipe(changePoints(() => ({}) as never))
    .subscribe({ error: (e) => errors.push(e) });
  expect(errors).toMatchObject([{ code: 'EVENKEEL_OPTION', option: 'detector(0)' }]);
});
