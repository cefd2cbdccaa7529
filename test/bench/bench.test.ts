/** The command, on what is quickly measured: what it says, not how fast anything is. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

interface Told {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a user starts it. */
const built = (...args: string[]): Told =>
  spawnSync('npm', ['run', '--silent', 'bench', '--', ...args], { encoding: 'utf8', timeout: 120_000 });

/** Of what the first test has built. */
const bench = (...args: string[]): Told =>
  spawnSync(process.execPath, ['--import', 'tsx', 'bench/bench.ts', ...args], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, TSX_TSCONFIG_PATH: 'tsconfig.bench.json' },
  });

const number = expect.any(Number);

test('--json is one document; --check ends with 1 where a bound is missed, and only there', () => {
  const { status, stdout, stderr } = built('--quick', '--json', '--check', '--only', 'rows → standardize');
  const { machine, effort, lines } = JSON.parse(stdout);
  expect(machine).toEqual({ node: expect.any(String), processor: expect.any(String), processors: number });
  expect(effort.rounds).toBe(3);
  expect(lines).toEqual([
    {
      subject: 'rows → standardize, 8 numbers a row',
      per: 'row',
      ours: { name: 'standardize', value: number },
      theirs: { name: '@stdlib/stats-incr-meanvar', value: number },
      unit: 'seconds',
      measure: 'speed',
      ratio: { median: number, low: number, high: number },
      bound: { atLeast: 4 },
      reached: lines[0].ratio.median >= 4,
    },
  ]);
  expect(stderr).toContain('rows → standardize'); // so that one sees it go on
  expect(status).toBe(lines[0].reached ? 0 : 1);
}, 120_000);

test('the table, by the name of whom it is against', () => {
  const { status, stdout, stderr } = bench('--quick', '--only', 'TFJS-CORE');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^ everything +\d.* kB tfjs-core, CPU back end +\d.* kB +0\.\d\d of it$/m);
  expect(stdout).toMatch(/^\d of 2 bounds reached; Node v/m);
}, 120_000);

test('a name that nothing has', () => {
  const { status, stderr } = bench('--only', 'no such thing');
  expect(status).toBe(1);
  expect(stderr).toContain('nothing has "no such thing" in its name');
}, 120_000);

test('--profile tells of what misses its bound where the time goes', () => {
  const { stdout } = bench('--quick', '--profile', '--json', '--only', 'infer, float32');
  const missed = JSON.parse(stdout).lines.filter((line: { readonly reached: boolean }) => !line.reached);
  expect(missed.length).toBeGreaterThan(0);
  const { shares } = missed[0];
  const names = shares.map(({ name }: { readonly name: string }) => name);
  expect(names).toContain('the SIMD module');
  expect(names).toContain('kernels/simd');
}, 120_000);

test('--help says every option', () => {
  expect(bench('--help').stdout).toMatch(/--only .*--quick .*--json .*--check .*--profile /s);
}, 120_000);
