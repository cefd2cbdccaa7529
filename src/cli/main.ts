#!/usr/bin/env node
import { createRequire } from 'node:module';
import { printable } from './display-text.js';
import { type ExitCode, exitCodes, systemReason } from './exit-codes.js';
import { parseArguments } from './parse-arguments.js';
import { run } from './run.js';

/** A runner such as npm passes on the Ctrl-C which the terminal has sent to both: that is one, not two. */
const ONE_INTERRUPT_MS = 250;

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const note = (line: string): void => {
  process.stderr.write(`evenkeel: ${printable(line)}\n`);
};

function interruptedBySignals(): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= performance.now();
      if (performance.now() - first > ONE_INTERRUPT_MS) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

/** @returns once it is written, or nobody reads it any more */
async function tell(text: string): Promise<ExitCode> {
  try {
    await new Promise<void>((resolve, reject) => {
      process.stdout.on('error', reject);
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return exitCodes.done;
    note(`standard output: ${systemReason(error)}`);
    return exitCodes.noOutput;
  }
  return exitCodes.done;
}

async function main(): Promise<ExitCode> {
  const args = parseArguments(process.argv.slice(2), version);
  if (!('told' in args)) {
    const { stdout, stderr } = process;
    stderr.on('error', () => {}); // nobody is left to tell
    return run(args, { stdout, stderr, note, interrupted: interruptedBySignals() });
  }
  if (!args.failed) return tell(args.told);
  note(
    args.told
      .replace(/^error: /, '')
      .trim()
      .replace(/\s*\n\s*/g, ' '),
  );
  return exitCodes.badArguments;
}

process.exitCode = await main();
// What a reader has not taken by now, it had its time for.
if (process.stdout.writableLength > 0) process.exit();
