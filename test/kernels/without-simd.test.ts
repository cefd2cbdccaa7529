/** In a process of its own, with SIMD and without: nothing fails, and the same bits come out. */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleJob } from './bundled-job.js';
import { job, type Outcome } from './job.js';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleJob();
}, 120_000);
afterAll(() => bundle?.remove());

/** What the job comes to in a fresh Node, after `before`, and whatever that says. */
function outcome(before: string, ...options: string[]): Outcome & { readonly here: unknown } {
  const program = `
    ${before}
    const { job } = await import('${pathToFileURL(bundle.path)}');
    console.log(JSON.stringify({ ...job(), here: globalThis.here }));`;
  const args = [...options, '--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' }));
}

const expected = job();

test('with SIMD', () => {
  expect(outcome('')).toEqual({ simd: true, hashes: expected.hashes });
});
test('without any WebAssembly', () => {
  const found = outcome('globalThis.here = typeof WebAssembly;', '--jitless');
  expect(found).toEqual({ simd: false, hashes: expected.hashes, here: 'undefined' });
});
test('where compiling it is refused, which is tried once for all', () => {
  const before = `
    globalThis.here = 0;
    WebAssembly.Module = class {
      constructor() {
        globalThis.here++;
        throw new WebAssembly.CompileError('refused');
      }
    };`;
  // Once by the library, once by the job, which asks.
  expect(outcome(before)).toEqual({ simd: false, hashes: expected.hashes, here: 2 });
});
test('where its memory is refused', () => {
  const before = `WebAssembly.Memory = class { constructor() { throw new RangeError('no room'); } };`;
  expect(outcome(before)).toEqual({ simd: false, hashes: expected.hashes });
});
