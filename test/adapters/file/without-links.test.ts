/** A file system without hard links: the newest file takes the name of the one before for a moment without its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from 'evenkeel/file';
import { expect, onTestFinished, test, vi } from 'vitest';

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' })),
}));

test('keeps the generations all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = new FileStore(join(folder, 'learned'));
  for (const text of ['a', 'b', 'c']) {
    await store.write(text);
    expect((await store.read())[0]).toBe(text);
  }
  expect(await store.read()).toEqual(['c', 'b']);
});
