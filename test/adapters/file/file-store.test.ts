/** Files that are cut short, changed, missing, full, or no checkpoints: what reading and writing make of them. */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchNorm, checkpoint, restore, StateError, StoreError, tensor } from 'evenkeel';
import { FileStore } from 'evenkeel/file';
import { lastValueFrom, of } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { textOf } from '../../../src/adapters/file/file-format.js';
import { folderOf64KiB } from './folder-of-64-kib.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'evenkeel-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
const path = (): string => join(folder(), 'learned');

test('newest first, as many as are asked for, and nothing else in the folder', async () => {
  const file = path();
  const store = new FileStore(file, { generations: 3 });
  expect(await store.read()).toEqual([]);
  for (const text of ['a', '', 'ü\u{1F600}\n', 'd']) await store.write(text);
  expect(await store.read()).toEqual(['d', 'ü\u{1F600}\n', '']);
  expect(readdirSync(join(file, '..')).sort()).toEqual(['learned', 'learned.1', 'learned.2']);
  expect(await new FileStore(file).read()).toEqual(['d', 'ü\u{1F600}\n']);
  expect(await new FileStore(file, { generations: 1 }).read()).toEqual(['d']);
});

test('writes that are not waited for take place one after the other, and reading waits for them', async () => {
  const store = new FileStore(path());
  const writes = ['a', 'b', 'c'].map((text) => store.write(text));
  expect(await store.read()).toEqual(['c', 'b']);
  await Promise.all(writes);
});

test('a state comes back from the file bit for bit', async () => {
  const [file, bn] = [path(), new BatchNorm(2)];
  bn.forward(tensor([0.1, 1e9, 0.3, 1e9 + 1], [2, 2]));
  await lastValueFrom(of(1).pipe(checkpoint(bn, new FileStore(file), { position: (x) => x })));
  const restored = await restore(new FileStore(file), BatchNorm.fromJSON);
  expect(JSON.stringify(restored?.normalizer)).toBe(JSON.stringify(bn));
});

describe('damage', () => {
  const text = '{"kind":"evenkeel checkpoint"}';

  test('every length short of the whole, and every bit, is found; and the generation before is there', async () => {
    const file = path();
    const store = new FileStore(file);
    await store.write('before');
    await store.write(text);
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await store.read(), `${length}`).toEqual([expect.any(StateError), 'before']);
    }
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const changed = Buffer.from(whole);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, changed);
      expect(await store.read(), `bit ${bit}`).toEqual([expect.any(StateError), 'before']);
    }
    writeFileSync(file, Buffer.concat([whole, Buffer.of(0)]));
    expect(await store.read()).toEqual([expect.any(StateError), 'before']);
    writeFileSync(file, whole);
    expect(await store.read()).toEqual([text, 'before']);
  });

  test('restore says so, and which', async () => {
    const file = path();
    const bn = new BatchNorm(1);
    const save = (x: number): Promise<unknown> =>
      lastValueFrom(of(x).pipe(checkpoint(bn, new FileStore(file), { position: () => x })));
    await save(1);
    await save(2);
    truncateSync(file, statSync(file).size - 1);
    const restored = await restore(new FileStore(file), BatchNorm.fromJSON);
    expect(restored).toMatchObject({ position: 1, generation: 1 });
    expect(restored?.damaged.map(String)).toEqual([expect.stringContaining(`${file}: length must be`)]);
    truncateSync(`${file}.1`, 0);
    await expect(restore(new FileStore(file), BatchNorm.fromJSON)).rejects.toThrow(StateError);
  });

  test('what is damaged never takes the place of a good one', async () => {
    const file = path();
    await new FileStore(file).write('a');
    await new FileStore(file).write('b');
    truncateSync(file, 10);
    const store = new FileStore(file);
    await store.write('c');
    expect(await store.read()).toEqual(['c', 'a']);
    await store.write('d');
    expect(await store.read()).toEqual(['d', 'c']);
  });

  test('other versions, and files that are no checkpoints, are told apart', async () => {
    const file = path();
    const store = new FileStore(file);
    await store.write(text);
    const newer = readFileSync(file).toString().replace('evenkeel-checkpoint 1 ', 'evenkeel-checkpoint 2 ');
    for (const [contents, why] of [
      [newer, `${file}: version must be 1, got "2"`],
      [text, `${file} must be a file of checkpoints`],
      ['', `${file} must be a file of checkpoints, got ""`],
      ['x'.repeat(1e5), `${file} must be a file of checkpoints`],
    ] as const) {
      writeFileSync(file, contents);
      expect((await store.read()).map(String)).toEqual([expect.stringContaining(why)]);
      await expect(restore(store, BatchNorm.fromJSON)).rejects.toThrow(why);
    }
  });
});

