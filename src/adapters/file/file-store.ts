/** Checkpoints in a file, and those before it in others beside it. */
import { type FileHandle, link, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointStore, Generation } from '../../checkpoints/checkpoint-store.js';
import { OptionError, StoreError } from '../../errors.js';
import { knownOptions, positiveInteger } from '../../options.js';
import { bytesOf, textOf } from './file-format.js';

export interface FileStoreOptions {
  /** How many are kept: the file, and with `.1`, `.2`, … behind its name those before it. 2. */
  readonly generations?: number;
}

/**
 * A store in a file: replaced as a whole, with the generation before it kept as `path.1`.
 *
 * What is written is first whole and on disk beside the file (`path.tmp`), then takes its place: whenever the program is
 * killed, the machine loses power or the disk is full, the last good generation is there. Reading finds every file that was
 * cut short or has a bit changed (SHA-256). A path has one writer at a time.
 *
 * @example
 * import { FileStore } from 'evenkeel/file';
 * import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
 * const folder = await mkdtemp('checkpoints-');
 * const store = new FileStore(`${folder}/learned`);
 * await store.write('older');
 * await store.write('newer');
 * const whole = await readFile(`${folder}/learned`);
 * await writeFile(`${folder}/learned`, whole.subarray(0, -1)); // cut short
 * const [newest, before] = await store.read();
 * console.log(newest instanceof Error, before); // true older
 * await rm(folder, { recursive: true });
 */
export class FileStore implements CheckpointStore {
  readonly path: string;
  readonly #generations: number;
  /** Until the last write ends. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Whether the file is known to be whole: only such a one takes the place of the one before. */
  #whole = false;

  /** @throws OptionError */
  constructor(path: string, options: FileStoreOptions = {}) {
    if (typeof path !== 'string' || path === '') throw new OptionError('path', 'the path of a file', path);
    const { generations = 2 } = knownOptions('options', options, ['generations']);
    this.path = path;
    this.#generations = positiveInteger('generations', generations);
  }

  /**
   * @returns newest first: the texts; where a file is damaged, a StateError that says how
   * @throws StoreError where the system does not let it be read
   */
  async read(): Promise<Generation[]> {
    await this.#writing; // whatever becomes of it
    const path = await target(this.path);
    const found: Generation[] = [];
    for (const name of this.#names(path)) {
      const generation = await read(name);
      if (generation !== undefined) found.push(generation);
    }
    return found;
  }

  /** @throws StoreError where it could not be written: what was there is as it was */
  write(text: string): Promise<void> {
    const written = this.#writing.then(() => this.#replace(bytesOf(text)));
    this.#writing = written.catch(() => {});
    return written;
  }

  #names(path: string): string[] {
    return Array.from({ length: this.#generations }, (_, age) => (age === 0 ? path : `${path}.${age}`));
  }

  async #replace(bytes: Buffer): Promise<void> {
    let fresh = '';
    try {
      const path = await target(this.path);
      fresh = `${path}.tmp`;
      const mode = await modeOf(path);
      await writeWhole(fresh, bytes, mode);
      this.#whole = mode !== undefined && (this.#whole || typeof (await read(path)) === 'string');
      if (this.#whole) await age(this.#names(path));
      await rename(fresh, path);
      this.#whole = true;
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => {}); // what is left of it takes space, no more
      throw new StoreError(this.path, `could not be written: ${reason(error)}`, error);
    }
  }
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;
const reason = (error: unknown): string => (error as Error).message;

/** Ends in undefined where there is no such file. */
async function orMissing<R>(result: Promise<R>): Promise<R | undefined> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where a link leads: it is to stay one. */
const target = async (path: string): Promise<string> => (await orMissing(realpath(path))) ?? path;

const modeOf = async (path: string): Promise<number | undefined> => (await orMissing(stat(path)))?.mode;

/** @throws StoreError */
async function read(path: string): Promise<Generation | undefined> {
  let bytes: Buffer;
  try {
    const found = await orMissing(stat(path));
    if (found === undefined) return undefined;
    if (!found.isFile()) throw new Error('is not a regular file'); // a pipe would keep it for good
    bytes = await readFile(path);
  } catch (error) {
    const failure = new StoreError(path, `could not be read: ${reason(error)}`, error);
    if (codeOf(error) === 'EIO') return failure; // the disk's own way to say that it is damaged
    throw failure;
  }
  try {
    return textOf(path, bytes);
  } catch (error) {
    return error as Error;
  }
}

/**
 * On disk when it returns. (The library at hand, write-file-atomic 7, takes a write that the system cut short, as on a full disk, for
 * a whole one; `FileHandle.writeFile` goes on until all is written, or fails.)
 */
async function writeWhole(path: string, bytes: Buffer, mode: number | undefined): Promise<void> {
  await synced(await open(path, 'w', mode), async (file) => {
    if (mode !== undefined) await file.chmod(mode & 0o7777); // whatever the umask says
    await file.writeFile(bytes);
  });
}

async function synced(file: FileHandle, action?: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await action?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Every generation gets the name of the one before; the newest keeps its own too, so that it is never without one. */
async function age(names: readonly string[]): Promise<void> {
  const before = names.slice(1);
  if (before.length === 0) return;
  await rm(before.at(-1)!, { force: true });
  for (let i = before.length - 1; i > 0; i--) await orMissing(rename(before[i - 1]!, before[i]!));
  await link(names[0]!, before[0]!).catch(() => rename(names[0]!, before[0]!)); // a file system without hard links
}

/** The names in it, for good: or a power failure might bring back the old ones. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // where folders cannot be opened
  await synced(await open(path, 'r'));
}
