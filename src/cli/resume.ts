/** Where a run goes on in its file, if the one before was interrupted there. */
import { type Arguments, isUrl } from './arguments.js';
import { exitCodes, Failure } from './exit-codes.js';
import { mostKeys } from './learned.js';
import { fillsIn, withoutDefault } from './missing-option.js';
import { beginning, type Decider, Progress } from './position.js';
import { fingerprintOf, isStill } from './sources/fingerprint.js';
import type { State } from './state-file.js';

/** JSON has no maps and no infinities. */
const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return [...value];
  return value === Infinity || value === -Infinity ? String(value) : value;
};

/** What decides which rows come, and in which order; what decides the features is saved beside. */
function rowOptions(args: Arguments): string {
  const { timestamp, lateness, key, limits } = args;
  const onMissing = withoutDefault(args.onMissing);
  const maxKeys = key !== undefined && fillsIn(onMissing) ? mostKeys(args) : undefined; // which have what to fill in with
  return JSON.stringify({ timestamp, lateness, key, maxKeys, onMissing, limits }, plain);
}

function deciderOf({ features }: Arguments, saved: State | undefined): Decider {
  if (features !== undefined) return 'names';
  return saved === undefined ? 'file' : 'state';
}

/**
 * Keeps account of what is learned of a file; undefined where it is none, or nothing is learned.
 * @throws Failure if the run before was interrupted in it, and its rows were others
 */
export async function progressIn(args: Arguments, saved: State | undefined): Promise<Progress | undefined> {
  const { from, state } = args;
  if (state === undefined || args.eval || from === '-' || from === 'sensors' || isUrl(from)) return undefined;
  const file = await fingerprintOf(from);
  if (file === undefined) return undefined;
  const options = rowOptions(args);
  const before = saved?.position;
  if (before === undefined || !(await isStill(before.file, from)))
    return new Progress(file, options, beginning(deciderOf(args, saved)));
  if (before.options === options) return new Progress(file, options, before);
  const why =
    'was interrupted there with other --timestamp, --lateness, --on-missing, --limits, --key or --max-keys';
  throw new Failure(exitCodes.badState, `${state}: goes on within ${from}, but ${why}`);
}
