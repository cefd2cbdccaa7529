import { defineConfig } from 'vitest/config';

const at = (path: string): string => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^evenkeel$/, replacement: at('src/index.ts') },
      { find: /^evenkeel\/interop$/, replacement: at('src/interop/index.ts') },
      { find: /^evenkeel\/ws$/, replacement: at('src/adapters/ws/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/seed.ts'],
    setupFiles: ['test/setup/fast-check.ts'],
    testTimeout: 60_000,
  },
});
