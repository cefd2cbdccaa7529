/** Samples in, minibatches out: as soon as one is full, or has waited long enough. */
import { Subscription } from 'rxjs';
import { batchingOf, type MinibatchOptions, type MinibatchStats } from './batching.js';
import { type Batch, operate } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

/**
 * Windows samples into minibatches `[rows, features]`: by count or by time, whichever is sooner; never an empty one.
 *
 * Each batch keeps its `samples`. Rows must have as many values as the first one. Nothing that was gathered is lost when
 * the source fails: what is left is emitted before the error. Memory: at most `size` rows and samples.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row (of the stream), feature and value
 * @example
 * import { from } from 'rxjs';
 * import { minibatch } from 'evenkeel';
 * from([{ t: 20 }, { t: 21 }, { t: 25 }])
 *   .pipe(minibatch({ size: 2, features: ['t'] }))
 *   .subscribe((batch) => console.log(batch.shape, batch.data));
 * // [ 2, 1 ] Float64Array(2) [ 20, 21 ]
 * // [ 1, 1 ] Float64Array(1) [ 25 ]
 */
export function minibatch<T>(options: MinibatchOptions<T>): WatchedOperator<T, Batch<T>, MinibatchStats> {
  const { rows, maxWaitMs, partial, scheduler, clock, open } = batchingOf(options);
  const { size } = rows;
  const tally = { rows: 0, emitted: 0, dropped: 0, invalid: 0, held: 0, batches: 0 };
  const watch = new Watch<MinibatchStats>(() => ({ ...tally }));

  const operator = operate<T, Batch<T>>((out) => {
    const intake = open(rows);
    const { buffer } = intake;
    let samples: T[] = [];
    let times: number[] = [];
    let timer: Subscription | undefined;

    const flush = (): void => {
      timer?.unsubscribe();
      timer = undefined;
      if (buffer.rows === 0) return;
      // Taken before it is emitted: the subscriber may push the next sample from within.
      const { data, shape } = buffer.take();
      const batch: Batch<T> = clock
        ? { data, shape, samples, times: Float64Array.from(times) }
        : { data, shape, samples };
      tally.held -= samples.length;
      tally.emitted += samples.length;
      tally.batches++;
      samples = [];
      times = [];
      out.next(batch);
      watch.changed();
    };

    const rest = (): void => {
      if (partial === 'emit') flush();
    };

    return {
      next(sample) {
        tally.rows++;
        tally.invalid++; // until it has been read
        const time = clock ? intake.timeOf(clock, sample) : 0;
        if (Number.isNaN(time) || !intake.offer(sample)) {
          watch.changed();
          return;
        }
        tally.invalid--;
        if (out.closed) {
          tally.dropped++; // reading the sample ended the subscription
          return;
        }
        tally.held++;
        samples.push(sample);
        if (clock) times.push(time);
        if (buffer.rows === size) flush();
        else if (maxWaitMs !== undefined && timer === undefined) {
          timer = new Subscription(); // before it is started: a scheduler may fire at once
          timer.add(scheduler.schedule(flush, maxWaitMs));
        }
      },
      error: rest,
      complete: rest,
      release() {
        timer?.unsubscribe();
        tally.held -= samples.length;
        tally.dropped += samples.length;
        samples = [];
        watch.changed();
      },
    };
  });
  return watch.on(operator);
}
