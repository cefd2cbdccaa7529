/** From a store back to what was learned, and where the source goes on. */
import { OptionError, StateError } from '../errors.js';
import { knownOptions } from '../options.js';
import { isPlainObject } from '../plain-object.js';
import { type CheckpointStore, checkStore, type Generation, storeError } from './checkpoint-store.js';
import { checkFeatures, checkNames, unsealed } from './envelope.js';

/** A class's `fromJSON`, or as it. */
export type Revive<N = unknown> = (json: unknown) => N;

export interface RestoreOptions {
  /** What it has to have been learned from; by default, whatever it was. */
  readonly features?: readonly string[];
}

export interface Restored<N> {
  /** As it was saved: it goes on bit for bit. Of several, each by its name. */
  readonly normalizer: N;
  /** Of the last item that is in it, as `position` told; the source goes on behind it. */
  readonly position: unknown;
  /** The names it was saved with. */
  readonly features: readonly string[] | undefined;
  /** Which of those that the store holds: 0, the newest, or how many newer ones are damaged. */
  readonly generation: number;
  /** Why these are passed over, newest first. */
  readonly damaged: readonly Error[];
}

/**
 * What was last saved by `checkpoint`.
 *
 * A generation that is damaged (the store says so, it is cut short, or `revive` throws a StateError of it) is passed over for the
 * one before, and told in `damaged`. One that is whole but of another kind, version, features or options is refused: to go by an
 * older one would undo what was learned since. What else `revive` throws is its own error.
 *
 * @param revive the class's `fromJSON`, or for what was saved as several, a record of them by the same names, all of them
 * @returns undefined only where the store never held anything
 * @throws OptionError; StateError where there is something, but nothing that can be used; StoreError where the store
 *   cannot be read
 * @example
 * import { of } from 'rxjs';
 * import { BatchNorm, batchNorm, checkpoint, MemoryStore, restore, tensor } from 'evenkeel';
 * const store = new MemoryStore();
 * const bn = new BatchNorm(1);
 * of(tensor([1, 3], [2, 1])).pipe(batchNorm(bn), checkpoint(bn, store, { position: () => 'line 2' })).subscribe();
 * const restored = await restore(store, BatchNorm.fromJSON);
 * console.log(restored?.normalizer.runningMean, restored?.position); // Float64Array(1) [ 2 ] line 2
 */
export async function restore<N>(
  store: CheckpointStore,
  revive: Revive<N>,
  options?: RestoreOptions,
): Promise<Restored<N> | undefined>;
export async function restore<R extends Readonly<Record<string, Revive>>>(
  store: CheckpointStore,
  revive: R,
  options?: RestoreOptions,
): Promise<Restored<{ -readonly [K in keyof R]: ReturnType<R[K]> }> | undefined>;
export async function restore(
  store: CheckpointStore,
  revive: Revive | Readonly<Record<string, Revive>>,
  options: RestoreOptions = {},
): Promise<Restored<unknown> | undefined> {
  checkStore(store);
  const whole = reviver(revive);
  const expected = checkNames(knownOptions('options', options, ['features']).features);
  const damaged: Error[] = [];
  for (const kept of await generationsOf(store)) {
    const generation = damaged.length;
    const json = kept instanceof Error ? kept : attempt(() => parsed(kept));
    if (json instanceof Error) {
      damaged.push(json);
      continue;
    }
    const envelope = unsealed(json);
    if (expected) checkFeatures(envelope, expected);
    const { features, position, state } = envelope;
    const normalizer = attempt(() => whole(state));
    if (normalizer instanceof StateError) damaged.push(normalizer);
    else return { normalizer, position, features, generation, damaged };
  }
  if (damaged.length === 0) return undefined;
  const reasons = damaged.map(({ message }) => message).join('; ');
  const what = `${damaged.length} damaged`;
  throw new StateError('one generation at least', `usable (${reasons})`, what, new AggregateError(damaged));
}

/** What it comes to, or how it is damaged. @throws what says that it is of something else, or another error of the action's own */
function attempt<R>(action: () => R): R | StateError {
  try {
    return action();
  } catch (error) {
    if (error instanceof StateError && !error.isOther) return error;
    throw error; // to go by an older one would undo what was learned since
  }
}

/** @throws StoreError */
async function generationsOf(store: CheckpointStore): Promise<readonly Generation[]> {
  try {
    const generations: unknown = await store.read();
    if (Array.isArray(generations)) return generations;
    throw new TypeError('read() must give an array');
  } catch (error) {
    throw storeError('could not be read', error);
  }
}

function parsed(kept: string): unknown {
  try {
    return JSON.parse(kept);
  } catch (error) {
    throw new StateError('checkpoint', 'whole: this is no JSON, or cut short', kept, error);
  }
}

function reviver(revive: unknown): Revive {
  if (typeof revive === 'function') return revive as Revive;
  if (!isPlainObject(revive) || !Object.values(revive).every((one) => typeof one === 'function'))
    throw new OptionError('revive', 'a function of JSON, or a record of them', revive);
  const parts = Object.entries(revive as Record<string, Revive>);
  return (json) => {
    if (!isPlainObject(json)) throw new StateError('checkpoint.state', 'an object', json);
    const others = Object.keys(json).filter((name) => !Object.hasOwn(revive as object, name));
    if (others.length > 0) throw other(others[0]!, 'among what is to be revived', json[others[0]!]);
    const revived = parts.map(([name, one]) => {
      if (!Object.hasOwn(json, name)) throw other(name, 'there', undefined);
      return [name, one(json[name])];
    });
    return Object.fromEntries(revived);
  };
}

const other = (name: string, expected: string, value: unknown): StateError =>
  new StateError(`checkpoint.state.${name}`, expected, value, undefined, true);
