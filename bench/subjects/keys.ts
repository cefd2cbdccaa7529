/** Many keys, each with a scaler of its own: how many bytes that takes. */
import { type Key, KeyedNormalizers, normalizeBy } from 'evenkeel';
import { Observable } from 'rxjs';
import { heap } from '../heap.js';
import { type Line, single } from '../line.js';
import type { Subject } from '../subject.js';

interface Item {
  readonly id: Key;
  readonly x: Float64Array;
}

/** A million in hand (with --quick a tenth), each of which has learned three rows. */
export const keys: Subject = {
  name: 'a key in hand of normalizeBy, its scaler and its name',
  per: 'key',
  against: ['itself'],
  async measure({ longRun }) {
    const count = longRun / 10;
    return [1, 4].map((features) => {
      bytesEach(1000, features); // until it is compiled
      return bytesEach(count, features);
    });
  },
};

function bytesEach(count: number, features: number): Line {
  const before = heap();
  const normalizers = new KeyedNormalizers({ maxKeys: count });
  const items = new Observable<Item>((out) => {
    for (let i = 0; i < 3 * count; i++)
      out.next({
        id: `k${i % count}`,
        x: Float64Array.from({ length: features }, (_, at) => Math.sin(i * (at + 1))),
      });
    out.complete();
  });
  items.pipe(normalizeBy('id', normalizers, { features: ({ x }) => x })).subscribe();
  const after = heap();
  const { keys } = normalizers.stats; // which also keeps them until here
  const name = `${keys} keys, ${features} ${features === 1 ? 'feature' : 'features'}`;
  return single('bytes', { name, value: (after - before) / keys }, undefined, undefined);
}
