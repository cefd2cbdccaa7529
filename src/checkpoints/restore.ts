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
 * A generation that is damaged (the store says so, it is cut short, or `revive` will not have it) is passed over for the one
 * before, and told in `damaged`. One that is whole but of another kind, version or features is refused: to go by an older
 * one would undo what was learned since.
 *
 * @param revive the class's `fromJSON`, or for what was saved as several, a record of them by the same names
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
    const json = attempt(() => parsed(kept), damaged);
    if (json === undefined) continue;
    const envelope = unsealed(json);
    if (expected) checkFeatures(envelope, expected);
    const { features, position, state } = envelope;
    const revived = attempt(() => ({ normalizer: whole(state) }), damaged);
    if (revived) return { ...revived, position, features, generation, damaged };
  }
  if (damaged.length === 0) return undefined;
  const why = `whole (the newest: ${damaged[0]?.message})`;
  throw new StateError('one generation at least', why, damaged, new AggregateError(damaged));
}

/** What it comes to; undefined where it fails, and the reason among the others. */
function attempt<R>(action: () => R, failures: Error[]): R | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof StateError && error.isOther) throw error; // to go by an older one would undo what was learned since
    failures.push(error instanceof Error ? error : new StateError('checkpoint', 'whole', error));
    return undefined;
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

function parsed(kept: Generation): unknown {
  if (kept instanceof Error) throw kept;
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
    const revived = parts.map(([name, one]) => {
      if (!Object.hasOwn(json, name))
        throw new StateError(`checkpoint.state.${name}`, 'there', undefined, undefined, true);
      return [name, one(json[name])];
    });
    return Object.fromEntries(revived);
  };
}
