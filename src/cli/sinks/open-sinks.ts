/** The sinks that `--to` and the terminal ask for. */
import type { WriteStream } from 'node:tty';
import type { Arguments } from '../arguments.js';
import type { Failure } from '../exit-codes.js';
import type { Source } from '../sources/source.js';
import type { Output, Surroundings } from '../surroundings.js';
import type { TableState } from '../table.js';
import { JsonLines } from './json-lines.js';
import { LiveTable } from './live-table.js';
import { ProgressLine } from './progress-line.js';
import { serve } from './serve.js';
import { MOST_WAITING, type Sink } from './sink.js';

const isTerminal = (output: Output): output is WriteStream & Output => output.isTTY === true;

/**
 * @param state what is to be shown just now
 * @param failed told when one can take no more
 * @throws Failure if one cannot be opened
 */
export async function openSinks(
  { to }: Pick<Arguments, 'to'>,
  { waits }: Pick<Source, 'waits'>,
  { stdout, stderr, note, interrupted }: Surroundings,
  state: () => TableState,
  failed: (failure: Failure) => void,
): Promise<Sink[]> {
  const sinks: Sink[] = [];
  if (to !== undefined && to !== '-') {
    const served = await serve(to, waits ? Number.MAX_SAFE_INTEGER : MOST_WAITING, failed);
    note(`serving at ${served.url}`);
    sinks.push(served);
  }
  if (to === '-' || (to === undefined && !isTerminal(stdout))) sinks.push(new JsonLines(stdout, interrupted));
  else if (isTerminal(stdout)) sinks.push(new LiveTable(stdout, state));
  // Lines on the same terminal would be written over.
  if (!isTerminal(stdout) && isTerminal(stderr) && state().progress)
    sinks.push(new ProgressLine(stderr, state));
  return sinks;
}
