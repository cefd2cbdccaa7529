/** job.ts and the library that it needs as one module, as an application's bundler makes it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface Bundle {
  readonly path: string;
  readonly code: string;
  remove(): Promise<void>;
}

export async function bundleJob(): Promise<Bundle> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-job-'));
  await build({
    configFile: false,
    logLevel: 'silent',
    root: directory,
    resolve: { alias: [{ find: /^evenkeel$/, replacement: source('../../src/index.ts') }] },
    build: {
      outDir: directory,
      emptyOutDir: false,
      lib: { entry: source('job.ts'), formats: ['es'], fileName: () => 'job.mjs' },
    },
  });
  const path = join(directory, 'job.mjs');
  return {
    path,
    code: await readFile(path, 'utf8'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
