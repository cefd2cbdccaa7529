/** Samples of many keys in, minibatches of one key each out. */
import { Subscription } from 'rxjs';
import { positiveInteger } from '../options.js';
import { Recent } from '../recent.js';
import { type Key, type KeyOf, keyReader } from '../samples/key.js';
import { RowBuffer } from '../samples/row-buffer.js';
import { batchingOf, type MinibatchOptions, type MinibatchStats } from './batching.js';
import { type Batch, operate } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

export interface MinibatchByOptions<T> extends MinibatchOptions<T> {
  /** The most keys whose batches are open at a time. For another, that of the key that waits longest for a row leaves early. */
  readonly maxKeys: number;
}

/** A minibatch of one key's samples. */
export interface KeyedBatch<T> extends Batch<T> {
  readonly key: Key;
}

export interface MinibatchByStats extends MinibatchStats {
  /** Whose batches are open. */
  readonly keys: number;
  /** Batches that had to make room. */
  readonly early: number;
}

/** A batch that is not full. */
interface Open<T> {
  readonly key: Key;
  readonly rows: RowBuffer;
  readonly samples: T[];
  /** Where they are told. */
  readonly times: number[];
  /** When its first row came. */
  readonly since: number;
}

/**
 * Windows samples into minibatches `[rows, features]` of one key each, as `minibatch` would if each key had one of its own:
 * by count or by time, whichever is sooner.
 *
 * All rows have as many values as the first one, whatever their keys. What is left at the end leaves in the order in which
 * the batches were begun. Memory: at most `maxKeys` × `size` rows and samples; a key without an open batch takes none. One
 * timer for all.
 *
 * @param key the name of the property that has a sample's key, a string or a finite number; or how to get it
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row (of the stream), feature and value: at a sample without a
 *   key too (`EVENKEEL_KEY`). It can be watched
 * @example
 * import { from } from 'rxjs';
 * import { minibatchBy } from 'evenkeel';
 * from([{ room: 'attic', t: 31 }, { room: 'cellar', t: 12 }, { room: 'attic', t: 33 }])
 *   .pipe(minibatchBy('room', { size: 2, features: ['t'], maxKeys: 1000 }))
 *   .subscribe((batch) => console.log(batch.key, batch.data));
 * // attic Float64Array(2) [ 31, 33 ]
 * // cellar Float64Array(1) [ 12 ]
 */
export function minibatchBy<T>(
  key: KeyOf<T>,
  options: MinibatchByOptions<T>,
): WatchedOperator<T, KeyedBatch<T>, MinibatchByStats> {
  const reader = keyReader(key);
  const { rows, maxWaitMs, partial, scheduler, clock, open } = batchingOf(options, ['maxKeys']);
  const { size, dtype, pool } = rows;
  const maxKeys = positiveInteger('maxKeys', options.maxKeys);
  const stats = { rows: 0, emitted: 0, dropped: 0, invalid: 0, held: 0, batches: 0, keys: 0, early: 0 };
  const watch = new Watch(() => ({ ...stats }));

  const operator = operate<T, KeyedBatch<T>>((out) => {
    const intake = open({ ...rows, size: 1, pool: undefined });
    const byUse = new Recent<Key, Open<T>>();
    const byAge = new Recent<Open<T>, null>();
    let timer: Subscription | undefined;
    let awaited: Open<T> | undefined;

    const begin = (key: Key): Open<T> => ({
      key,
      rows: new RowBuffer(size, dtype, undefined, true, undefined, pool),
      samples: [],
      times: [],
      since: maxWaitMs === undefined ? 0 : scheduler.now(),
    });

    /** Out of what is kept, before it is emitted: the subscriber may push the next sample from within. */
    const take = (batch: Open<T>): Open<T> => {
      byUse.delete(batch.key);
      byAge.delete(batch);
      stats.keys--;
      if (byAge.size === 0) stop();
      return batch;
    };

    const emit = ({ key, rows, samples, times }: Open<T>): void => {
      const { data, shape } = rows.take();
      stats.batches++;
      stats.held -= samples.length;
      stats.emitted += samples.length;
      const batch = { data, shape, samples, key };
      out.next(clock ? { ...batch, times: Float64Array.from(times) } : batch);
      watch.changed();
    };

    const stop = (): void => {
      timer?.unsubscribe();
      timer = undefined;
    };

    /** One timer, for the batch that was begun first. */
    const wait = (): void => {
      const oldest = byAge.oldest()?.[0];
      if (maxWaitMs === undefined || oldest === undefined || timer !== undefined) return;
      const left = oldest.since + maxWaitMs - scheduler.now();
      awaited = oldest;
      timer = new Subscription(); // before it is started: a scheduler may fire at once
      timer.add(scheduler.schedule(due, Math.min(Math.max(left, 0), maxWaitMs)));
    };

    const due = (): void => {
      timer = undefined;
      const first = awaited; // another may be before this ends, as the subscriber may push samples
      const last = scheduler.now() - maxWaitMs!;
      for (let left = byAge.size; left > 0 && !out.closed; left--) {
        const oldest = byAge.oldest()?.[0];
        if (oldest === undefined || (oldest !== first && oldest.since > last)) break; // clocks may be set, timers early
        emit(take(oldest));
      }
      if (!out.closed) wait();
    };

    const rest = (): void => {
      if (partial === 'drop') return;
      for (let oldest = byAge.oldest(); oldest && !out.closed; oldest = byAge.oldest()) emit(take(oldest[0]));
    };

    return {
      next(sample) {
        stats.rows++;
        stats.invalid++; // until it has been read
        const key = intake.keyOf(reader, sample);
        const time = clock && key !== undefined && !out.closed ? intake.timeOf(clock, sample) : 0;
        if (key === undefined || Number.isNaN(time) || !(out.closed || intake.offer(sample))) {
          watch.changed();
          return;
        }
        stats.invalid--;
        if (out.closed) {
          stats.dropped++; // reading the sample has ended the subscription
          return;
        }
        stats.held++;
        const known = byUse.get(key);
        const batch = known ?? begin(key);
        batch.rows.add(intake.buffer.lend());
        batch.samples.push(sample);
        if (clock) batch.times.push(time);
        if (batch.rows.rows === size) {
          emit(known === undefined ? batch : take(batch));
          return;
        }
        const surplus = known === undefined && byUse.size === maxKeys ? byUse.oldest()?.[1] : undefined;
        if (surplus) take(surplus);
        byUse.put(key, batch);
        if (known !== undefined) return;
        byAge.put(batch, null);
        stats.keys++;
        if (surplus) {
          stats.early++;
          emit(surplus);
        }
        if (!out.closed) wait();
      },
      error: rest,
      complete: rest,
      release() {
        stop();
        stats.keys -= byUse.size;
        for (const [, { samples }] of byUse) {
          stats.held -= samples.length;
          stats.dropped += samples.length;
        }
        watch.changed();
      },
    };
  });
  return watch.on(operator);
}
