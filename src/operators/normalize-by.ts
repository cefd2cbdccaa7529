/** Items of many keys in, each normalized by its own key's statistics out. */
import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs';
import { OptionError, SampleError } from '../errors.js';
import type { Entry } from '../keyed/entry.js';
import type { KeyedStats } from '../keyed/key-tally.js';
import type { KeyedNormalizers } from '../keyed/keyed-normalizers.js';
import type { KeyedOptions } from '../keyed/keyed-options.js';
import type { Normalizer } from '../normalizers/normalizer.js';
import { Scaler } from '../normalizers/scaler.js';
import type { StandardScaler } from '../normalizers/standard-scaler.js';
import { checkScheduler, knownOptions } from '../options.js';
import { intakeOf } from '../samples/intake.js';
import { type Key, type KeyOf, keyReader } from '../samples/key.js';
import { channelsOf, type FloatArray, isBatch, type Tensor } from '../tensor.js';
import { carry } from './carry.js';
import { ItemCounts, type ItemStats } from './item-counts.js';
import { keyedSource } from './keyed-source.js';
import { type AsksVersion, stamp, type Versioned, versionOf } from './normalize.js';
import { operate } from './operate.js';
import { Scaling, type Standardized, type StandardizeOptions, scalingNames } from './scaling.js';
import { Watch, type WatchedOperator } from './watched.js';

