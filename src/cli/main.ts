#!/usr/bin/env node
import { createRequire } from 'node:module';
import { parseArguments } from './arguments.js';
import { printable } from './display-text.js';
import { Ending } from './ending.js';
import { exitCodes } from './exit-codes.js';
import { run } from './run.js';

/** A runner such as npm passes on the Ctrl-C which the terminal has sent to both: that is one, not two. */
const ONE_INTERRUPT_MS = 250;

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const note = (line: string): void => {
  process.stderr.write(`evenkeel: ${printable(line)}\n`);
};

function endOnSignals(ending: Ending): void {
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= performance.now();
      if (performance.now() - first > ONE_INTERRUPT_MS) process.exit(130);
      ending.end();
    });
  }
}

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2), version);
  if ('told' in args) {
    if (args.failed)
      note(
        args.told
          .replace(/^error: /, '')
          .trim()
          .replace(/\s*\n\s*/g, ' '),
      );
    else process.stdout.write(args.told);
    return args.failed ? exitCodes.badArguments : exitCodes.done;
  }
  const ending = new Ending();
  endOnSignals(ending);
  process.stderr.on('error', () => {}); // nobody is left to tell
  return run(args, { stdout: process.stdout, stderr: process.stderr, note }, ending);
}

process.exitCode = await main();
// What a reader has not taken by now, it had its time for.
if (process.stdout.writableLength > 0) process.exit();
