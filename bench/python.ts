/**
 * Cases in Python, run by a process that waits to be told: its repeats are interleaved with ours, and it times them itself.
 * Each case is in `python/<module>_cases.py`; the worker's lines are in `python/worker.py`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Tensor } from 'evenkeel';
import type { Contender } from './contender.js';

export type Module = 'numpy' | 'torch' | 'sklearn';

/** Debian's packages live in the second, where the first is another. */
const interpreters = ['python3', '/usr/bin/python3'];
const worker = new URL('python/worker.py', import.meta.url).pathname;
const environment = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};

type Reply = Readonly<Record<string, unknown>>;

export interface Python {
  /** A case of the module on these tensors; or what is absent. */
  contender(name: string, kind: string, inputs: readonly Tensor[]): Contender | { readonly absent: string };
  stop(): void;
}

/** The first interpreter that has the module. */
export async function startPython(module: Module): Promise<Python> {
  for (const interpreter of interpreters) {
    const child = spawn(interpreter, [worker, module], {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const python = new Worker(child);
    const version = await python.version;
    if (version !== undefined) return new Started(`${module} ${version}`, python);
  }
  return { contender: () => ({ absent: module }), stop: () => {} };
}

class Worker {
  readonly version: Promise<string | undefined>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    child.on('error', () => lines.close()); // there is no such interpreter
    child.stdin.on('error', () => {}); // it may have ended: the next read will tell
    this.#lines = lines[Symbol.asyncIterator]();
    this.version = this.#read().then(
      (reply) => String(reply['version']),
      () => undefined,
    );
  }

  async ask(request: object): Promise<Reply> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#read();
  }

  stop(): void {
    this.#child.stdin.end();
  }

  async #read(): Promise<Reply> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the Python worker has ended');
    const reply = JSON.parse(value) as Reply;
    if ('error' in reply) throw new Error(`Python: ${reply['error']}`);
    return reply;
  }
}

class Started implements Python {
  readonly #library: string;
  readonly #worker: Worker;
  #cases = 0;

  constructor(library: string, worker: Worker) {
    this.#library = library;
    this.#worker = worker;
  }

  contender(name: string, kind: string, inputs: readonly Tensor[]): Contender {
    const id = this.#cases++;
    const worker = this.#worker;
    const arrays = inputs.map(({ data, shape }) => ({
      dtype: data instanceof Float32Array ? 'float32' : 'float64',
      shape,
      bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    }));
    let prepared: Promise<Reply> | undefined;
    const ready = (): Promise<Reply> => (prepared ??= worker.ask({ prepare: id, kind, arrays }));
    return {
      name: `${this.#library} ${name}`,
      pieces: 1,
      async run(times) {
        await ready();
        return Number((await worker.ask({ run: id, times }))['seconds']);
      },
      async result() {
        await ready();
        const bytes = Buffer.from(String((await worker.ask({ result: id }))['bytes']), 'base64');
        return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      },
    };
  }

  stop(): void {
    this.#worker.stop();
  }
}
