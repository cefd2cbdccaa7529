/** The file of a state, as those who read it see it. */
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BatchNorm } from 'evenkeel';
import { expect, onTestFinished, test } from 'vitest';
import { readState, writeState } from '../../src/cli/state-file.js';
import { folder } from './command.js';

test('it is replaced as a whole: who has it open reads the old one to its end', async () => {
  const path = join(folder(), 'state.json');
  await writeState(path, { features: ['old'], normalizer: new BatchNorm(1) });
  const reader = await open(path);
  onTestFinished(() => reader.close());
  await writeState(path, { features: ['new', 'er'], normalizer: new BatchNorm(2) });
  expect(JSON.parse(await reader.readFile('utf8'))).toMatchObject({ features: ['old'] });
  expect(await readState(path)).toMatchObject({ features: ['new', 'er'] });
  expect(await readdir(dirname(path))).toEqual(['state.json']);
});
