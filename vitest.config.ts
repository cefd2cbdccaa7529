import { defineConfig } from 'vitest/config';

const at = (path: string): string => new URL(path, import.meta.url).pathname;

/** Which kernels walk every tensor: plain or simd; by default whichever src/kernels/backend.ts takes. */
const kernels = process.env['KERNELS'] ?? 'default';
if (!['default', 'plain', 'simd'].includes(kernels))
  throw new TypeError(`KERNELS must be plain or simd, got ${kernels}`);
const backend = /^(\.|(\.\.\/)+src\/kernels)\/backend\.js$/;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^evenkeel$/, replacement: at('src/index.ts') },
      { find: /^evenkeel\/file$/, replacement: at('src/adapters/file/index.ts') },
      { find: /^evenkeel\/interop$/, replacement: at('src/interop/index.ts') },
      { find: /^evenkeel\/ws$/, replacement: at('src/adapters/ws/index.ts') },
      ...(kernels === 'default'
        ? []
        : [{ find: backend, replacement: at(`test/kernels/forced-${kernels}.ts`) }]),
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/seed.ts'],
    setupFiles: ['test/setup/fast-check.ts'],
    testTimeout: 60_000,
  },
});
