import { fc, it as property } from '@fast-check/vitest';
import { OptionError } from 'evenkeel';
import { describe, expect, it } from 'vitest';
import { Counters } from '../../../src/adapters/ws/counters.js';
import type { EncodedFrame } from '../../../src/adapters/ws/frames.js';
import { checkQueue, Outbox, type QueueOptions } from '../../../src/adapters/ws/outbox.js';

const KEEPING = 256;
const frame = (id: number, bytes = 100): EncodedFrame => ({
  bytes: new Uint8Array(bytes).fill(id),
  binary: true,
});

/** An outbox over a socket whose writes finish when the test says so. */
function outboxOf(options: QueueOptions) {
  const counters = new Counters();
  const written: number[] = [];
  const pending: ((error?: Error) => void)[] = [];
  const log = { disconnected: 0 };
  const outbox = new Outbox(
    {
      ...checkQueue(options),
      write: ({ bytes }, done) => {
        written.push(bytes[0]!);
        pending.push(done);
      },
      disconnect: () => log.disconnected++,
    },
    counters,
  );
  const finish = (error?: Error): void => pending.shift()?.(error);
  const sum = (): number => counters.delivered + counters.dropped + counters.queued;
  return { outbox, counters, written, pending, log, finish, sum };
}

const threeFrames = 3 * (100 + KEEPING);

describe('Outbox', () => {
  it('writes one message at a time, in order', () => {
    const { outbox, written, counters, finish } = outboxOf({});
    for (const id of [1, 2, 3]) outbox.push(frame(id));
    expect(written).toEqual([1]);
    expect(counters).toMatchObject({ sent: 3, queued: 3, delivered: 0 });
    finish();
    expect(written).toEqual([1, 2]);
    finish();
    finish();
    expect(counters).toMatchObject({ sent: 3, queued: 0, delivered: 3, dropped: 0 });
  });

  it('drop-oldest keeps the newest that fit, beside the one being written', () => {
    const { outbox, written, counters, finish } = outboxOf({ maxBytes: threeFrames });
    for (const id of [1, 2, 3, 4, 5]) outbox.push(frame(id));
    expect(counters).toMatchObject({ sent: 5, dropped: 2, queued: 3 });
    for (let i = 0; i < 3; i++) finish();
    expect(written).toEqual([1, 4, 5]);
  });

  it('drop-oldest drops none for a message that would not fit all the same, beside the one being written', () => {
    const { outbox, written, counters, finish } = outboxOf({ maxBytes: threeFrames });
    for (const id of [1, 2]) outbox.push(frame(id));
    outbox.push(frame(3, threeFrames - KEEPING));
    expect(counters).toMatchObject({ sent: 3, dropped: 1, queued: 2 });
    for (let i = 0; i < 2; i++) finish();
    expect(written).toEqual([1, 2]);
    outbox.push(frame(4, threeFrames - KEEPING));
    expect(written).toEqual([1, 2, 4]);
  });

  it('drop-newest keeps the oldest', () => {
    const { outbox, written, counters, finish } = outboxOf({
      maxBytes: threeFrames,
      whenFull: 'drop-newest',
    });
    for (const id of [1, 2, 3, 4, 5]) outbox.push(frame(id));
    expect(counters).toMatchObject({ sent: 5, dropped: 2, queued: 3 });
    for (let i = 0; i < 3; i++) finish();
    expect(written).toEqual([1, 2, 3]);
  });

  it('disconnect gives up all that waits, and the client, once', () => {
    const { outbox, written, counters, log, finish } = outboxOf({
      maxBytes: threeFrames,
      whenFull: 'disconnect',
    });
    for (const id of [1, 2, 3, 4, 5]) outbox.push(frame(id));
    finish();
    expect(log.disconnected).toBe(1);
    expect(written).toEqual([1]);
    expect(counters).toMatchObject({ sent: 4, dropped: 3, queued: 0, delivered: 1 });
  });

  it.each(['drop-oldest', 'drop-newest', 'disconnect'] as const)(
    '%s: a message larger than the bound is dropped alone',
    (whenFull) => {
      const { outbox, written, counters, log, finish } = outboxOf({ maxBytes: threeFrames, whenFull });
      outbox.push(frame(1));
      outbox.push(frame(2));
      outbox.push(frame(3, threeFrames));
      finish();
      finish();
      expect(written).toEqual([1, 2]);
      expect(log.disconnected).toBe(0);
      expect(counters).toMatchObject({ sent: 3, delivered: 2, dropped: 1, queued: 0 });
    },
  );

  it('a message that could not be written counts as dropped, and the next is tried', () => {
    const { outbox, counters, finish } = outboxOf({});
    outbox.push(frame(1));
    outbox.push(frame(2));
    finish(new Error('reset'));
    finish();
    expect(counters).toMatchObject({ delivered: 1, dropped: 1, queued: 0 });
  });

  it('flush hands over all that waits', () => {
    const { outbox, written, counters, finish } = outboxOf({});
    for (const id of [1, 2, 3]) outbox.push(frame(id));
    outbox.flush();
    expect(written).toEqual([1, 2, 3]);
    for (let i = 0; i < 3; i++) finish();
    expect(counters).toMatchObject({ delivered: 3, queued: 0 });
  });

  it('close counts what is left as dropped, once, whatever is called back later', () => {
    const { outbox, written, counters, finish } = outboxOf({});
    for (const id of [1, 2, 3]) outbox.push(frame(id));
    outbox.close();
    outbox.close();
    outbox.push(frame(4));
    finish();
    expect(written).toEqual([1]);
    expect(counters).toMatchObject({ sent: 3, delivered: 0, dropped: 3, queued: 0 });
  });

  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.nat(2000) }) },
    { weight: 3, arbitrary: fc.constantFrom('finish', 'fail') },
    { weight: 1, arbitrary: fc.constantFrom('flush', 'close') },
  );
  property.prop([
    fc.array(step, { maxLength: 60 }),
    fc.integer({ min: 1, max: 6000 }),
    fc.constantFrom('drop-oldest', 'drop-newest', 'disconnect'),
  ])(
    'sent = delivered + dropped + queued, and the bound holds, whatever happens',
    (steps, maxBytes, whenFull) => {
      const { outbox, counters, pending, sum, finish } = outboxOf({ maxBytes, whenFull });
      for (const step of steps) {
        if (typeof step === 'object') outbox.push(frame(1, step.push));
        else if (step === 'finish') finish();
        else if (step === 'fail') finish(new Error('reset'));
        else outbox[step as 'flush' | 'close']();
        expect(sum()).toBe(counters.sent);
        expect(counters.queued * KEEPING).toBeLessThanOrEqual(maxBytes);
        expect(counters.queued).toBeGreaterThanOrEqual(0);
      }
      outbox.close();
      while (pending.length > 0) finish();
      expect(counters.queued).toBe(0);
      expect(counters.delivered + counters.dropped).toBe(counters.sent);
    },
  );

  it('is of 1 MiB by default, and drops the oldest', () => {
    expect(checkQueue({})).toEqual({ maxBytes: 2 ** 20, whenFull: 'drop-oldest' });
  });

  it.each([{ maxBytes: 0 }, { maxBytes: 1.5 }, { whenFull: 'block' }, { size: 1 }, null])(
    'refuses %j',
    (options) => {
      expect(() => checkQueue(options as never)).toThrow(OptionError);
    },
  );
});
