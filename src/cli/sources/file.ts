/** A file or standard input, read no faster than what comes of it is taken. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { concatMap, from, Observable } from 'rxjs';
import { exitCodes, Failure, systemReason } from '../exit-codes.js';
import { type Parse, parserOf } from './format.js';
import type { Sample, Source } from './source.js';

/** Resolves when there is room for more. */
export type Ready = () => Promise<void> | undefined;

const unreadable = (name: string, error: unknown): Failure =>
  new Failure(exitCodes.noInput, `${name}: ${systemReason(error)}`, error);

async function* paced(name: string, stream: Readable, parse: Parse, ready: Ready): AsyncGenerator<Sample[]> {
  await ready();
  try {
    for await (const samples of parse(stream)) {
      yield samples;
      await ready();
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

function pulled(name: string, stream: Readable, parse: Parse, ready: Ready): Observable<Sample> {
  return new Observable((subscriber) => {
    subscriber.add(() => stream.destroy()); // also what wakes a read that nothing comes to
    from(paced(name, stream, parse, ready))
      .pipe(concatMap((samples) => samples))
      .subscribe(subscriber);
  });
}

/** @throws Failure if there is no such file, or it may not be read */
export async function fileSource(path: string, ready: Ready): Promise<Source> {
  try {
    const file = await open(path);
    const stat = await file.stat();
    if (stat.isDirectory()) {
      await file.close();
      throw Object.assign(new Error(), { code: 'EISDIR' });
    }
    const stream = file.createReadStream({ highWaterMark: 2 ** 16 });
    const size = stat.isFile() ? stat.size : undefined;
    return {
      name: path,
      places: 'line',
      live: !stat.isFile(), // a pipe has its own time
      samples$: pulled(path, stream, parserOf(path), ready),
      progress: () => ({ read: stream.bytesRead, size }),
      close: async () => void stream.destroy(),
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function standardInput(ready: Ready): Source {
  const { stdin } = process;
  return {
    name: 'standard input',
    places: 'line',
    live: true,
    samples$: pulled('standard input', stdin, parserOf('-'), ready),
    close: async () => void stdin.destroy(),
  };
}
