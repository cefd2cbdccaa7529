/** A pipeline as a contender: rows in, whatever it emits out. */
import type { Observable } from 'rxjs';
import { type Contender, here } from '../contender.js';

/** What is emitted: how to take notice of it, and the numbers in it. */
interface Emitted<Y> {
  touch(emitted: Y): number;
  numbers(emitted: Y): ArrayLike<number>;
}

export const tensors: Emitted<{ readonly data: ArrayLike<number> }> = {
  touch: ({ data }) => data[0]!,
  numbers: ({ data }) => data,
};
export const numbers: Emitted<ArrayLike<number>> = {
  touch: (row) => row[0]!,
  numbers: (row) => row,
};
export const rowsOfNumbers: Emitted<readonly (readonly number[])[]> = {
  touch: (rows) => rows[0]![0]!,
  numbers: (rows) => rows.flat(),
};
export const named = <K extends string>(
  names: readonly K[],
): Emitted<readonly Readonly<Record<K, number>>[]> => ({
  touch: (samples) => samples[0]![names[0]!],
  numbers: (samples) => samples.flatMap((sample) => names.map((name) => sample[name])),
});

/** @param emitted$ what comes of a pass over so many rows, with fresh state at each subscription */
export const pipeline = <Y>(
  name: string,
  rows: number,
  emitted$: Observable<Y>,
  emitted: Emitted<Y>,
): Contender =>
  here(name, {
    pieces: rows,
    once() {
      let sum = 0;
      emitted$.subscribe((value) => {
        sum += emitted.touch(value);
      });
      return sum;
    },
    result() {
      const all: number[] = [];
      emitted$.subscribe((value) => {
        for (const number of Array.from(emitted.numbers(value))) all.push(number);
      });
      return all;
    },
  });
