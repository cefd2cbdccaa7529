/** The picture in the documentation is the one that the example draws, byte for byte. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('docs/norms.svg; if the drawing is to change: npx tsx examples/comparison.ts docs/norms.svg', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'));
  try {
    const drawn = join(folder, 'norms.svg');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'examples/comparison.ts', drawn],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(drawn, 'utf8')).toBe(readFileSync('docs/norms.svg', 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
