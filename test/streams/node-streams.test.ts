/** Node's own streams: what iterates is a stage of `pipeline`, and a Web Stream is a Duplex. */
import { Duplex, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { map, mergeMap } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Batch, iterate, minibatch, transformStream } from '../../src/index.js';
import { settled } from './counted.js';

const oops = new Error('oops');
const objects = { objectMode: true, highWaterMark: 2 } as const;

/** 0, 1, 2, …, and how many were read of them. */
class Numbers extends Readable {
  reads = 0;
  readonly #count: number;
  constructor(count = Infinity) {
    super(objects);
    this.#count = count;
  }
  override _read(): void {
    this.push(this.reads < this.#count ? this.reads++ : null);
  }
}

/** Writes, each of which takes a while; `failAt` is not written. */
class Slow extends Writable {
  readonly written: unknown[] = [];
  readonly #each: (written: number) => void;
  constructor(each: (written: number) => void = () => {}) {
    super(objects);
    this.#each = each;
  }
  override _write(chunk: unknown, _: string, done: (error?: Error) => void): void {
    setImmediate(() => {
      this.written.push(chunk);
      try {
        this.#each(this.written.length);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }
}

const batches = minibatch<number>({ size: 2 });
const data = map(({ data }: Batch<number>) => [...data]);
const through = (source: AsyncIterable<number>) => iterate(source, batches, data);
const asDuplex = () =>
  Duplex.fromWeb(transformStream(batches, data) as unknown as Parameters<typeof Duplex.fromWeb>[0], {
    objectMode: true,
  });

const unhandled = vi.fn();
beforeEach(() => void process.on('unhandledRejection', unhandled.mockClear()));
afterEach(async () => {
  await settled();
  process.off('unhandledRejection', unhandled);
  expect(unhandled.mock.calls).toEqual([]);
});

describe('a pipeline', () => {
  test('through iterate, to the rest at the end', async () => {
    const slow = new Slow();
    await pipeline(new Numbers(5), through, slow);
    expect(slow.written).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('through a Duplex', async () => {
    const slow = new Slow();
    await pipeline(new Numbers(5), asDuplex(), slow);
    expect(slow.written).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('reads ahead by no more than the high-water marks', async () => {
    const source = new Numbers(400);
    let most = 0;
    // Written, but for the two that may wait and the one under way; each of two; two that may be read ahead, and one under way.
    const slow = new Slow((written) => {
      most = Math.max(most, source.reads - 2 * written);
    });
    await pipeline(source, through, slow);
    expect(slow.written.length).toBe(200);
    expect(most).toBeLessThanOrEqual(2 * (2 + 1) + 2 + 1);
  });

  test('that fails at its end destroys its source', async () => {
    const source = new Numbers();
    const slow = new Slow((written) => {
      if (written === 3) throw oops;
    });
    await expect(pipeline(source, through, slow)).rejects.toBe(oops);
    expect(source.destroyed).toBe(true);
    const { reads } = source;
    await settled();
    expect(source.reads).toBe(reads);
  });

  test('that fails in an operator destroys both ends, after what was gathered', async () => {
    const source = new Numbers();
    const slow = new Slow();
    const broken = map((x: number) => {
      if (x === 3) throw oops;
      return x;
    });
    await expect(pipeline(source, (items) => iterate(items, broken, batches, data), slow)).rejects.toBe(oops);
    expect([source.destroyed, slow.destroyed]).toEqual([true, true]);
  });

  test('that is aborted lets go of its source, timers included', async () => {
    const source = new Readable({ ...objects, read: () => {} });
    const controller = new AbortController();
    const scheduled = vi.spyOn(globalThis, 'clearInterval');
    const ended = pipeline(
      source,
      (items: AsyncIterable<number>) => iterate(items, minibatch({ size: 9, maxWaitMs: 1e6 })),
      new Slow(),
      { signal: controller.signal },
    );
    source.push(1);
    await settled();
    controller.abort();
    await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
    await settled();
    expect(source.destroyed).toBe(true);
    expect(scheduled).toHaveBeenCalled();
    scheduled.mockRestore();
  });
});

test('a loop over a stream that is left destroys it', async () => {
  const source = new Numbers();
  for await (const x of iterate(
    source as AsyncIterable<number>,
    mergeMap((x) => [x, x]),
  ))
    if (x === 2) break;
  expect(source.destroyed).toBe(true);
  expect(source.reads).toBeLessThanOrEqual(3 + 2 + 1);
});
