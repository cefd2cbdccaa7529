/** What is learned, of all rows or of each key's, and whether it fits what the command line asks for. */
import type { DriftMonitor } from '../drift/drift-monitor.js';
import { KeyedNormalizers } from '../keyed/keyed-normalizers.js';
import { BatchNorm } from '../normalizers/batch-norm.js';
import type { BatchNormOptions } from '../normalizers/batch-norm-options.js';
import type { RunningMode } from '../running/running-mode.js';
import type { Arguments } from './arguments.js';
import { exitCodes, Failure } from './exit-codes.js';
import { goesByTime, showRunning } from './running-option.js';

export interface Learned {
  readonly features: readonly string[];
  readonly normalizer: BatchNorm | KeyedNormalizers<BatchNorm>;
  /** The column or key by whose values there are several. */
  readonly key?: string | undefined;
  /** What the latest rows are compared with, and these, where that is asked for. */
  readonly drift?: DriftMonitor | undefined;
}

const MOST_KEYS = 1000;

/** Of how many keys something is remembered. */
export const mostKeys = ({ maxKeys = MOST_KEYS }: Pick<Arguments, 'maxKeys'>): number => maxKeys;

/** How the command has its normalizers: whoever wants float32 narrows at the very end, and what is missing was seen to before. */
const always = { dtype: 'float64', missing: 'keep' } as const satisfies BatchNormOptions;

/** A normalizer as it was saved, by whomever. @throws StateError */
export function revived(json: unknown): BatchNorm {
  const { options } = Object(json);
  return BatchNorm.fromJSON(
    options === undefined ? json : { ...Object(json), options: { ...options, ...always } },
  );
}

/** How normalizers of keys are made; where there are some that were saved, as they were. */
function keyedOptions(
  args: Arguments,
  saved?: BatchNormOptions,
): ConstructorParameters<typeof KeyedNormalizers<BatchNorm>>[0] {
  const options = { ...(saved ?? normalizerOptions(args)), ...always };
  return {
    maxKeys: mostKeys(args),
    normalizer: (_key, channels) => new BatchNorm(channels, options),
    revive: revived,
  };
}

/** The same of many keys. @throws StateError; OptionError */
export function revivedOfKeys(json: unknown, args: Arguments): KeyedNormalizers<BatchNorm> {
  const { keys } = Object(json) as {
    keys?: [unknown, unknown, { options?: BatchNormOptions } | undefined][];
  };
  return KeyedNormalizers.fromJSON(json, keyedOptions(args, keys?.[0]?.[2]?.options));
}

/** Nothing, of the features. */
export function unlearned(features: readonly string[], args: Arguments): Learned {
  const { key } = args;
  if (key !== undefined) return { features, key, normalizer: new KeyedNormalizers(keyedOptions(args)) };
  return { features, normalizer: new BatchNorm(features.length, { ...normalizerOptions(args), ...always }) };
}

/** That of a key, or of all; undefined where nothing is known of the key. */
export function normalizerOf({ normalizer }: Learned, key: string | undefined): BatchNorm | undefined {
  return normalizer instanceof BatchNorm ? normalizer : normalizer.get(key!);
}

/** The options given on the command line, and no others. */
function normalizerOptions({ running, eps }: Pick<Arguments, 'running' | 'eps'>): BatchNormOptions {
  return { ...(running !== undefined && { running }), ...(eps !== undefined && { eps }) };
}

/** Those that all was learned with; undefined where there is nothing yet. */
function optionsOf({ normalizer }: Learned): Required<BatchNormOptions> | undefined {
  if (normalizer instanceof BatchNorm)
    return (normalizer.toJSON() as { options: Required<BatchNormOptions> }).options;
  const { keys } = normalizer.toJSON() as {
    keys: [unknown, unknown, { options: Required<BatchNormOptions> }][];
  };
  return keys[0]?.[2].options;
}

/** How what was learned goes on; undefined where there is nothing yet. */
export function runningOf(learned: Learned): RunningMode | undefined {
  return optionsOf(learned)?.running;
}

/** @throws Failure naming the option given on the command line that the state contradicts */
export function checkOptions(path: string, learned: Learned, args: Arguments): void {
  const refuse = (was: string, is: string): never => {
    throw new Failure(exitCodes.badState, `${path}: was learned ${was}, not ${is}`);
  };
  const keyed = (key: string | undefined): string =>
    key === undefined ? 'without --key' : `with --key ${key}`;
  if (learned.key !== args.key) refuse(keyed(learned.key), keyed(args.key));
  if (args.features) checkFeatures(path, learned, args.features);
  const options = optionsOf(learned);
  if (options === undefined) return;
  if (args.eps !== undefined && args.eps !== options.eps) refuse(`with --eps ${options.eps}`, `${args.eps}`);
  const was = showRunning(options.running);
  if (goesByTime(options.running) && args.timestamp === undefined && !args.eval)
    throw new Failure(
      exitCodes.badState,
      `${path}: was learned with --running ${was}, which needs --timestamp`,
    );
  if (args.running === undefined) return;
  const is = showRunning(args.running);
  if (was !== is) refuse(`with --running ${was}`, is);
}

/** @throws Failure if the state is of other features, or of another order of them */
export function checkFeatures(path: string, { features }: Learned, names: readonly string[]): void {
  if (features.length === names.length && features.every((name, i) => name === names[i])) return;
  const why = `was learned from the features ${features.join(',')}, not ${names.join(',')}`;
  throw new Failure(exitCodes.badState, `${path}: ${why}`);
}
