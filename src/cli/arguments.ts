/** The command line: what it says, checked. */
import { Command, InvalidArgumentError } from 'commander';
import { checkToken } from '../adapters/ws/bearer.js';
import { batchNormOptions } from '../normalizers/batch-norm-options.js';
import type { RunningMode } from '../running/running-mode.js';
import { helpAfter } from './help.js';
import { parseRunning } from './running-option.js';

/** What the command is to do. What is optional was not said. */
export interface Arguments {
  /** `sensors`, `-`, a WebSocket url or a file. */
  readonly from: string;
  /** `-` or a WebSocket url to serve at; by default a table on a terminal, JSON lines elsewhere. */
  readonly to?: string;
  readonly features?: readonly string[];
  readonly size: number;
  /** Milliseconds. */
  readonly maxWait?: number;
  readonly running?: RunningMode;
  readonly eps?: number;
  readonly batches?: number;
  readonly state?: string;
  readonly eval?: true;
  readonly skipInvalid?: true;
  readonly token?: string;
}

/** How a parse ends other than with arguments: what is to be told, and whether that is an error. */
export interface Told {
  readonly told: string;
  readonly failed: boolean;
}

function isToken(text: string): boolean {
  try {
    return checkToken(text) === text;
  } catch {
    return false;
  }
}

export const isUrl = (text: string): boolean => /^wss?:\/\//i.test(text);

function refuse(expected: string): never {
  throw new InvalidArgumentError(`It must be ${expected}.`);
}

function whole(text: string): number {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)
    ? value
    : refuse('a whole number from 1 up');
}

function milliseconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value <= 2 ** 31 - 1 ? value : refuse('milliseconds, from 0 to 2147483647');
}

function eps(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  try {
    return batchNormOptions({ eps: value }).eps;
  } catch {
    return refuse('a finite number from 0 up, such as 1e-5');
  }
}

function running(text: string): RunningMode {
  try {
    return parseRunning(text);
  } catch (error) {
    return refuse((error as Error).message.replace(/^.* must be /, ''));
  }
}

function features(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) return refuse('names with commas between them, such as a,b,c');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? names : refuse(`names used once; ${JSON.stringify(twice)} is there twice`);
}

function source(text: string): string {
  return text === '' ? refuse('a file, - or ws://…') : text;
}

function path(text: string): string {
  return text === '' ? refuse('a file') : text;
}

function canConnect(text: string): boolean {
  return URL.canParse(text) && new URL(text).hash === '';
}

function canServe(text: string): boolean {
  const url = /^ws:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && !url.search && !url.hash && !url.username && !url.password;
}

/** Empty is as good as none, as it is in a file of settings. */
function tokenOfEnvironment(from: string): string | undefined {
  return (isUrl(from) && process.env['EVENKEEL_TOKEN']) || undefined;
}

/**
 * What is wrong with the options together, or with one that may hold a secret: what is refused while it is parsed is
 * shown, and that is not to be.
 */
function fault({ from, to, token, state, eval: evaluating }: Arguments): string | undefined {
  if (evaluating && state === undefined) return '--eval needs --state: what to normalize with';
  if (isUrl(from) && !canConnect(from)) return '--from must be a url such as ws://127.0.0.1:8080/path';
  if (to !== undefined && to !== '-' && !canServe(to))
    return '--to must be - or a url to serve at, such as ws://127.0.0.1:8080/path';
  if (token === undefined) return undefined;
  if (!isUrl(from)) return '--token is for a ws:// source';
  return isToken(token) ? undefined : 'the token must be one or more visible ASCII characters';
}

function command(version: string): Command {
  return new Command('evenkeel')
    .description(
      'Keeps live data on an even keel: windows samples into minibatches, keeps running statistics and ' +
        'emits the minibatches normalized. By default it watches the sensors of this machine.',
    )
    .option('--from <source>', 'sensors | ws://host:port/path | file | -', source, 'sensors')
    .option('--to <sink>', '- | ws://host:port/path (serves there)')
    .option('--features <a,b,c>', 'the features to use, in this order', features)
    .option('--size <rows>', 'rows a minibatch', whole, 32)
    .option(
      '--max-wait <ms>',
      'close a minibatch this long after its first row (1000; a file: never)',
      milliseconds,
    )
    .option('--running <how>', 'pooled | average | momentum=0.1 | half-life=1000  (pooled)', running)
    .option('--eps <number>', 'added to the variance (1e-5)', eps)
    .option('--batches <n>', 'stop after this many', whole)
    .option('--state <file>', 'resume from this file if it exists, and save to it while learning', path)
    .option('--eval', 'normalize with what --state has learned; learn nothing, write nothing')
    .option('--skip-invalid', 'count malformed lines and values and go on, rather than stop')
    .option('--token <token>', 'bearer token of a ws:// source (by default that of EVENKEEL_TOKEN)')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this')
    .addHelpText('after', helpAfter)
    .allowExcessArguments(false);
}

/** Reads the arguments that follow the command's name. */
export function parseArguments(args: readonly string[], version: string): Arguments | Told {
  let told = '';
  const program = command(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (told += text), writeErr: (text) => (told += text) });
  try {
    program.parse(args, { from: 'user' });
    const said = program.opts<Arguments>();
    const { token = tokenOfEnvironment(said.from) } = said;
    const given = { ...said, ...(token !== undefined && { token }) };
    const wrong = fault(given);
    if (wrong !== undefined) program.error(`error: ${wrong}`);
    return given;
  } catch (error) {
    const { exitCode } = error as { exitCode?: number };
    if (exitCode === undefined) throw error;
    return { told, failed: exitCode !== 0 };
  }
}
