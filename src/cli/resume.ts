/** Where a run goes on in its file, if the one before was interrupted there. */
import { existsSync } from 'node:fs';
import { type Arguments, isUrl } from './arguments.js';
import { exitCodes, Failure } from './exit-codes.js';
import { beginning, type Decider, Progress } from './position.js';
import { differences, rowOptionsOf } from './row-options.js';
import { differenceOf, fingerprintOf } from './sources/fingerprint.js';
import type { State } from './state-file.js';

/** What is read instead of a file; undefined where it is one. */
function otherThanFile(from: string): string | undefined {
  if (from === '-') return 'standard input';
  if (from === 'sensors') return 'the sensors';
  return isUrl(from) ? 'a WebSocket' : undefined;
}

function deciderOf({ features }: Arguments, saved: State | undefined): Decider {
  if (features !== undefined) return 'names';
  return saved === undefined ? 'file' : 'state';
}

/**
 * Keeps account of what is learned of a file; undefined where it is none, or nothing is learned.
 * @param saved what there is, and where the run before was interrupted
 * @param note told of a place that is not gone on from, and so is lost
 * @throws Failure if it was interrupted in the same file, and its rows were others
 */
export async function progressIn(
  args: Arguments,
  saved: State | undefined,
  note: (line: string) => void,
): Promise<Progress | undefined> {
  const { from, state } = args;
  if (state === undefined || args.eval) return undefined;
  const other = otherThanFile(from);
  const file = other === undefined ? await fingerprintOf(from) : undefined;
  const options = rowOptionsOf(args);
  const fresh = file && new Progress(file, options, beginning(deciderOf(args, saved)));
  const before = saved?.position;
  const isThere = other !== undefined || existsSync(from); // else that is told once it is to be opened
  if (before === undefined || !isThere) return fresh;

  const was = `${state}: was interrupted in ${before.file.path} after line ${before.place}`;
  const why = other === undefined ? await differenceOf(before.file, from) : `this run reads ${other}`;
  if (why !== undefined) {
    note(`${was}; that is given up with the first save, as ${why}`);
    return fresh;
  }
  const others = differences(before.options, options);
  if (others.length > 0) {
    const ways = 'go on with the same, or start over with another --state';
    throw new Failure(exitCodes.badState, `${was} ${others.join(', and ')}; ${ways}`);
  }
  return file && new Progress(file, options, before);
}
