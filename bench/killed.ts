/**
 * Kills runs of the command at random moments (SIGKILL), starts them again until they are done, and compares the state they
 * end with, byte for byte, with that of a run that nobody killed. Run: npm run bench:killed [-- KILLS]
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kills = Number(process.argv[2] ?? 200);
const [soonestMs, latestMs] = [100, 4000];
const root = join(import.meta.dirname, '..');
const ways = {
  'of all rows': [],
  'of each of 52 keys, minibatches of 8': ['--key', 'state', '--size', '8'],
  'of a window of 5,000 rows, with what is outside of limits left out, compared with the first': [
    '--window',
    '5000',
    '--limits',
    'latitude=24..50',
    '--drift',
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'));

/** So many that they take some seconds: the state is saved once a second. */
const places = join(folder, 'places.csv');
const [head, ...rows] = readFileSync(join(root, 'node_modules/vega-datasets/data/zipcodes.csv'), 'utf8')
  .trimEnd()
  .split('\n');
writeFileSync(places, `${[head, ...Array.from({ length: 8 }, () => rows).flat()].join('\n')}\n`);

/** @returns whether it ended by itself, and what it told */
function run(options: readonly string[], state: string, killAfterMs?: number): Promise<[boolean, string]> {
  const args = ['--from', places, '--features', 'latitude,longitude', '--state', state, ...options];
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  let told = '';
  child.stderr.on('data', (some) => {
    told += some;
  });
  return new Promise((resolve, reject) =>
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === 'SIGKILL') resolve([code === 0, told]);
      else reject(new Error(told)); // it is to end by a kill, or well
    }),
  );
}

/** Whether the last thing it saved is the end: killed after that, it was done. */
function isDone(state: string): boolean {
  return existsSync(state) && readFileSync(state, 'utf8').includes('"position":null');
}

let allSame = true;
for (const [name, options] of Object.entries(ways)) {
  const whole = join(folder, `${Object.keys(ways).indexOf(name)}`);
  await run(options, whole);
  const counts = { killed: 0, resumed: 0, anew: 0, done: 0, same: 0 };
  const most = Math.ceil(kills / Object.keys(ways).length);
  while (counts.killed < most) {
    const state = join(folder, 'state');
    for (const generation of ['', '.1', '.tmp']) rmSync(state + generation, { force: true });
    for (let first = true, done = false; !done; first = false) {
      const wait = counts.killed < most ? soonestMs + Math.random() * (latestMs - soonestMs) : undefined;
      const [ended, told] = await run(options, state, wait);
      if (!ended) counts.killed++;
      if (!first && told.includes('going on after line')) counts.resumed++;
      else if (!first) counts.anew++;
      done = ended || isDone(state);
    }
    counts.done++;
    if (readFileSync(state).equals(readFileSync(whole))) counts.same++;
  }
  allSame &&= counts.same === counts.done;
  console.log(
    `${name}:\n  ${counts.killed} kills; ${counts.resumed} runs went on behind what was saved, ${counts.anew} began anew; ` +
      `${counts.done} came to the end, ${counts.same} of them the same bit for bit`,
  );
}
rmSync(folder, { recursive: true });
process.exitCode = allSame ? 0 : 1;
