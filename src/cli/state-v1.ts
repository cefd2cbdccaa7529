/** State as it was saved before it had a checksum: plain JSON, of one normalizer. */
import type { BatchNorm } from '../normalizers/batch-norm.js';
import { type Learned, revived } from './learned.js';

const KIND = 'evenkeel';
const VERSION = 1;

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch (error) {
    throw new Error('is not a saved state: not JSON, or cut short', { cause: error });
  }
}

/** @throws Error that says what is wrong with it */
export function readV1(text: string): Learned {
  const { kind, version, features, normalizer } = parsed(text);
  if (kind !== KIND) throw new Error(`is not a saved state of ${KIND}`);
  if (version !== VERSION)
    throw new Error(`is of version ${JSON.stringify(version)}, which this command does not read`);
  if (!areNames(features)) throw new Error('is damaged: it names no features');
  if (new Set(features).size < features.length) throw new Error('is damaged: it names a feature twice');
  const restored = attempt(normalizer);
  if (restored.channels === features.length) return { features, normalizer: restored };
  throw new Error('is damaged: it has not as many features as statistics');
}

function attempt(json: unknown): BatchNorm {
  try {
    return revived(json);
  } catch (error) {
    throw new Error(`is damaged: ${(error as Error).message}`, { cause: error });
  }
}
