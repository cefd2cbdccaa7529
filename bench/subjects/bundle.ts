/** What a page has to load: bundled for browsers, minified, gzipped, without rxjs, which is there already. */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'esbuild';
import { type Figure, single } from '../line.js';
import type { Subject } from '../subject.js';

/** Leaves the WebAssembly out, which is a module of text. */
const withoutSimd: Plugin = {
  name: 'without SIMD',
  setup({ onLoad }) {
    onLoad({ filter: /\/kernels\/simd-module\.js$/ }, () => ({ contents: "export const simdModule = ''" }));
  },
};

async function bundled(name: string, program: string, plugins: Plugin[] = []): Promise<Figure> {
  const { build } = await import('esbuild'); // only now: no other subject's heap is to hold it
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    tsconfigRaw: {}, // as it is published, not as it is written
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['rxjs'],
    write: false,
    logLevel: 'error',
    plugins,
  });
  return { name, value: gzipSync(outputFiles[0]!.contents, { level: 9 }).length };
}

export const bundle: Subject = {
  name: 'bundle for browsers, minified and gzipped, rxjs external',
  per: 'page',
  against: ['tfjs-core'],
  async measure() {
    const all = "export * from 'evenkeel'";
    const cpu = "import '@tensorflow/tfjs-backend-cpu';";
    const [tfjs, tfjsParts] = [
      await bundled('tfjs-core, CPU back end', `${cpu} export * from '@tensorflow/tfjs-core'`),
      await bundled(
        '… tree-shaken',
        `${cpu} export { batchNorm, moments, tensor } from '@tensorflow/tfjs-core'`,
      ),
    ];
    const parts = await bundled('minibatch, batchNorm', "export { batchNorm, minibatch } from 'evenkeel'");
    return [
      single('bytes', await bundled('everything', all), undefined, { atMost: 20_000 }),
      single('bytes', await bundled('without its SIMD module', all, [withoutSimd]), undefined, {
        atMost: 12_000,
      }),
      single('bytes', await bundled('everything', all), tfjs, undefined),
      single('bytes', parts, tfjsParts, undefined),
    ];
  },
};
