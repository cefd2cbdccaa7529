/** What it takes to import the library, in processes of its own: time, and heap. */
import { execFileSync } from 'node:child_process';
import type { Contender } from '../contender.js';
import { type Figure, single } from '../line.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

/** What a fresh Node says of a module program. */
function told(program: string): number {
  const args = ['--expose-gc', '--input-type=module', '--eval', program];
  return Number(
    execFileSync(process.execPath, args, { cwd: new URL('../..', import.meta.url), encoding: 'utf8' }),
  );
}

const imported = (name: string, module: string): Contender => ({
  name,
  pieces: 1,
  result: () => [],
  run(times) {
    const program = `const start = performance.now(); await import('${module}'); console.log(performance.now() - start)`;
    let milliseconds = 0;
    for (let i = 0; i < times; i++) milliseconds += told(program);
    return milliseconds / 1000;
  },
});

export const importTime: Subject = {
  name: 'time to import',
  per: 'process',
  against: ['rxjs'],
  measure: (effort) =>
    sideBySide(
      [
        {
          ours: imported("import 'evenkeel'", 'evenkeel'),
          theirs: imported("import 'rxjs'", 'rxjs'),
          measure: 'cost',
        },
      ],
      effort,
    ),
};

/** Bytes that are alive after `then`, and were not after `first`. */
function heapOf(name: string, first: string, then: string): Figure {
  const heap = `const heap = () => {
    gc(); gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };`;
  const program = `${heap} ${first}; heap(); const before = heap(); ${then}; console.log(heap() - before); globalThis.kept = kept`;
  return { name, value: told(program) };
}

export const heapAtRest: Subject = {
  name: 'heap at rest',
  per: 'process',
  against: ['rxjs'],
  async measure() {
    const theirs = heapOf("import 'rxjs'", '', "const kept = await import('rxjs')");
    const ours = heapOf(
      'evenkeel + BatchNorm(8)',
      "await import('rxjs')",
      "const evenkeel = await import('evenkeel'); const kept = [evenkeel, new evenkeel.BatchNorm(8)]",
    );
    return [single('bytes', ours, theirs, undefined)];
  },
};
