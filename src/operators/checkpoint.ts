/** Keeps what is learned, and how far the source has come, in a store: now and then, and at the end. */
import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs';
import { type CheckpointStore, checkStore } from '../checkpoints/checkpoint-store.js';
import { checkNames, jsonCopy, sealed } from '../checkpoints/envelope.js';
import { Saver, type Snapshot } from '../checkpoints/saver.js';
import { OptionError, type StoreError } from '../errors.js';
import { checkScheduler, knownOptions, oneOf, positiveInteger, waitingTime } from '../options.js';
import { isPlainObject } from '../plain-object.js';
import { operate } from './operate.js';
import { Watch, type WatchedOperator } from './watched.js';

/** What has a state to save: a normalizer, a statistic, a normalizer of each key. */
export interface Saveable {
  toJSON(): unknown;
}

export interface CheckpointOptions<T> {
  /** Something that is new is saved so long (ms) after it came, at most. 1000, where `everyBatches` is not given. */
  readonly everyMs?: number;
  /** Or after so many items. With both: whichever is sooner. */
  readonly everyBatches?: number;
  /** How far the source has come with an item: an offset, a line, a sequence number; anything that is JSON. */
  readonly position?: (item: T) => unknown;
  /** The names of what is learned from, for `restore` to compare. */
  readonly features?: readonly string[];
  /** Told of each save, once it is for good: what the source may forget by then, or acknowledge. */
  readonly onSaved?: (saved: Saved) => void;
  /**
   * A save that failed: an error notification (`'error'`), or told to this function; the stream then goes on, and it is tried
   * again at the next turn. `'error'`.
   */
  readonly onError?: 'error' | ((error: StoreError) => void);
  /** Whose time `everyMs` is; `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** What a checkpoint is of. */
export interface Saved {
  /** As the option tells it; undefined without. */
  readonly position: unknown;
  /** The normalizer's `version`; undefined where it has none, or there are several. */
  readonly version: number | undefined;
}

export interface CheckpointStats {
  /** Items passed on. */
  readonly passed: number;
  /** Of these, how many came after the last good save. */
  readonly unsaved: number;
  readonly saved: number;
  readonly failed: number;
  /** Of the last good save; undefined before. */
  readonly last: Saved | undefined;
  /** Why the latest save failed; undefined where it did not. */
  readonly error: StoreError | undefined;
}

export interface Checkpointing<T> extends WatchedOperator<T, T, CheckpointStats> {
  /**
   * Saves what is not saved yet, and waits until it is: after unsubscribing, say, before the process ends.
   * @returns rejects with the StoreError where it cannot be saved
   */
  flush(): Promise<void>;
}

/** A state, and the source's position, of one and the same moment. */
interface Taken extends Snapshot, Saved {
  /** How many items had been passed on. */
  readonly passed: number;
}

const known = ['everyMs', 'everyBatches', 'position', 'features', 'onSaved', 'onError', 'scheduler'] as const;

/**
 * Passes items on as they are, and saves the normalizer's state together with the position of the last item passed on.
 *
 * Put it right behind what learns: then what is saved was learned from the items up to that position, and from no other. Both are
 * taken at once, between two items, as text. Writes do not overlap: of what falls due during one, the latest is written.
 * When the source completes or fails, what is not saved yet is, and the end is passed on after that; on unsubscribing a last
 * save is started (`flush` waits for it). Nothing is written, and no timer runs, while nothing is new.
 *
 * @param normalizer whatever has a `toJSON`; or a record of several, saved as one
 * @param store where to: `FileStore` of `evenkeel/file`, `MemoryStore`, or your own
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator to be given to one pipeline at a time; it goes on when that is subscribed to again. Its errors are
 *   StoreError, unless `onError` is a function; OptionError at a position that is no JSON
 * @example
 * import { from } from 'rxjs';
 * import { checkpoint, MemoryStore, restore, StandardScaler, standardize } from 'evenkeel';
 * const store = new MemoryStore();
 * const scaler = new StandardScaler(1);
 * const saving = checkpoint<{ sample: number }>(scaler, store, { position: ({ sample }) => ({ last: sample }) });
 * from([1, 3, 5]).pipe(standardize(scaler), saving).subscribe();
 * console.log(saving.stats.saved, (await restore(store, StandardScaler.fromJSON))?.position); // 1 { last: 5 }
 */
export function checkpoint<T>(
  normalizer: Saveable | Readonly<Record<string, Saveable>>,
  store: CheckpointStore,
  options: CheckpointOptions<T> = {},
): Checkpointing<T> {
  checkSaveable(normalizer);
  checkStore(store);
  knownOptions('options', options, known);
  const { position: positionOf, onSaved, onError = 'error', scheduler = asyncScheduler } = options;
  const everyBatches =
    options.everyBatches === undefined ? Infinity : positiveInteger('everyBatches', options.everyBatches);
  const { everyMs = everyBatches < Infinity ? undefined : 1000 } = options;
  if (everyMs !== undefined) waitingTime('everyMs', everyMs);
  for (const name of ['position', 'onSaved'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new OptionError(name, 'a function', options[name]);
  if (typeof onError !== 'function') oneOf('onError', onError, ['error']);
  checkScheduler('scheduler', scheduler);
  const features = checkNames(options.features);

  /** Of each subscription, how it is ended by what goes wrong here. */
  const live = new Set<(error: unknown) => void>();
  let position: unknown;
  /** Whether an item was learned from whose position is not known. */
  let ahead = false;
  let passed = 0;
  /** Since the last turn. */
  let waiting = 0;
  let timer: Subscription | undefined;
  /** How many of those passed are in what was taken last, unless that came to nothing, and in what was saved last. */
  let [taken, kept] = [0, 0];
  let [saved, failed] = [0, 0];
  let last: Saved | undefined;
  let error: StoreError | undefined;
  const watch = new Watch<CheckpointStats>(() => ({
    passed,
    unsaved: passed - kept,
    saved,
    failed,
    last,
    error,
  }));

  const endAll = (thrown: unknown): void => {
    const told = [...live];
    live.clear();
    for (const end of told) end(thrown);
  };

  /** What goes wrong here is not the store's fault: it ends the stream, as it would in `map`. */
  function guarded<R>(action: () => R): R | undefined {
    try {
      return action();
    } catch (thrown) {
      if (live.size > 0) endAll(thrown);
      else
        queueMicrotask(() => {
          throw thrown;
        }); // nobody is left to be told
      return undefined;
    }
  }

  const saver = new Saver<Taken>(store, {
    saved({ passed: through, position, version }) {
      saved++;
      kept = through;
      taken = Math.max(taken, through);
      last = { position, version };
      error = undefined;
      guarded(() => onSaved?.({ position, version }));
      watch.changed();
    },
    failed(failure) {
      failed++;
      taken = kept;
      error = failure;
      if (onError === 'error') endAll(failure);
      else guarded(() => onError(failure));
      if (live.size > 0) arm();
      watch.changed();
    },
  });

  /** All there is, if there is more than when so many had been passed on. */
  function take(before: number): Taken | undefined {
    if (before === passed || ahead) return undefined;
    return guarded(() => {
      const version: unknown = (normalizer as { version?: unknown }).version;
      const text = sealed({ features, position, state: normalizer });
      taken = passed;
      return { text, passed, position, version: typeof version === 'number' ? version : undefined };
    });
  }

  function turn(): void {
    disarm();
    waiting = 0;
    saver.save(() => take(taken));
  }

  /** Takes it now, whatever is under way: what others teach the normalizer from now on is not of this subscription. */
  function finish(): void {
    disarm();
    const rest = take(kept); // what is being written is among it: if that fails, there is this
    if (rest) saver.save(() => (rest.passed > kept ? rest : undefined));
  }

  function arm(): void {
    if (everyMs === undefined || timer !== undefined) return;
    timer = new Subscription(); // before it is started: a scheduler may fire at once
    timer.add(scheduler.schedule(turn, everyMs));
  }

  function disarm(): void {
    timer?.unsubscribe();
    timer = undefined;
  }

  const operator = operate<T, T>((out, fail) => {
    let isLast = true;
    live.add(fail);
    const end = (): void => {
      if (isLast && live.has(fail)) finish(); // a failure of its own has been told: no further one is
      isLast = false;
    };
    return {
      next(item) {
        ahead = true; // telling it may fail, or end the subscription
        position = positionOf && jsonCopy('position(item)', positionOf(item));
        ahead = false;
        passed++;
        waiting++;
        out.next(item);
        if (out.closed) return;
        if (waiting >= everyBatches) turn();
        else arm();
      },
      error: end,
      complete: end,
      settle: (then) => saver.idle(then),
      release() {
        end();
        live.delete(fail);
        if (live.size === 0) disarm();
      },
    };
  });

  const flush = async (): Promise<void> => {
    finish();
    await new Promise<void>((resolve) => saver.idle(resolve));
    if (error) throw error;
  };
  return Object.assign(watch.on(operator), { flush });
}

/** @throws OptionError */
function checkSaveable(normalizer: unknown): void {
  const saves = (value: unknown): boolean => typeof Object(value).toJSON === 'function';
  if (saves(normalizer)) return;
  const parts = isPlainObject(normalizer) ? Object.values(normalizer) : [];
  if (parts.length === 0 || !parts.every(saves))
    throw new OptionError('normalizer', 'something with a toJSON, or a record of such', normalizer);
}
