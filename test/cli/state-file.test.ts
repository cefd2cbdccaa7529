/** The file of a state, as those who read it see it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BatchNorm, restore, tensor } from 'evenkeel';
import { FileStore } from 'evenkeel/file';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StateFile } from '../../src/cli/state-file.js';
import { file, folder, ran, savedState, seattleWeather } from './command.js';

const learned = (...rows: number[]): BatchNorm => {
  const norm = new BatchNorm(1, { dtype: 'float64', missing: 'keep' });
  for (const row of rows) norm.forward(tensor([row, row + 1], [2, 1]));
  return norm;
};

test('it is replaced as a whole: who has it open reads the old one to its end', async () => {
  const path = join(folder(), 'state.json');
  await new StateFile(path).write({ features: ['old'], normalizer: learned(1) });
  const before = readFileSync(path, 'utf8');
  const reader = await open(path);
  onTestFinished(() => reader.close());
  await new StateFile(path).write({ features: ['new', 'er'], normalizer: new BatchNorm(2) });
  expect(await reader.readFile('utf8')).toBe(before);
  expect(await new StateFile(path).read({ from: '-', size: 32 })).toMatchObject({ features: ['new', 'er'] });
  expect((await readdir(dirname(path))).sort()).toEqual(['state.json', 'state.json.1']);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe(before);
});

test('a program reads it with restore', async () => {
  const path = join(folder(), 'state.json');
  await ran(['--from', seattleWeather, '--state', path]);
  const restored = await restore(new FileStore(path), BatchNorm.fromJSON);
  expect(restored).toMatchObject({
    features: ['precipitation', 'temp_max', 'temp_min', 'wind'],
    normalizer: { batches: 46 },
    position: null,
  });
});

test('and one of keys with the recipe of the README', async () => {
  const path = join(folder(), 'trades.json');
  const from = file('trades.csv', 'symbol,price\nBTCUSDT,1\nETHUSDT,50\nBTCUSDT,3\nETHUSDT,70\n');
  await ran(['--from', from, '--key', 'symbol', '--state', path]);
  const [, recipe] = /```ts\n([^`]*restore\(new FileStore\('trades.json'\)[^`]*)```/.exec(
    readFileSync('README.md', 'utf8'),
  )!;
  const code = recipe!
    .replace("'trades.json'", JSON.stringify(path))
    .replace(/^console\.log\((.*)\);.*$/m, 'export const mean = $1;');
  const at = join(import.meta.dirname, `.recipe-${process.pid}.ts`);
  writeFileSync(at, code);
  onTestFinished(() => rmSync(at));
  expect(await import(at)).toMatchObject({ mean: Float64Array.of(2) });
});

describe('a file that is damaged', () => {
  /** A file, and the one before it. */
  async function two(): Promise<string> {
    const path = join(folder(), 'state.json');
    for (const normalizer of [learned(1), learned(1, 2)])
      await new StateFile(path).write({ features: ['x'], normalizer });
    return path;
  }
  const damage = (path: string): void => writeFileSync(path, readFileSync(path).subarray(0, -9));

  test('is passed over for the one before it, and that is told', async () => {
    const path = await two();
    damage(path);
    const from = file('data.csv', 'x\n5\n6\n');
    const { code, told } = await ran(['--from', from, '--state', path]);
    expect(code).toBe(0);
    expect(told[0]).toMatch(
      /state\.json: state: length must be \d+, got "\d+"; going by the one before, .*\.1$/,
    );
    expect(savedState(path).state.running).toEqual(JSON.parse(JSON.stringify(learned(1, 5))).running);
    expect(savedState(`${path}.1`).state.batches).toBe(1); // the damaged one has not taken its place
  });

  test('and the one before it too: 78, and both are left as they are', async () => {
    const path = await two();
    for (const one of [path, `${path}.1`]) damage(one);
    const before = [path, `${path}.1`].map((one) => readFileSync(one));
    const { code, told } = await ran(['--from', seattleWeather, '--state', path]);
    expect({ code, told }).toEqual({ code: 78, told: [expect.stringMatching(/state\.json: is damaged: /)] });
    expect([path, `${path}.1`].map((one) => readFileSync(one))).toEqual(before);
  });
});

test('one without a checksum, as they were before, is read and goes on bit for bit', async () => {
  const normalizer = learned(1, 2);
  const old = { kind: 'evenkeel', version: 1, features: ['x'], normalizer };
  const path = file('state.json', `${JSON.stringify(old)}\n`);
  expect(await new StateFile(path).read({ from: '-', size: 32 })).toEqual({ features: ['x'], normalizer });
  const { code } = await ran(['--from', file('data.csv', 'x\n3\n4\n'), '--state', path]);
  expect(code).toBe(0);
  expect(savedState(path).state).toEqual(JSON.parse(JSON.stringify(learned(1, 2, 3))));
});

test('one of a library that names no features is refused: 78', async () => {
  const path = join(folder(), 'state.json');
  const state = { kind: 'evenkeel checkpoint', version: 1, position: null, state: learned(1) };
  await new FileStore(path).write(JSON.stringify(state));
  const { code, told } = await ran(['--from', seattleWeather, '--state', path]);
  expect({ code, told }).toEqual({ code: 78, told: [`evenkeel: ${path}: does not name its features`] });
});