describe('killed', () => {
  // What is there at each step of a write over 'a' (newest) and 'z'.
  const steps: [string, (file: string) => void, (string | Error)[]][] = [
    ['within the new file', (file) => writeFileSync(`${file}.tmp`, 'evenk'), ['a', 'z']],
    ['once the oldest is gone', (file) => rmSync(`${file}.1`), ['a']],
    [
      'once the newest has its second name',
      (file) => {
        rmSync(`${file}.1`);
        linkSync(file, `${file}.1`);
      },
      ['a', 'a'],
    ],
    ['without hard links: between the two names', (file) => rmSync(file), ['z']],
  ];
  test.each(steps)('%s', async (_, kill, left) => {
    const file = path();
    for (const text of ['z', 'a']) await new FileStore(file).write(text);
    kill(file);
    const store = new FileStore(file);
    expect(await store.read()).toEqual(left);
    await store.write('b');
    expect(await store.read()).toEqual(['b', left[0]]);
    expect(existsSync(`${file}.tmp`)).toBe(false);
  });
});

test('the mode stays, and a link stays one', async () => {
  const file = path();
  const alias = `${file}-alias`;
  const store = new FileStore(alias);
  await new FileStore(file).write('a');
  chmodSync(file, 0o640);
  symlinkSync(file, alias);
  await store.write('b');
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(await new FileStore(file).read()).toEqual(['b', 'a']);
  expect(await store.read()).toEqual(['b', 'a']);
});

test('a file that is taken away is written anew', async () => {
  const file = path();
  const store = new FileStore(file);
  await store.write('a');
  await store.write('b');
  rmSync(file);
  await store.write('c');
  expect(await store.read()).toEqual(['c', 'a']);
});

describe('the system says no', () => {
  test('no folder: nothing is there, and nothing can be written', async () => {
    const store = new FileStore(join(folder(), 'none', 'learned'));
    expect(await store.read()).toEqual([]);
    await expect(store.write('a')).rejects.toMatchObject({ code: 'EVENKEEL_STORE', place: store.path });
  });

  test('no regular file', async () => {
    const file = path();
    mkdirSync(file);
    await expect(new FileStore(file).read()).rejects.toThrow(StoreError);
    await expect(new FileStore(file).write('a')).rejects.toThrow(StoreError);
    expect(readdirSync(join(file, '..'))).toEqual(['learned']);
  });

  const small = folderOf64KiB();
  test.skipIf(small === undefined)(
    'a full disk (a file system of 64 KiB): an error, and what was there',
    async () => {
      const file = join(small!, 'learned');
      const store = new FileStore(file);
      await store.write('a'.repeat(1000));
      await store.write('b'.repeat(1000));
      for (const _ of [1, 2, 3])
        await expect(store.write('c'.repeat(100_000))).rejects.toMatchObject({
          code: 'EVENKEEL_STORE',
          cause: { code: 'ENOSPC' },
        });
      expect(await store.read()).toEqual(['b'.repeat(1000), 'a'.repeat(1000)]);
      expect(readdirSync(small!).sort()).toEqual(['learned', 'learned.1']);
      await store.write('d'.repeat(1000));
      expect(await store.read()).toEqual(['d'.repeat(1000), 'b'.repeat(1000)]);
    },
  );
});

test.each([
  ['path', () => new FileStore('')],
  ['path', () => new FileStore(5 as never)],
  ['generations', () => new FileStore('x', { generations: 0 })],
  ['options.generation', () => new FileStore('x', { generation: 2 } as never)],
])('%s is checked', (option, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'EVENKEEL_OPTION', option }));
});

test('a first line without an end is not looked for in all of a large file', () => {
  expect(() => textOf('x', Buffer.alloc(1e6, 'y'))).toThrow(StateError);
});
