/**
 * What has been learned, as a file, and the one before it as another: read whole or refused, written whole or not at all. A
 * program reads it with `restore(new FileStore(path), BatchNorm.fromJSON)`.
 */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileStore } from '../adapters/file/index.js';
import type { Generation } from '../checkpoints/checkpoint-store.js';
import { sealed } from '../checkpoints/envelope.js';
import { type Restored, restore } from '../checkpoints/restore.js';
import { DriftMonitor } from '../drift/drift-monitor.js';
import { StateError } from '../errors.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import type { Arguments } from './arguments.js';
import { exitCodes, Failure, systemReason } from './exit-codes.js';
import { type Learned, revived, revivedOfKeys } from './learned.js';
import { isPosition, type Position } from './position.js';
import { readV1 } from './state-v1.js';

/** What has been learned, and how far the file is read that it is learned from, where it was interrupted. */
export interface State extends Learned {
  readonly position?: Position | undefined;
}

/** State as it was saved, and why it is not the latest, where it is not. */
export interface Found extends State {
  readonly fellBack?: string;
}

function unusable(path: string, why: string, cause?: unknown): Failure {
  return new Failure(exitCodes.badState, `${path}: ${why}`, cause);
}

/** The words of an error, without the path: that is told anyhow. */
const reasonOf = (path: string, { message }: Error): string => message.replace(`${path}: `, '');

/** One normalizer; or, by the values of a key, several. */
function revivedState(json: unknown, args: Arguments): Pick<Learned, 'normalizer' | 'key'> {
  const { key, normalizers } = Object(json);
  if (typeof key !== 'string') return { normalizer: revived(json) };
  return { normalizer: revivedOfKeys(normalizers, args), key };
}

export class StateFile {
  readonly path: string;
  readonly #store: FileStore;

  constructor(path: string) {
    this.path = path;
    this.#store = new FileStore(path);
  }

  /**
   * What the file holds, or the one before it where it is damaged; undefined where there is none.
   * @throws Failure if neither can be used. They are then never written to.
   */
  async read(args: Arguments): Promise<Found | undefined> {
    const [newest, ...older] = await this.#generations();
    if (newest === undefined) return undefined;
    const text = newest instanceof Error ? await this.#plainText() : undefined;
    if (text?.startsWith('{') || (text !== undefined && older.length === 0)) return this.#ofV1(text);
    return this.#restored([newest, ...older], args);
  }

  /** @throws Failure if the file could not be written when the time comes */
  async checkWritable(): Promise<void> {
    try {
      await access(dirname(resolve(this.path)), constants.W_OK);
    } catch (error) {
      throw this.#unwritten(error);
    }
  }

  /** Replaces the file as a whole, by what there is now. @throws Failure */
  async write({ features, normalizer, key, drift, position }: State): Promise<void> {
    const state = key === undefined ? normalizer : { key, normalizers: normalizer };
    const within = position ? { ...position, drift } : null;
    try {
      await this.#store.write(sealed({ features, position: within, state }));
    } catch (error) {
      throw this.#unwritten((error as Error).cause ?? error);
    }
  }

  async #generations(): Promise<readonly Generation[]> {
    try {
      return await this.#store.read();
    } catch (error) {
      throw unusable(this.path, systemReason((error as Error).cause ?? error), error);
    }
  }

  /** Undefined where it once had a checksum. */
  async #plainText(): Promise<string | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    return text?.startsWith('evenkeel-checkpoint ') ? undefined : text;
  }

  #ofV1(text: string): State {
    try {
      return readV1(text);
    } catch (error) {
      throw unusable(this.path, (error as Error).message, error);
    }
  }

  async #restored(generations: readonly Generation[], args: Arguments): Promise<Found> {
    let found: Restored<Pick<Learned, 'normalizer' | 'key'>> | undefined;
    try {
      found = await restore({ read: () => generations, write: () => {} }, (json) => revivedState(json, args));
    } catch (error) {
      throw unusable(this.path, `is damaged: ${reasonOf(this.path, error as Error)}`, error);
    }
    const { features, normalizer: state, damaged, position } = found!;
    if (features === undefined) throw unusable(this.path, 'does not name its features');
    if (state.normalizer instanceof BatchNorm && state.normalizer.channels !== features.length)
      throw unusable(this.path, 'is damaged: it has not as many features as statistics');
    if (position !== null && !isPosition(position))
      throw unusable(this.path, 'is damaged: it does not say how far its input was read');
    return {
      features,
      ...state,
      ...(position !== null && { position, drift: this.#comparison(position, features.length) }),
      ...(damaged[0] && { fellBack: reasonOf(this.path, damaged[0]) }),
    };
  }

  #comparison(position: object, features: number): DriftMonitor | undefined {
    const { drift } = position as { readonly drift?: unknown };
    if (drift === undefined) return undefined;
    try {
      const monitor = DriftMonitor.fromJSON(drift);
      if (monitor.channels === features) return monitor;
      throw new StateError('DriftMonitor.channels', `${features}`, monitor.channels);
    } catch (error) {
      throw unusable(this.path, `is damaged: ${(error as Error).message}`, error);
    }
  }

  #unwritten(error: unknown): Failure {
    return new Failure(
      exitCodes.noOutput,
      `${this.path}: the state cannot be written: ${systemReason(error)}`,
      error,
    );
  }
}