export interface NormalizeByOptions<T> extends StandardizeOptions<T> {
  /** Whose time `idleMs` is; `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** What became of items, and of the keys of the normalizers given (of an instance: of all who use it). */
export interface NormalizeByStats extends ItemStats, KeyedStats {}

/** An item that can be used. */
interface Taken<T> {
  readonly key: Key;
  readonly features: number;
  readonly item: T;
  /** Of a sample or a row; a batch is taken as a whole. */
  readonly values: FloatArray | undefined;
  /** Which of the stream it is. */
  readonly row: number;
  /** When it was, where that is asked for. */
  readonly time: number | undefined;
  /** Whether it is learned. */
  readonly learns: boolean;
}

/** What `standardize` makes of an item, with its key. */
export type NormalizedBy<T> = Standardized<T> & { readonly key: Key };

/**
 * Normalizes each item by the statistics of its own key: a normalizer a key, at most `maxKeys` of them in hand.
 *
 * Items are what `standardize` takes, and leave as they do there, with their `key`: samples and rows `[C]` (all of as many
 * values, whatever their keys), each learned and scaled as it comes; and batches `[N, C, …positions]` of one key, as
 * `minibatchBy` emits, which any normalizer may take. Items of one key leave in the order in which they came; where the store
 * answers by promises, those of other keys may leave before them. With `mode: 'eval'` an unseen key takes nobody's place.
 *
 * The end waits for what is under way: for states being read, then written. Options give each subscription fresh state; what is
 * in hand at its end is written to their `store`, if there is one, before the end is passed on. (Unsubscribing begins that
 * too, but cannot wait for it.)
 *
 * @param key the name of the property that has an item's key, a string or a finite number; or how to get it
 * @param normalizers options of `KeyedNormalizers`: fresh state for each subscription; or such: its state is shared, and
 *   outlives `retry`, `repeat` and resubscription
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, at an item without a key too (`EVENKEEL_KEY`); ShapeError; StoreError where
 *   the store fails; OverflowError where more would have to wait than may. It can be watched: each item is counted once
 * @example
 * import { from } from 'rxjs';
 * import { normalizeBy } from 'evenkeel';
 * from([{ id: 'a', x: 1 }, { id: 'b', x: 500 }, { id: 'a', x: 3 }, { id: 'b', x: 100 }])
 *   .pipe(normalizeBy('id', { maxKeys: 1000 }, { features: ['x'] }))
 *   .subscribe(({ key, data }) => console.log(key, data[0]));
 * // a 0
 * // b 0
 * // a 1
 * // b -1
 */
export function normalizeBy<T, N extends Normalizer = StandardScaler>(
  key: KeyOf<T>,
  normalizers: KeyedOptions<N> | KeyedNormalizers<N>,
  options: NormalizeByOptions<T> & AsksVersion,
): WatchedOperator<T, NormalizedBy<T> & Versioned, NormalizeByStats>;
export function normalizeBy<T, N extends Normalizer = StandardScaler>(
  key: KeyOf<T>,
  normalizers: KeyedOptions<N> | KeyedNormalizers<N>,
  options?: NormalizeByOptions<T>,
): WatchedOperator<T, NormalizedBy<T>, NormalizeByStats>;
export function normalizeBy<T, N extends Normalizer = StandardScaler>(
  key: KeyOf<T>,
  normalizers: KeyedOptions<N> | KeyedNormalizers<N>,
  options: NormalizeByOptions<T> = {},
): WatchedOperator<T, NormalizedBy<T>, NormalizeByStats> {
  const reader = keyReader(key);
  knownOptions('options', options, [...scalingNames, 'scheduler']);
  const { scheduler = asyncScheduler } = options;
  checkScheduler('scheduler', scheduler);
  const scaling = new Scaling(options);
  const { clock } = scaling;
  const { names, open } = intakeOf(options);
  const source = keyedSource(normalizers);
  const items = new ItemCounts();
  const watch = new Watch<NormalizeByStats>(() => ({ ...items.stats, ...source.stats() }), source.changes);

  const operator = operate<T, NormalizedBy<T>>((out, fail) => {
    const { works, isOwn } = source.begin();
    const { states, pool, keepMissing } = works;
    const { idleMs } = states;
    const intake = open({ size: 1, dtype: 'float64', keepMissing });
    let timer: Subscription | undefined;
    /** Items that wait for their key's state. */
    let waiting = 0;
    let isReleased = false;
    let end: (() => void) | undefined;
    let isWritten = !isOwn;

    function normalized(by: N, { item, values, time, learns }: Taken<T>): Tensor | undefined {
      if (by instanceof Scaler)
        return values
          ? scaling.row(by, values, item, learns, time)
          : scaling.batch(by, item as T & Tensor, learns);
      if (values) throw new OptionError('normalizer', 'that of a scaler, as items are samples', by);
      if (!scaling.isPlain) throw new OptionError('order, warmup', 'left out, as they are of scalers', by);
      const x = item as T & Tensor;
      const y = carry(x, learns ? by.forward(x, scaling.pool) : by.infer(x, scaling.pool));
      return scaling.says ? stamp(y, versionOf(by)) : y;
    }

    function read(item: T): Taken<T> | 'refused' | 'unwanted' {
      const key = intake.keyOf(reader, item);
      if (key === undefined) return 'refused';
      if (out.closed) return 'unwanted'; // reading it may end the subscription
      const learns = scaling.learns(item);
      if (out.closed) return 'unwanted';
      if (isBatch(item))
        return { key, features: channelsOf(item), item, values: undefined, row: 0, time: undefined, learns };
      const time = clock && intake.timeOf(clock, item);
      if (Number.isNaN(time)) return 'refused';
      if (out.closed) return 'unwanted';
      if (!intake.offer(item)) return 'refused';
      if (out.closed) return 'unwanted';
      let values = intake.buffer.lend();
      if (!states.peek(key)) values = values.slice(); // what finds its state may read the next
      return { key, features: values.length, item, values, row: intake.buffer.last, time, learns };
    }

    function take(taken: Taken<T>): void {
      const { key, features } = taken;
      const found = states.find(key, features);
      if (found === 'dropped' || out.closed) return;
      if (found !== 'later') {
        give(found, taken);
        return;
      }
      items.move('dropped', 'waiting');
      waiting++;
      states.wait(key, {
        ready: (entry) => after(() => out.closed || give(entry, taken)),
        failed: (error) => after(() => fail(error)),
      });
    }

    /** Of an item that has waited. */
    function after(act: () => unknown): void {
      if (isReleased) return; // it was counted then
      waiting--;
      items.move('waiting', 'dropped');
      try {
        act();
      } catch (error) {
        fail(error);
      }
      source.changed();
      endIfDone();
    }

    function give(entry: Entry<N>, taken: Taken<T>): void {
      const { key, item, values, row, learns } = taken;
      items.move('dropped', 'invalid'); // until it is normalized
      let y: Tensor | undefined;
      try {
        y = normalized(entry.state, taken);
      } catch (error) {
        if (!(error instanceof SampleError)) throw error;
        intake.refuse(values ? placed(error, row, names) : error, item);
        return;
      }
      if (learns && pool) {
        if (values) pool.update(values);
        else pool.updateBatch(item as T & Tensor);
      }
      if (learns || entry.isRestored || states.peek(key) === entry.state) {
        states.keep(key, entry, idleMs === undefined ? 0 : scheduler.now());
        watchIdle(idleMs);
      }
      items.move('invalid', y === undefined ? 'withheld' : out.closed ? 'dropped' : 'emitted');
      if (y) out.next(Object.assign(y, { key }) as unknown as NormalizedBy<T>);
      states.trim();
    }

    function endIfDone(): void {
      if (end === undefined || waiting > 0) return;
      const then = end;
      end = undefined;
      if (isWritten) states.quiet(then);
      else states.flush(then);
      isWritten = true;
    }

    /** One timer, for the key that was used least recently. */
    function watchIdle(ms: number | undefined): void {
      if (ms === undefined || timer !== undefined || out.closed) return;
      timer = new Subscription(); // before it is started: a scheduler may fire at once
      timer.add(
        scheduler.schedule(() => {
          timer = undefined;
          watchIdle(sweep());
        }, ms),
      );
    }

    function sweep(): number | undefined {
      const next = states.sweep(scheduler.now());
      source.changed();
      return next;
    }

    const stop = (): void => timer?.unsubscribe();

    states.listeners.add(fail);
    if (idleMs !== undefined) watchIdle(sweep());

    return {
      next(item) {
        try {
          items.came('invalid'); // until it has been read
          const taken = read(item);
          if (taken === 'refused') return;
          items.move('invalid', 'dropped'); // until there is a state for it
          if (taken !== 'unwanted') take(taken);
        } finally {
          source.changed();
        }
      },
      settle(then) {
        stop();
        end = then;
        endIfDone();
      },
      release() {
        isReleased = true;
        if (waiting > 0) {
          items.move('waiting', 'dropped', waiting);
          source.changed();
        }
        stop();
        states.listeners.delete(fail);
        const ended = (): void => {
          source.ended(works);
          source.changed();
        };
        if (isWritten) states.quiet(ended);
        else states.flush(ended);
      },
    };
  });
  return watch.on(operator);
}

/** A scaler's error, where it was in the stream. */
function placed(
  { code, feature, value }: SampleError,
  row: number,
  names: readonly string[] | undefined,
): SampleError {
  return new SampleError(
    code,
    row,
    typeof feature === 'number' ? (names?.[feature] ?? feature) : feature,
    value,
  );
}
