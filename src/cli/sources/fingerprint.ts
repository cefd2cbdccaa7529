/** Which file it is, for who comes back to it: its path, how it begins, and how long it is. */
import { createHash } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';

/** Bytes looked at. */
const MOST = 2 ** 16;

export interface Fingerprint {
  readonly path: string;
  /** Of so many bytes at its beginning. */
  readonly bytes: number;
  readonly sha256: string;
  /** Bytes there were in all. */
  readonly size: number;
}

/**
 * Of a regular file; undefined for anything else, or where it cannot be read.
 * @param most bytes to look at
 */
export async function fingerprintOf(from: string, most: number = MOST): Promise<Fingerprint | undefined> {
  try {
    const path = await realpath(from);
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return undefined; // a pipe would keep it for good
      const { buffer, bytesRead: bytes } = await file.read(Buffer.alloc(most), 0, most, 0);
      const sha256 = createHash('sha256').update(buffer.subarray(0, bytes)).digest('hex');
      return { path, bytes, sha256, size: stat.size };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** Why the file at the path is not the one it was; undefined where it is, whatever may have been added to it. */
export async function differenceOf(was: Fingerprint, from: string): Promise<string | undefined> {
  const now = await fingerprintOf(from, was.bytes);
  if (now?.path !== was.path) return `this run reads ${from}`;
  if (now.size < was.size) return 'that file is shorter now';
  return now.bytes === was.bytes && now.sha256 === was.sha256 ? undefined : 'its beginning was changed';
}
