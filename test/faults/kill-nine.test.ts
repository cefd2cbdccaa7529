/** A process that is killed at any moment, again and again, ends with the statistics of one that was not: bit for bit. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { BatchNorm, tensor } from 'evenkeel';
import { afterAll, expect, test } from 'vitest';
import { ROWS, rowsOf } from './kill/rows.js';

/** How often: KILLS=200 npx vitest run test/faults/kill-nine.test.ts */
const kills = Number(process.env['KILLS'] ?? 10);
/** So many that there is something left to learn after every kill. */
const batches = 80 * kills + 200;

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  readonly position?: number;
  readonly learned?: number;
  readonly damaged?: number;
  readonly state?: unknown;
}

/** Runs it to its end; or, once it has begun, for so long (ms). */
async function run(learner: string, path: string, killAfterMs?: number): Promise<Told> {
  const child = spawn(process.execPath, [learner, path, String(batches)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  let told: Told = {};
  for await (const line of createInterface(child.stdout)) {
    told = { ...told, ...JSON.parse(line) };
    if (killAfterMs === undefined || told.state) continue;
    await setTimeout(killAfterMs);
    child.kill('SIGKILL');
  }
  await closed;
  return told;
}

function uninterrupted(): BatchNorm {
  const bn = new BatchNorm(2);
  for (let batch = 0; batch < batches; batch++)
    bn.forward(
      tensor(
        rowsOf(batch).flatMap(({ values }) => values),
        [ROWS, 2],
      ),
    );
  return bn;
}

test(
  `${kills} times`,
  async () => {
    const learner = join(folder, 'learner.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'kill', 'learner.ts')],
      outfile: learner,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const path = join(folder, 'learned');
    const lives: Told[] = [];
    for (let i = 0; i < kills; i++) lives.push(await run(learner, path, Math.random() * 80));
    const last = await run(learner, path);
    const positions = [...lives, last].map(({ position }) => position!);
    const resumed = positions.filter((position) => position > 0).length;
    console.log(
      `${kills} kills; ${resumed} of the lives after them went on from a checkpoint, the last at batch ${last.position} of ${batches}`,
    );
    for (const { position, learned, damaged, state } of lives)
      expect({ learned, damaged, state }).toEqual({ learned: position, damaged: 0, state: undefined });
    expect(positions).toEqual(positions.toSorted((a, b) => a - b)); // nothing that was saved is lost
    expect(resumed).toBeGreaterThan(kills / 2);
    expect(JSON.stringify(last.state)).toBe(JSON.stringify(uninterrupted()));
  },
  60_000 + 2000 * kills,
);
