/** A run whose state cannot be written for a while: it goes on. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Output } from '../../src/cli/surroundings.js';
import { folderOf64KiB } from '../adapters/file/folder-of-64-kib.js';
import { file, folder, ran, savedState, start } from './command.js';

const small = folderOf64KiB();

/** What takes all the space there is. */
function fill(folder: string): void {
  for (const bytes of [2 ** 16, 2 ** 12, 2 ** 12])
    try {
      writeFileSync(join(folder, 'other'), Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
}

/** Reads rows and has saved the first two; then it cannot save. */
async function hindered(state: string, hinder: () => void) {
  const run = start(['--from', '-', '--size', '2', '--max-wait', '1000000', '--state', state]);
  run.child.stdin.write('1\n3\n');
  await expect.poll(() => savedRows(state), { timeout: 30_000, interval: 20 }).toBe(2);
  const good = readFileSync(state);
  hinder();
  run.child.stdin.write('5\n7\n');
  await run.seen(/the state cannot be written: [^;]+; trying again each second\n/);
  return { ...run, good };
}

function savedRows(state: string): number | undefined {
  try {
    const { count } = savedState(state).state.running.moments as { count: number[] };
    return count[0];
  } catch {
    return undefined;
  }
}

describe.each([
  {
    what: 'a full disk',
    why: 'no space left',
    place: () => join(small!, 'state.json'),
    hinder: (at: string) => fill(at),
    mend: (at: string) => rmSync(join(at, 'other')),
    skip: small === undefined,
  },
  {
    what: 'a folder that is gone',
    why: 'no such file or directory',
    place: () => join(folder(), 'state.json'),
    hinder: (at: string) => renameSync(at, `${at}.away`),
    mend: (at: string) => renameSync(`${at}.away`, at),
    skip: false,
  },
])('$what', ({ why, place, hinder, mend, skip }) => {
  test.skipIf(skip)('is told, the run goes on, and saves again once it can', async () => {
    const state = place();
    const at = dirname(state);
    const { child, seen, result } = await hindered(state, () => hinder(at));
    child.stdin.write('9\n11\n');
    mend(at);
    await seen(/state\.json: the state is saved again\n/);
    await expect.poll(() => savedRows(state), { timeout: 30_000, interval: 20 }).toBe(6);
    child.stdin.end('13\n');
    const { code, told, lines } = await result;
    expect([code, lines.map(({ rows }) => rows)]).toEqual([0, [2, 2, 2, 1]]);
    expect(told).toEqual([
      `evenkeel: ${state}: the state cannot be written: ${why}; trying again each second`,
      `evenkeel: ${state}: the state is saved again`,
      expect.stringMatching(/^evenkeel: 7 rows in 4 batches, .*; state saved to /),
    ]);
    expect(savedRows(state)).toBe(7);
    for (const one of [state, `${state}.1`]) rmSync(one);
  });

  test.skipIf(skip)('and still so at the end: 74, with what was saved before as it was', async () => {
    const state = place();
    const at = dirname(state);
    const { child, result, good } = await hindered(state, () => hinder(at));
    child.stdin.end('9\n11\n');
    const { code, told, lines } = await result;
    expect([code, lines]).toMatchObject([74, [{}, {}, {}]]);
    expect(told.slice(1)).toEqual([
      `evenkeel: ${state}: the state cannot be written: ${why}`,
      expect.stringMatching(/^evenkeel: 6 rows in 3 batches, .*, 0 invalid$/),
    ]);
    mend(at);
    expect(readFileSync(state)).toEqual(good);
  });
});

test('where there is a table, that shows it', async () => {
  const state = join(folder(), 'state.json');
  const from = file('data.csv', 't,x\n0,1\n1500,2\n'); // a second and a half, in which it is saved once
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 24 });
  const table = text(terminal);
  const options = ['--from', from, '--timestamp', 't', '--speed', '1', '--size', '1', '--state', state];
  const run = ran(options, { stdout: terminal as unknown as Output });
  terminal.once('data', () => rmSync(dirname(state), { recursive: true }));
  const { code, errors } = await run;
  terminal.end();
  expect([code, errors]).toEqual([
    74,
    [`evenkeel: ${state}: the state cannot be written: no such file or directory`],
  ]);
  expect(await table).toContain(' · the state cannot be written · ');
});
