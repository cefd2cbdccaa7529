/** A file or standard input, read no faster than what comes of it is taken. */
import { close, createReadStream, fstat, open, type ReadStream } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
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

/** The bytes of what is at the path, and how many where it has a size. */
async function opened(path: string): Promise<{ stream: ReadStream | Socket; size: number | undefined }> {
  const fd = await promisify(open)(path, 'r');
  const stat = await promisify(fstat)(fd);
  if (stat.isDirectory()) {
    await promisify(close)(fd);
    throw Object.assign(new Error(), { code: 'EISDIR' });
  }
  // A read of a file that waits for bytes cannot be called off, nor can the process end during it; one of a socket can.
  const stream = stat.isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(path, { fd, highWaterMark: 2 ** 16 });
  return { stream, size: stat.isFile() ? stat.size : undefined };
}

/** @throws Failure if there is no such file, or it may not be read */
export async function fileSource(path: string, ready: Ready): Promise<Source> {
  try {
    const { stream, size } = await opened(path);
    return {
      name: path,
      places: 'line',
      live: size === undefined, // a pipe has its own time
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
