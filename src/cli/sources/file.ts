/** A file or standard input, read no faster than what comes of it is taken. */
import { close, constants, createReadStream, fstat, open } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { isatty, ReadStream as Terminal } from 'node:tty';
import { promisify } from 'node:util';
import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { exitCodes, Failure, systemReason } from '../exit-codes.js';
import { type Parse, parserOf } from './format.js';
import type { Replay } from './replay.js';
import type { Sample, Source } from './source.js';

/** How fast to read. */
export interface Pace {
  /** Resolves when there is room for more; undefined where there is. */
  readonly ready: () => Promise<void> | undefined;
  /** Rows taken at most before it is asked again. */
  readonly rows: number;
  /** Of a recording, when each sample is due; by default all are at once. */
  readonly replay?: Replay | undefined;
}

/** A Ctrl-C that ended the writer of a pipe is heard within this time of the pipe's end, in milliseconds. */
const SIGNAL_MS = 20;
const STANDARD_INPUT = 0;
const LONGEST_TIMER = 2 ** 31 - 1;

interface Opened {
  readonly stream: Readable & { readonly bytesRead: number };
  /** Bytes of a file; undefined for all that has a time of its own. */
  readonly size: number | undefined;
}

const unreadable = (name: string, error: unknown): Failure =>
  error instanceof Failure ? error : new Failure(exitCodes.noInput, `${name}: ${systemReason(error)}`, error);

/**
 * What comes through a pipe. Ctrl-C ends its writer too, in the middle of a line: the signal, which comes last, is to be
 * heard before what there is of that line is taken for a whole one.
 */
async function* heard(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    yield chunk;
    await turn();
  }
  await delay(SIGNAL_MS);
}

/** Resolves when the time has come, unless nobody waits any more. */
async function due(wait: number, scheduler: SchedulerLike, subscriber: Subscriber<Sample>): Promise<void> {
  const until = scheduler.now() + wait;
  // In parts, as a timer counts in 31 bits.
  for (let rest = wait; rest > 0; rest = until - scheduler.now())
    await new Promise<void>((resolve) => {
      const timer = scheduler.schedule(() => resolve(), Math.min(rest, LONGEST_TIMER));
      subscriber.add(timer);
      timer.add(() => subscriber.remove(timer));
    });
}

async function pull(
  samples: ReturnType<Parse>,
  { ready, rows, replay }: Pace,
  subscriber: Subscriber<Sample>,
): Promise<void> {
  const room = async (): Promise<void> => {
    for (let coming = ready(); coming; coming = ready()) await coming;
  };
  let taken = 0;
  for await (const some of samples) {
    for (const sample of some) {
      if (taken++ % rows === 0 && ready()) await room();
      const wait = replay?.wait(sample) ?? 0;
      if (replay && wait > 0) await due(wait, replay.scheduler, subscriber);
      subscriber.next(sample);
    }
  }
  await room(); // for what the end closes
}

function pulled(name: string, { stream, size }: Opened, parse: Parse, pace: Pace): Observable<Sample> {
  return new Observable((subscriber) => {
    subscriber.add(() => stream.destroy()); // also what wakes a read that nothing comes to
    pull(parse(size === undefined ? heard(stream) : stream), pace, subscriber).then(
      () => subscriber.complete(),
      (error) => subscriber.error(unreadable(name, error)),
    );
  });
}

/**
 * The bytes of what is at the path. Nothing here waits for bytes in a thread: that could not be called off, nor could the
 * process end during it.
 */
async function opened(path: string): Promise<Opened> {
  const fd =
    path === '-' ? STANDARD_INPUT : await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = await promisify(fstat)(fd);
  if (stat.isDirectory()) {
    await promisify(close)(fd);
    throw Object.assign(new Error(), { code: 'EISDIR' });
  }
  const size = stat.isFile() ? stat.size : undefined;
  if (isatty(fd)) return { stream: new Terminal(fd), size };
  if (stat.isFIFO() || stat.isSocket())
    return { stream: new Socket({ fd, readable: true, writable: false }), size };
  return { stream: createReadStream(path, { fd, highWaterMark: 2 ** 16 }), size };
}

/**
 * @param path `-` is standard input
 * @throws Failure if there is no such file, or it may not be read
 */
export async function fileSource(path: string, pace: Pace): Promise<Source> {
  const name = path === '-' ? 'standard input' : path;
  try {
    const from = await opened(path);
    const { stream, size } = from;
    return {
      name,
      places: 'line',
      live: size === undefined || pace.replay !== undefined,
      waits: true,
      samples$: pulled(name, from, parserOf(path), pace),
      // What is being typed is not written over.
      ...(!(stream instanceof Terminal) && { progress: () => ({ read: stream.bytesRead, size }) }),
      close: async () => void stream.destroy(),
    };
  } catch (error) {
    throw unreadable(name, error);
  }
}
