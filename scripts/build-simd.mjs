// Compiles assembly/kernels.ts, and embeds it in src/kernels/simd-module.ts, so that it loads without a fetch: in hex, as
// digits that are whole bytes compress (to two thirds of what base64 does).
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const options = [
  '-O3',
  '--converge',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--noAssert',
  '--importMemory',
];
let module;
const { error, stderr } = await asc.main(
  ['assembly/kernels.ts', ...options, '--zeroFilledMemory', '--outFile', 'kernels.wasm'],
  {
    writeFile(name, contents) {
      if (name === 'kernels.wasm') module = Buffer.from(contents).toString('hex');
    },
  },
);
if (error) {
  process.stderr.write(stderr.toString());
  throw error;
}
const path = 'src/kernels/simd-module.ts';
const text = `/** assembly/kernels.ts, compiled, in hex. */\nexport const simdModule: string =\n  '${module}';\n`;
// Left alone where it is the same: others may be reading it.
if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await writeFile(path, text);
