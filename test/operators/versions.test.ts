/** What normalizes says what it did, and which version of its statistics made what. */
import {
  BatchNorm,
  batchNorm,
  LayerNorm,
  layerNorm,
  minibatch,
  normalize,
  StandardScaler,
  standardize,
  type Tensor,
  tensor,
} from 'evenkeel';
import { concat, from, map, type Observable, of, repeat, retry, Subject, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';

const batches = [tensor([1, 3], [2, 1]), tensor([2, 6], [2, 1])];
const gone = throwError(() => new Error('gone'));

describe('version', () => {
  test('of batches: after each that was learned; in eval, of what there is', () => {
    const bn = new BatchNorm(1);
    const seen: unknown[] = [];
    from(batches)
      .pipe(batchNorm(bn, { version: true }))
      .subscribe((y) => {
        expectTypeOf(y.version).toEqualTypeOf<number>();
        seen.push([y.version, Object.keys(y)]);
      });
    of(batches[0]!)
      .pipe(batchNorm(bn, { mode: 'eval', version: true }))
      .subscribe(({ version }) => seen.push(version));
    const keys = ['data', 'shape', 'moments', 'version'];
    expect(seen).toEqual([[1, keys], [2, keys], 2]);
  });

  test.each([
    ['learn-then-transform', [1, 2, 3]],
    ['transform-then-learn', [0, 1, 2]],
  ] as const)('of rows: of the statistics that a row was scaled by (%s)', (order, versions) => {
    const seen: number[] = [];
    from([1, 3, 5])
      .pipe(standardize({}, { order, version: true }))
      .subscribe(({ version }) => seen.push(version));
    expect(seen).toEqual(versions);
    const ofBatches: number[] = [];
    from(batches)
      .pipe(standardize({}, { order, version: true }))
      .subscribe(({ version }) => ofBatches.push(version));
    expect(ofBatches).toEqual(order === 'learn-then-transform' ? [2, 4] : [0, 2]);
  });

  test('the same version, the same output', () => {
    const bn = new BatchNorm(1);
    const outputs = new Map<number, string>();
    for (const mode of ['train', 'eval', 'eval', 'train', 'eval'] as const)
      of(batches[0]!)
        .pipe(normalize(bn, { mode, version: true }))
        .subscribe(({ version, data }) => {
          if (mode === 'train') return;
          const text = data.join();
          expect(outputs.get(version) ?? text).toBe(text);
          outputs.set(version, text);
        });
    expect([...outputs.keys()]).toEqual([1, 2]);
  });

  test('is not there where it was not asked for; and is an error where nothing is learned', () => {
    const seen: unknown[] = [];
    from(batches)
      .pipe(normalize(new BatchNorm(1)))
      .subscribe((y) => seen.push('version' in y));
    of(tensor([1, 3], [1, 2]))
      .pipe(layerNorm({}, { version: true }))
      .subscribe({ error: (error) => seen.push(error) });
    expect(seen).toEqual([
      false,
      false,
      expect.objectContaining({ code: 'EVENKEEL_OPTION', option: 'version' }),
    ]);
    expect(() => normalize(new LayerNorm(2), { version: 1 as never })).toThrow(
      expect.objectContaining({ option: 'version' }),
    );
  });
});

describe('stats', () => {
  test('of a norm: what was emitted, by what', () => {
    const learning = batchNorm<Tensor>({});
    expect(learning.stats).toEqual({ emitted: 0, version: undefined, normalizer: undefined });
    const seen: unknown[] = [];
    learning.stats$.subscribe(({ emitted, version }) => seen.push([emitted, version]));
    from(batches).pipe(learning).subscribe();
    from(batches).pipe(learning).subscribe();
    expect(seen).toEqual([
      [0, undefined],
      [1, 1],
      [2, 2],
      [3, 1],
      [4, 2],
    ]);
    expect(learning.stats.normalizer).toBeInstanceOf(BatchNorm);
    const bn = new BatchNorm(1);
    expect(batchNorm(bn).stats).toEqual({ emitted: 0, version: 0, normalizer: bn });
    expect(layerNorm(new LayerNorm(1)).stats.version).toBeUndefined();
  });

  test('of standardize: what was emitted, held back and refused', () => {
    const scaling = standardize<unknown>(
      {},
      { warmup: 1, order: 'transform-then-learn', onInvalid: () => {} },
    );
    const seen: unknown[] = [];
    scaling.stats$.subscribe(({ emitted, withheld, invalid, version }) =>
      seen.push([emitted, withheld, invalid, version]),
    );
    from([1, 'x', 3, tensor([Infinity], [1, 1]), batches[0]])
      .pipe(scaling)
      .subscribe();
    expect(seen).toEqual([
      [0, 0, 0, undefined],
      [0, 1, 0, 1],
      [0, 1, 1, 1],
      [1, 1, 1, 2],
      [1, 1, 2, 2],
      [2, 1, 2, 4],
    ]);
    expect(scaling.stats.normalizer?.rows).toBe(4);
  });

  test('are told after what they tell of', () => {
    const scaling = standardize<number>();
    const order: string[] = [];
    const source = new Subject<number>();
    scaling.stats$.subscribe(({ emitted }) => order.push(`told ${emitted}`));
    source.pipe(scaling).subscribe(({ sample }) => order.push(`out ${sample}`));
    source.next(7);
    expect(order).toEqual(['told 0', 'out 7', 'told 1']);
  });
});

describe('what an instance has learned survives', () => {
  const learned = (run: (numbers: Observable<number>) => Observable<unknown>): [number, number] => {
    const scaler = new StandardScaler(1);
    run(
      from([1, 2, 3]).pipe(
        standardize<number>(scaler),
        map(({ sample }) => sample),
      ),
    ).subscribe({ error: () => {} });
    return [scaler.rows, scaler.moments.mean[0]!];
  };
  test.each<[string, (numbers: Observable<number>) => Observable<unknown>, number]>([
    ['an error behind it', (numbers) => concat(numbers, gone), 3],
    ['retry', (numbers) => concat(numbers, gone).pipe(retry(2)), 9],
    ['repeat', (numbers) => numbers.pipe(repeat(2)), 6],
    ['resubscription', (numbers) => concat(numbers, numbers, numbers), 9],
    [
      'an exception behind it, and retry',
      (numbers) => {
        let faults = 2;
        return numbers.pipe(
          map((x) => {
            if (x === 3 && faults-- > 0) throw new Error('mine');
            return x;
          }),
          retry(),
        );
      },
      9,
    ],
  ])('%s', (_, run, rows) => {
    expect(learned(run)).toEqual([rows, 2]);
  });

  test('and options begin anew, which is why a retry wants an instance', () => {
    const learning = batchNorm<Tensor>({});
    concat(from([1, 3]).pipe(minibatch({ size: 2 }), learning), gone)
      .pipe(retry(3))
      .subscribe({ error: () => {} });
    expect(learning.stats).toMatchObject({ emitted: 4, version: 1 });
  });
});
