/** The real command, in a process of its own; and its run in this one, where what matters is not the process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { parseArguments } from '../../src/cli/parse-arguments.js';
import { run } from '../../src/cli/run.js';
import type { Output, Surroundings } from '../../src/cli/surroundings.js';

const root = join(import.meta.dirname, '..', '..');

/** What runs the command: also for a shell. */
export const command: readonly string[] = [
  process.execPath,
  '--import',
  'tsx',
  join(root, 'src/cli/main.ts'),
];
export const seattleWeather: string = join(root, 'node_modules/vega-datasets/data/seattle-weather.csv');
export const zipCodes: string = join(root, 'node_modules/vega-datasets/data/zipcodes.csv');

/** One line of what the command writes into a pipe. */
export interface Line {
  readonly batch: number;
  readonly key?: string;
  readonly rows: number;
  readonly features: readonly string[];
  readonly normalized: readonly (readonly number[])[];
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  readonly runningMean: readonly number[];
  readonly runningSd: readonly number[];
  readonly drift?: { readonly shift: readonly number[]; readonly alarms: readonly string[] };
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of standard error, and those of it that tell of an error rather than sum up. */
  readonly told: readonly string[];
  readonly errors: readonly string[];
  readonly lines: readonly Line[];
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the match once standard error has it; rejects if it ends without. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  readonly result: Promise<Result>;
}

const isSummary = (line: string): boolean => /^evenkeel: [\d,]+ rows? in [\d,]+ batch(es)?, /.test(line);
const isNote = (line: string): boolean => line.startsWith('evenkeel: serving at ');

function resultOf(code: number | null, stdout: string, stderr: string): Result {
  const told = stderr.split('\n').filter((line) => line !== '');
  const errors = told.filter((line) => !isSummary(line) && !isNote(line));
  const lines = stdout.startsWith('{')
    ? stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    : [];
  return { code, stdout, stderr, told, errors, lines };
}

/** @param read whether standard output is read here; else it is left to the caller */
export function start(args: readonly string[], { read = true, env = {} } = {}): Started {
  const [file, ...rest] = [...command, ...args];
  const child = spawn(file!, rest, { cwd: root, env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {}); // it may well end before it has read all
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (some: string) => {
    stderr += some;
  });
  const seen = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(stderr);
        if (match) resolve(match);
      };
      look();
      child.stderr.on('data', look);
      child.once('close', () => reject(new Error(`ended without ${pattern}: ${stderr}`)));
    });
  const closed = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const stdout = read ? text(child.stdout) : Promise.resolve('');
  const result = Promise.all([closed, stdout]).then(([code, out]) => resultOf(code, out, stderr));
  return { child, seen, result };
}

/** Runs it to its end, on an input that ends. */
export async function evenkeel(args: readonly string[], input = ''): Promise<Result> {
  const { child, result } = start(args);
  child.stdin.end(input);
  return result;
}

/** The same run without a process: for input that is a file. */
export async function ran(args: readonly string[], instead: Partial<Surroundings> = {}): Promise<Result> {
  const parsed = parseArguments(args, '0.0.0');
  if ('told' in parsed) throw new Error(parsed.told);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const all = Promise.all([text(stdout), text(stderr)]);
  const surroundings = {
    stdout: stdout as unknown as Output,
    stderr: stderr as unknown as Output,
    note: (line: string) => void stderr.write(`evenkeel: ${line}\n`),
    interrupted: new AbortController().signal,
    ...instead,
  };
  const code = await run(parsed, surroundings);
  stdout.end();
  stderr.end();
  return resultOf(code, ...(await all));
}

/** The same run on a terminal. @returns what it drew, and what it told beside */
export async function drawn(
  args: readonly string[],
): Promise<Pick<Result, 'code' | 'errors'> & { table: string }> {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 24 });
  const table = text(terminal);
  const { code, errors } = await ran(args, { stdout: terminal as unknown as Output });
  terminal.end();
  return { code, errors, table: await table };
}

/** What a state file holds. */
export interface SavedState {
  readonly kind: string;
  readonly version: number;
  readonly features: readonly string[];
  readonly position: unknown;
  readonly state: { readonly batches: number; readonly running: { readonly moments: unknown } };
}

/** As it is behind the line that has its checksum. */
export function savedState(path: string): SavedState {
  const text = readFileSync(path, 'utf8');
  return JSON.parse(text.slice(text.indexOf('\n')));
}

/** A folder for the test's own files. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'evenkeel-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file of the test's own. */
export function file(name: string, content: string): string {
  const path = join(folder(), name);
  writeFileSync(path, content);
  return path;
}
