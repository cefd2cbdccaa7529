/** A disk that is soon full. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** As root, where file systems can be mounted. */
export function folderOf64KiB(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const at = mkdtempSync(join(tmpdir(), 'evenkeel-small-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at]).status === 0) {
    afterAll(() => {
      spawnSync('umount', [at]);
      rmSync(at, { recursive: true, force: true });
    });
    return at;
  }
  rmSync(at, { recursive: true });
  return undefined;
}
