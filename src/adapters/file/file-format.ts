/**
 * A text as a file that knows itself: a line with format, length in bytes and SHA-256, then the text. There is no way to cut it
 * short, or to change a bit of it, that reading does not find.
 */
import { createHash } from 'node:crypto';
import { StateError } from '../../errors.js';

const VERSION = 1;
const first = /^evenkeel-checkpoint (\d{1,9}) (\d{1,15}) ([0-9a-f]{64})$/;
const LONGEST_LINE = 128;

const digest = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');

export function bytesOf(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([
    Buffer.from(`evenkeel-checkpoint ${VERSION} ${body.length} ${digest(body)}\n`),
    body,
  ]);
}

/** @throws StateError, naming what is not as it was written */
export function textOf(path: string, bytes: Buffer): string {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf('\n');
  const line = bytes.toString('latin1', 0, Math.max(end, 0));
  const [, version, length, hash] = first.exec(line) ?? [];
  if (version === undefined) throw new StateError(path, 'a file of checkpoints', line);
  if (version !== String(VERSION)) throw new StateError(`${path}: version`, `${VERSION}`, version);
  const body = bytes.subarray(end + 1);
  if (length !== String(body.length)) throw new StateError(`${path}: length`, `${length}`, `${body.length}`);
  const found = digest(body);
  if (found !== hash) throw new StateError(`${path}: SHA-256`, `${hash}`, found);
  return body.toString();
}
