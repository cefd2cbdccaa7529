/** Any operators, one after the other, and what RxJS's own pipe makes of them. */
import { fc } from '@fast-check/vitest';
import { batchNorm, layerNorm, minibatch, standardize, unbatch } from 'evenkeel';
import { filter, map, mergeMap, type Observable, type OperatorFunction, take } from 'rxjs';

export const oops = new Error('oops');

// biome-ignore lint/suspicious/noExplicitAny: rows and batches of whatever kind
export type Operator = OperatorFunction<any, any>;

const ofRows: ((n: number) => Operator)[] = [
  () => standardize(),
  (n) => filter((_, i) => i % n !== 0),
  (n) => mergeMap((x) => (n > 2 ? [x, x] : [x])),
  (n) => take(3 * n),
  (n) => map((x, i) => (i === 4 * n ? fail() : x)),
];
const ofBatches: ((n: number) => Operator)[] = [
  () => batchNorm(),
  () => layerNorm(),
  () => standardize(),
  (n) => take(n),
];

export function fail(): never {
  throw oops;
}

/** Up to five operators: of rows, then, behind a minibatch, of batches, then, behind unbatch, of rows again, and so on. */
export const operators: fc.Arbitrary<Operator[]> = fc
  .array(fc.record({ kind: fc.nat(9), n: fc.integer({ min: 1, max: 4 }) }), { maxLength: 5 })
  .map((steps) => {
    let isBatched = false;
    return steps.map(({ kind, n }): Operator => {
      const choice = (isBatched ? ofBatches : ofRows)[kind];
      if (choice) return choice(n);
      isBatched = !isBatched;
      return isBatched ? minibatch({ size: n + 1, partial: kind % 2 ? 'emit' : 'drop' }) : unbatch();
    });
  });

export function piped(source: Observable<number>, operators: readonly Operator[]): unknown[] {
  const seen: unknown[] = [];
  operators
    .reduce((through, operator) => operator(through), source as Observable<unknown>)
    .subscribe({ next: (x) => seen.push(x), error: (error) => seen.push(error) });
  return seen;
}
