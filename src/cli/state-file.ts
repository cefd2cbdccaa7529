/** What has been learned, as a file: read whole or refused, written whole or not at all. */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { BatchNorm } from '../normalizers/batch-norm.js';
import type { BatchNormOptions } from '../normalizers/batch-norm-options.js';
import { exitCodes, Failure, systemReason } from './exit-codes.js';
import { showRunning } from './running-option.js';

export interface Learned {
  readonly features: readonly string[];
  readonly normalizer: BatchNorm;
}

const KIND = 'evenkeel';
const VERSION = 1;

function unusable(path: string, why: string, cause?: unknown): Failure {
  return new Failure(exitCodes.badState, `${path}: ${why}`, cause);
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(path, 'is not a saved state: not JSON, or cut short', error);
  }
}

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

function restored(path: string, json: unknown): Learned {
  const { kind, version, features, normalizer } = (json ?? {}) as Record<string, unknown>;
  if (kind !== KIND) throw unusable(path, `is not a saved state of ${KIND}`);
  if (version !== VERSION)
    throw unusable(path, `is of version ${JSON.stringify(version)}; this command reads version ${VERSION}`);
  if (!areNames(features)) throw unusable(path, 'is damaged: it names no features');
  if (new Set(features).size < features.length) throw unusable(path, 'is damaged: it names a feature twice');
  try {
    const learned = { features, normalizer: BatchNorm.fromJSON(normalizer) };
    if (learned.normalizer.channels === features.length) return learned;
  } catch (error) {
    throw unusable(path, `is damaged: ${(error as Error).message}`, error);
  }
  throw unusable(path, 'is damaged: it has not as many features as statistics');
}

/**
 * What the file holds; undefined where there is none.
 * @throws Failure if it cannot be used. It is then never written to.
 */
export async function readState(path: string): Promise<Learned | undefined> {
  let text: string;
  try {
    if (!(await stat(path)).isFile()) throw new Error('is not a regular file'); // a pipe would keep it for good
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, systemReason(error), error);
  }
  return restored(path, parsed(path, text));
}

/** @throws Failure if the file could not be written when the time comes */
export async function checkWritable(path: string): Promise<void> {
  try {
    await access(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw unwritten(path, error);
  }
}

/** @throws Failure naming the option given on the command line that the state contradicts */
export function checkOptions(
  path: string,
  { normalizer }: Learned,
  given: Pick<BatchNormOptions, 'running' | 'eps'>,
): void {
  const { options } = normalizer.toJSON() as { options: Required<BatchNormOptions> };
  if (given.eps !== undefined && given.eps !== options.eps)
    throw unusable(path, `was learned with --eps ${options.eps}, not ${given.eps}`);
  if (given.running === undefined) return;
  const [was, is] = [showRunning(options.running), showRunning(given.running)];
  if (was !== is) throw unusable(path, `was learned with --running ${was}, not ${is}`);
}

/** @throws Failure if the state is of other features, or of another order of them */
export function checkFeatures(path: string, learned: Learned, names: readonly string[]): void {
  const { features } = learned;
  if (features.length === names.length && features.every((name, i) => name === names[i])) return;
  throw unusable(path, `was learned from the features ${features.join(',')}, not ${names.join(',')}`);
}

function unwritten(path: string, error: unknown): Failure {
  return new Failure(
    exitCodes.noOutput,
    `${path}: the state cannot be written: ${systemReason(error)}`,
    error,
  );
}

/** Replaces the file as a whole. @throws Failure */
export async function writeState(path: string, { features, normalizer }: Learned): Promise<void> {
  const json = { kind: KIND, version: VERSION, features, normalizer: normalizer.toJSON() };
  try {
    await writeFileAtomic(path, `${JSON.stringify(json)}\n`);
  } catch (error) {
    throw unwritten(path, error);
  }
}
